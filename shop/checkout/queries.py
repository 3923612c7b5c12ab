"""The basket: what a person would buy from a store right now, with what is in the way of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q, QuerySet

from shop.accounts.models import Shopper
from shop.accounts.queries import person_ids
from shop.cart.models import CartLine
from shop.cart.queries import lines_of
from shop.cart.services import NotForSale
from shop.catalog.models import Variant
from shop.core.clock import DatabaseNow
from shop.core.errors import Refusal
from shop.core.money import Money, total_of
from shop.orders.models import Order
from shop.orders.queries import open_order
from shop.payments.goods import ordinary_units
from shop.payments.states import LIVE_ATTEMPTS
from shop.pricing.queries import price_of, rates_for, tax_for
from shop.pricing.quote import NoDelivery, Quote, QuoteLine, quote
from shop.stock.errors import OutOfStock
from shop.stock.models import Hold, Piece
from shop.stock.queries import free_stock, holds_of
from shop.stock.states import Ending
from shop.stores.models import Store

TOLD_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class BasketLine:
    """A cart line at its present price. `was` is the price it was put in at, where that was another."""

    line_id: int
    variant: Variant
    quantity: int
    price: Money
    was: Money | None
    problem: Refusal | None

    @property
    def total(self) -> Money:
        """What the line costs now."""
        return self.price * self.quantity


@dataclass(frozen=True)
class HeldPieces:
    """The pieces of one hold, each at the price written on it."""

    hold: Hold
    variant: Variant
    pieces: tuple[Piece, ...]

    @property
    def total(self) -> Money:
        """What the pieces cost."""
        return total_of((piece.price for piece in self.pieces), currency=self.hold.allotment.currency)

    @property
    def is_being_paid(self) -> bool:
        """Whether a payment keeps them, so that their clock stands."""
        return self.hold.pay_until is not None


@dataclass(frozen=True)
class Basket:
    """Cart lines and held pieces, and what they cost a buyer in `country`.

    `problem` says why there is no quote. `lost` are holds whose time ran out in the last ten minutes.
    `open_order` is the person's order from this store that waits for its payment.
    """

    store: Store
    country: str
    lines: tuple[BasketLine, ...] = ()
    holds: tuple[HeldPieces, ...] = ()
    lost: tuple[Hold, ...] = ()
    quote: Quote | None = None
    problem: Refusal | None = None
    open_order: Order | None = field(default=None)

    @property
    def is_empty(self) -> bool:
        """Nothing to buy."""
        return not self.lines and not self.holds

    @property
    def items(self) -> Money:
        """Everything together that is sold in the store's currency, without shipping."""
        lines = _sold_in(self.store, self.lines)
        totals = [*(line.total for line in lines), *(held.total for held in self.holds)]
        return total_of(totals, currency=self.store.currency)

    @property
    def is_sent(self) -> bool:
        """Whether anything in it needs an address."""
        variants = [*(line.variant for line in self.lines), *(held.variant for held in self.holds)]
        return any(not variant.is_digital for variant in variants)

    @property
    def problems(self) -> list[Refusal]:
        """Everything that is in the way of buying it."""
        found = [line.problem for line in self.lines] + [self.problem]
        return [problem for problem in found if problem is not None]


def basket(shopper: Shopper, store: Store, country: str | None = None) -> Basket:
    """What a person would buy from a store, quoted for a country; the store's own where none is known yet."""
    country = country or str(store.country)
    waiting = open_order(shopper, store)
    lines, holds = _lines(shopper, store, kept=_kept(waiting)), _holds(shopper, store)
    costs: Quote | None = None
    problem: Refusal | None = None
    try:
        costs = _quote(store, country, lines, holds)
    except NoDelivery as refusal:
        problem = refusal
    return Basket(
        store=store,
        country=country,
        lines=lines,
        holds=holds,
        lost=tuple(_lost(shopper, store)),
        quote=costs,
        problem=problem,
        open_order=waiting,
    )


