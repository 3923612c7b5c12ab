"""Planning a drop: its terms are checked, then its pieces leave the stock."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from liveevents.drops import record
from liveevents.drops.errors import (
    LEAST_DURATION_S,
    LEAST_HOLD_S,
    LEAST_LETTERS,
    LEAST_OFFER_S,
    MOST_DURATION_S,
    MOST_HOLD_S,
    MOST_OFFER_S,
    BadCodeWord,
    BadDuration,
    BadHoldTime,
    BadLimit,
    BadOfferTime,
    BadPieces,
    BadTitle,
    ShowIsOver,
    TooFewInStock,
    WrongVariant,
)
from liveevents.drops.ladder import Step, check_price, prices_by_place
from liveevents.drops.models import Drop
from liveevents.events.models import LiveEvent
from liveevents.events.services import locked
from shop.catalog.models import Variant
from shop.core import facts
from shop.core.money import Money
from shop.pricing.services import open_offer
from shop.stock.claiming import MOST_PIECES
from shop.stock.errors import OutOfStock
from shop.stock.models import OFFER_S, Audience
from shop.stock.services import carve
from shop.stock.words import plain_word


@transaction.atomic(durable=True)
def plan_drop(
    *,
    event: LiveEvent,
    variant: Variant,
    price: Money,
    pieces: int,
    per_person: int,
    hold_s: int,
    duration_s: int,
    title: str,
    ladder: Sequence[Step] = (),
    takes_fewer: bool = False,
    audience: Audience = Audience.EVERYONE,
    code_word: str = "",
    offer_s: int = OFFER_S,
) -> Drop:
    """Set so many pieces of a variant aside for a sale in a show; it opens when somebody says so.

    The first pieces cost what the `ladder` says, the rest `price`. `takes_fewer`: who asks for more than are left gets
    what is left, else nothing. `code_word` as it is said, for an audience that knows it. `offer_s`: the line's turn.
    Raises ShowIsOver, and for a wrong field one of WrongVariant, BadTitle, BadPrice, BadPieces, BadLimit, BadHoldTime,
    BadDuration, BadOfferTime, BadCodeWord, BadLadder, FallingLadder and TooFewInStock, with `field`.
    """
    _check_terms(pieces=pieces, per_person=per_person, title=title)
    _check_times(hold_s=hold_s, duration_s=duration_s, offer_s=offer_s)
    word = _checked_word(audience, code_word)
    event = _on_the_way(event)
    if variant.product.store_id != event.store_id or variant.is_digital:
        raise WrongVariant(field="variant")
    check_price(price, currency=event.store.currency, field="price")
    prices_minor = prices_by_place(ladder=ladder, price=price, pieces=pieces)
    offer = open_offer(variant=variant, price=price, for_everyone=False, opens_at=None, closes_at=None)
    with _stock_at_its_field():
        allotment = carve(
            variant=variant,
            prices_minor=prices_minor,
            currency=price.currency,
            per_person=per_person,
            hold_s=hold_s,
            offer_s=offer_s,
            takes_fewer=takes_fewer,
            audience=audience,
            code_word=word,
        )
    drop = Drop.objects.create(
        event=event, title=title.strip(), offer=offer, allotment=allotment, duration_s=duration_s
    )
    record.write_plan(drop=drop)
    facts.record("drop.planned", subject=drop.pk, event=event.pk, pieces=pieces, price_minor=price.amount_minor)
    return drop


def _on_the_way(event: LiveEvent) -> LiveEvent:
    """The show, locked. Raises ShowIsOver."""
    event = locked(event.pk)
    if not event.is_planned and not event.is_live:
        raise ShowIsOver
    return event


@contextmanager
def _stock_at_its_field() -> Iterator[None]:
    """Raises TooFewInStock(left) where the stock says that it has too few."""
    try:
        yield
    except OutOfStock as none_left:
        raise TooFewInStock(field="pieces", left=none_left.details["left"]) from none_left


def _check_terms(*, pieces: int, per_person: int, title: str) -> None:
    """Raises the refusal of the first term that is out of its range."""
    if not title.strip() or len(title.strip()) > 120:
        raise BadTitle(field="title")
    if not 1 <= pieces <= MOST_PIECES:
        raise BadPieces(field="pieces")
    if not 1 <= per_person <= pieces:
        raise BadLimit(field="per_person")


def _check_times(*, hold_s: int, duration_s: int, offer_s: int) -> None:
    """The same for seconds."""
    if not LEAST_HOLD_S <= hold_s <= MOST_HOLD_S:
        raise BadHoldTime(field="hold_s")
    if not LEAST_DURATION_S <= duration_s <= MOST_DURATION_S:
        raise BadDuration(field="duration_s")
    if not LEAST_OFFER_S <= offer_s <= MOST_OFFER_S:
        raise BadOfferTime(field="offer_s")


def _checked_word(audience: Audience, code_word: str) -> str:
    """The word as it is compared, empty where none is asked for. Raises BadCodeWord with its field."""
    if audience != Audience.CODE_WORD and code_word.strip():
        raise BadCodeWord(
            "Nobody is asked for this word: let the drop be for who knows it, or leave it out.", field="code_word"
        )
    word = plain_word(code_word)
    if audience == Audience.CODE_WORD and len(word) < LEAST_LETTERS:
        raise BadCodeWord(field="code_word")
    return word
