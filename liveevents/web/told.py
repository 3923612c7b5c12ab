"""The record of a drop in words: one sentence for each kind of entry, from its numbers alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from liveevents.drops.models import DropEntry, EntryKind
from shop.core.money import Money
from shop.stock.models import Audience
from shop.web.templatetags.stagedoor import money

Numbers = dict[str, Any]
Said = tuple[str, str]


@dataclass(frozen=True)
class Told:
    """An entry in words; `hours` are instants that it names, each after its word."""

    kind: str
    at: datetime
    said: str
    more: str
    hours: list[tuple[str, datetime]]


def told(entry: DropEntry, currency: str) -> Told:
    """What an entry says, with its prices in this currency."""
    numbers = entry.numbers
    hours = [(word(), datetime.fromisoformat(numbers[name])) for name, word in HOURS.items() if numbers.get(name)]
    said, more = WORDS[EntryKind(entry.kind)](numbers, currency)
    return Told(kind=entry.kind, at=entry.at, said=said, more=more, hours=hours)


HOURS: dict[str, Callable[[], str]] = {
    "opens_at": lambda: _("opens"),
    "closes_at": lambda: _("closes"),
    "was": lambda: _("instead of"),
}


def _planned(numbers: Numbers, currency: str) -> Said:
    said = ngettext(
        "One piece was set aside from the stock.", "{pieces} pieces were set aside from the stock.", numbers["pieces"]
    )
    return said.format(**numbers), _prices(numbers, currency)


def _announced(numbers: Numbers, currency: str) -> Said:
    return _("It was announced."), ""


def _opened(numbers: Numbers, currency: str) -> Said:
    said = ngettext("It opened with one piece.", "It opened with {pieces} pieces.", numbers["pieces"])
    most = ngettext("One a person.", "At most {per_person} a person.", numbers["per_person"])
    asked_of = AUDIENCES[Audience(numbers["audience"])]()
    return said.format(**numbers), " ".join(filter(None, [_prices(numbers, currency), most, asked_of])).format(
        **numbers
    )


def _extended(numbers: Numbers, currency: str) -> Said:
    return _("It stays open longer."), ""


def _price_changed(numbers: Numbers, currency: str) -> Said:
    said = _("The price of free pieces fell to {price}.").format(price=_price(numbers, currency))
    if not numbers["changed"]:
        return said, _("None was free: what comes back costs no more.")
    more = ngettext("One piece became cheaper.", "{changed} pieces became cheaper.", numbers["changed"])
    return said, f"{more.format(**numbers)} {_('Held and sold pieces kept their price.')}"


def _pieces_added(numbers: Numbers, currency: str) -> Said:
    said = ngettext("One piece was added, at {price}.", "{added} pieces were added, at {price} each.", numbers["added"])
    return said.format(price=_price(numbers, currency), **numbers), _("{pieces} in all.").format(**numbers)


def _sold(numbers: Numbers, currency: str) -> Said:
    return _("{sold} of {pieces} sold.").format(**numbers), ""


def _sold_out(numbers: Numbers, currency: str) -> Said:
    return _("Every piece was taken."), _where(numbers)


def _came_back(numbers: Numbers, currency: str) -> Said:
    said = ngettext("One piece came back.", "{free} pieces came back.", numbers["free"])
    return said.format(**numbers), _where(numbers)


def _refunded(numbers: Numbers, currency: str) -> Said:
    return _("Money went back: {sold} of {pieces} are sold now.").format(**numbers), ""


def _closed(numbers: Numbers, currency: str) -> Said:
    return ENDINGS[numbers["by"]](), f"{_where(numbers)} {_returned(numbers)}".strip()


def _settled(numbers: Numbers, currency: str) -> Said:
    return _("In the end {sold} of {pieces} were sold.").format(**numbers), _returned(numbers)


WORDS: dict[EntryKind, Callable[[Numbers, str], Said]] = {
    EntryKind.PLANNED: _planned,
    EntryKind.ANNOUNCED: _announced,
    EntryKind.OPENED: _opened,
    EntryKind.EXTENDED: _extended,
    EntryKind.PRICE_CHANGED: _price_changed,
    EntryKind.PIECES_ADDED: _pieces_added,
    EntryKind.SOLD: _sold,
    EntryKind.SOLD_OUT: _sold_out,
    EntryKind.CAME_BACK: _came_back,
    EntryKind.REFUNDED: _refunded,
    EntryKind.CLOSED: _closed,
    EntryKind.SETTLED: _settled,
}
ENDINGS: dict[str, Callable[[], str]] = {
    "clock": lambda: _("It closed at the end of its time."),
    "hand": lambda: _("The shop ended it."),
    "sold": lambda: _("Every piece was sold, so it ended."),
    "show": lambda: _("It ended with the show."),
}
AUDIENCES: dict[Audience, Callable[[], str]] = {
    Audience.EVERYONE: lambda: "",
    Audience.SIGNED_IN: lambda: _("For people with an account."),
    Audience.FOLLOWERS: lambda: _("For followers of the store."),
    Audience.CODE_WORD: lambda: _("For who knew the code word."),
}


def _where(numbers: Numbers) -> str:
    """ "3 sold, 1 held, 1 being paid for." """
    words = {"sold": _("{sold} sold"), "held": _("{held} held"), "paying": _("{paying} being paid for")}
    said = [word.format(**numbers) for name, word in words.items() if numbers[name] or name == "sold"]
    return ", ".join(said) + "."


def _returned(numbers: Numbers) -> str:
    """Empty where nothing did."""
    if not numbers["returned"]:
        return ""
    returned = numbers["returned"]
    back = ngettext("One piece went back to the stock.", "{returned} pieces went back to the stock.", returned)
    return back.format(returned=returned)


def _price(numbers: Numbers, currency: str) -> str:
    return money(Money(numbers["price_minor"], currency))


def _prices(numbers: Numbers, currency: str) -> str:
    """ "€15.00 a piece." or "The first 20 at €7.50, then 50 at €10.50." """
    steps = [(step["pieces"], money(Money(step["price_minor"], currency))) for step in numbers["prices"]]
    if len(steps) == 1:
        return _("{price} a piece.").format(price=steps[0][1])
    first = _("The first {pieces} at {price}")
    then = _("then {pieces} at {price}")
    said = [(then if place else first).format(pieces=step[0], price=step[1]) for place, step in enumerate(steps)]
    return ", ".join(said) + "."