def _kept(waiting: Order | None) -> dict[int, int]:
    """Variant id to units that the person's own payment keeps: for them they are not sold out."""
    is_being_paid = waiting and waiting.attempts.filter(state__in=LIVE_ATTEMPTS).exists()
    return ordinary_units(waiting) if waiting and is_being_paid else {}


def _lines(shopper: Shopper, store: Store, *, kept: Mapping[int, int]) -> tuple[BasketLine, ...]:
    rows = list(lines_of(shopper, store))
    prices = price_of(row.variant for row in rows)
    problems = _problems(rows, store, kept=kept)
    return tuple(
        BasketLine(
            line_id=row.pk,
            variant=row.variant,
            quantity=row.quantity,
            price=prices[row.variant_id],
            was=row.price if row.price != prices[row.variant_id] else None,
            problem=problems.get(row.variant_id),
        )
        for row in rows
    )


def _problems(rows: list[CartLine], store: Store, *, kept: Mapping[int, int]) -> dict[int, Refusal]:
    """By variant: lines that share a variant share its stock, so their units are summed."""
    wanted: Counter[int] = Counter()
    for row in rows:
        wanted[row.variant_id] += 0 if row.variant.is_digital else row.quantity
    left = free_stock([variant_id for variant_id, quantity in wanted.items() if quantity])
    problems: dict[int, Refusal] = {
        variant_id: OutOfStock(variant_id=variant_id, left=free)
        for variant_id, free in left.items()
        if free + kept.get(variant_id, 0) < wanted[variant_id]
    }
    for row in rows:
        is_foreign = row.variant.currency != store.currency
        if is_foreign or row.variant.product.published_at is None or store.closed_at is not None:
            problems[row.variant_id] = NotForSale()
    return problems


def _sold_in(store: Store, lines: tuple[BasketLine, ...]) -> list[BasketLine]:
    """Without what was put in before the store, or the product, changed its currency: that does not add up."""
    return [line for line in lines if line.price.currency == store.currency]


def _holds(shopper: Shopper, store: Store) -> tuple[HeldPieces, ...]:
    holds = holds_of(shopper).filter(allotment__variant__product__store=store)
    return tuple(HeldPieces(hold, hold.allotment.variant, tuple(hold.pieces.all())) for hold in holds)


def _lost(shopper: Shopper, store: Store) -> QuerySet[Hold]:
    mine = Hold.objects.filter(shopper_id__in=person_ids(shopper), allotment__variant__product__store=store)
    ran_out = Q(ending__in=[Ending.EXPIRED, Ending.UNPAID], ended_at__gt=DatabaseNow() - TOLD_FOR)
    not_swept = Q(ended_at=None, pay_until=None, held_until__lte=DatabaseNow())
    again = mine.filter(Q(ending=Ending.SOLD) | Q(ended_at=None, held_until__gt=DatabaseNow()))
    gone = mine.filter(ran_out | not_swept).exclude(allotment__in=again.values("allotment"))
    return gone.select_related("allotment__variant__product")


def _quote(store: Store, country: str, lines: tuple[BasketLine, ...], holds: tuple[HeldPieces, ...]) -> Quote:
    """One quote line for each cart line, then one for each piece, as `wanted` puts them."""
    from_cart = [_quote_line(line.variant, line.price, line.quantity) for line in _sold_in(store, lines)]
    held = [_quote_line(one.variant, piece.price, 1) for one in holds for piece in one.pieces]
    return quote(
        lines=[*from_cart, *held],
        rates=rates_for(store, country),
        tax_rate_bp=tax_for(store, country),
        country=country,
        currency=store.currency,
    )


def _quote_line(variant: Variant, price: Money, quantity: int) -> QuoteLine:
    return QuoteLine(price=price, quantity=quantity, weight_g=variant.weight_g, is_digital=variant.is_digital)
