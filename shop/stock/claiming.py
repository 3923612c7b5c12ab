"""Claims: what is asked of a sale, for many at once, and what the database answered. One call of one SQL function."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from shop.core.errors import Refusal
from shop.stock import errors

MOST_PIECES: Final = 10_000
# Unpaid holds that one network address may have at a time. A mobile carrier puts thousands behind one.
MOST_UNPAID_OF_A_NETWORK: Final = 200
CLAIM: Final = (
    "select * from claim_pieces(%s, %s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::bigint[], %s) order by ask"
)
REFUSALS: Final[dict[str, type[Refusal]]] = {
    "unknown": errors.UnknownSale,
    "not_yet": errors.NotYet,
    "over": errors.Over,
    "sign_in": errors.SignInFirst,
    "follow": errors.FollowersOnly,
    "code_word": errors.WrongWord,
    "sits_out": errors.SitsOut,
    "limit": errors.LimitReached,
    "crowded": errors.NetworkCrowded,
    "too_few": errors.TooFewLeft,
    "sold_out": errors.SoldOut,
    "key_reused": errors.KeyReused,
    "claimable": errors.NothingToWaitFor,
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One shopper wants so many pieces; the key makes asking twice harmless.

    `word` is the code word they know, as plain_word() writes it; `network` a digest of the address they come from,
    None for one of our own machines.
    """

    shopper_id: UUID
    key: UUID
    quantity: int
    word: str = ""
    network: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the database said to one ask; the verdicts are those of claim_pieces() in `sql/rush.sql`."""

    verdict: str
    hold_id: int | None = None
    numbers: Sequence[int] | None = None
    prices_minor: Sequence[int] | None = None
    ms_left: int | None = None
    left: int | None = None


@dataclass(frozen=True)
class Claimed:
    """What a claim holds: pieces' numbers, the price of each in the same order, and the milliseconds left to pay."""

    hold_id: int
    numbers: tuple[int, ...]
    prices_minor: tuple[int, ...]
    ms_left: int


def claim_together(*, allotment_id: int, asks: Sequence[Ask], on: BaseDatabaseWrapper | None = None) -> list[Answer]:
    """Ask for many at once, in the order of arrival; an answer for each. Each shopper at most once.

    `on` is another connection than this thread's. A quantity is 1 to MOST_PIECES.
    """
    columns = [
        _array(ask.shopper_id.hex for ask in asks),
        _array(ask.key.hex for ask in asks),
        _array(str(ask.quantity) for ask in asks),
        _array(f'"{ask.word}"' if ask.word.isalnum() else '""' for ask in asks),
        _array("null" if ask.network is None else str(ask.network) for ask in asks),
    ]
    with (on or connection).cursor() as cursor:
        cursor.execute(CLAIM, [allotment_id, *columns, MOST_UNPAID_OF_A_NETWORK])
        return [Answer(*row[1:]) for row in cursor.fetchall()]


def _array(items: Iterable[str]) -> str:
    """An array as PostgreSQL reads it from text: the driver's own way looks at every item, and takes a claim longer.

    Nothing here needs escaping: a word is letters and digits, or no sale's.
    """
    return "{" + ",".join(items) + "}"


def claim_pieces(*, allotment_id: int, shopper_id: UUID, key: UUID, quantity: int, word: str = "") -> Claimed:
    """Take the first free pieces for one shopper; the same key and quantity get the same answer.

    Raises what granted() raises, and BadQuantity.
    """
    check_quantity(quantity)
    (answer,) = claim_together(allotment_id=allotment_id, asks=[Ask(shopper_id, key, quantity, word)])
    return granted(answer)


def check_quantity(quantity: int) -> None:
    """Raises BadQuantity for what is no number of pieces."""
    if not 1 <= quantity <= MOST_PIECES:
        raise errors.BadQuantity


def granted(answer: Answer) -> Claimed:
    """What was given.

    Raises UnknownSale, NotYet(ms_left), Over, SignInFirst, FollowersOnly, WrongWord, SitsOut(ms_left), LimitReached,
    NetworkCrowded, TooFewLeft(left), SoldOut, KeyReused; and HoldOver(ending) for a key whose hold is over.
    """
    if answer.verdict in REFUSALS:
        raise refusal_of(answer.verdict, ms_left=answer.ms_left, left=answer.left)
    if answer.verdict not in ("held", "sold"):
        raise errors.HoldOver(ending=answer.verdict)
    assert answer.hold_id is not None
    return Claimed(
        hold_id=answer.hold_id,
        numbers=tuple(answer.numbers or ()),
        prices_minor=tuple(answer.prices_minor or ()),
        ms_left=answer.ms_left or 0,
    )


def refusal_of(verdict: str, *, ms_left: int | None = None, left: int | None = None) -> Refusal:
    """The Refusal of a verdict, with what is known beside it."""
    details = {name: value for name, value in (("ms_left", ms_left), ("left", left)) if value is not None}
    if verdict == "not_yet":
        details["ms_left"] = ms_left  # type: ignore[assignment] # None says that no opening is set
    return REFUSALS[verdict](**details)
