"""Currencies: which exist, how many decimals they have, and the least amount a card can be charged."""

_ALL = """
aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf
clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr
ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur
mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr
sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof
xpf yer zar zmw
"""
SUPPORTED = frozenset(_ALL.split())
ZERO_DECIMAL = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf")
)
THREE_DECIMAL = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
LEAST = {"gbp": 30, "jpy": 50, "sek": 300, "nok": 300, "dkk": 250, "czk": 1500, "huf": 17500, "mxn": 1000, "hkd": 400}
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cad": "CA$", "aud": "A$", "chf": "CHF "}


def least_charge(*, currency: str) -> int:
    """The smallest amount, in minor units, that a card may be charged in this currency."""
    return LEAST.get(currency, 50)


def decimals(*, currency: str) -> int:
    """How many digits follow the decimal point."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def written(*, amount: int, currency: str) -> str:
    """An amount in minor units as a person reads it: `$12.50`, `¥1,200`, `PLN 9.00`."""
    places = decimals(currency=currency)
    whole, part = divmod(amount, 10**places)
    sign = SIGNS.get(currency, currency.upper() + " ")
    return f"{sign}{whole:,}.{part:0{places}d}" if places else f"{sign}{whole:,}"
