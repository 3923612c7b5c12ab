"""The real thing, spoken to as the model is: services, PostgreSQL, and connections that die."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, transaction

from config.invariants import ALWAYS, INVARIANTS, broken_invariants
from config.invariants.goods import GOODS
from config.invariants.line import LINE
from config.invariants.pieces import PIECES
from shop.accounts.models import Shopper, User
from shop.accounts.services import welcome
from shop.core.errors import Refusal
from shop.stock import services
from shop.stock.claiming import Ask, claim_together
from shop.stock.models import Allotment, Hold, Piece, Waiter
from tests import make
from tests.conftest import NOON, set_clock
from tests.machine.model import Asked, Verdict

# Pieces here are sold without an order, so what is said of payments is left out.
HERE = {name: sql for name, sql in ALWAYS.items() if name in PIECES | LINE | GOODS}
AFTER_A_SWEEP = {name: INVARIANTS[name] for name in ("no piece is free while somebody it fits waits for it",)}
Terms = dict[str, Any]


class House:
    """One sale among real rows. Shoppers and accounts go by the model's names, holds by the model's numbers."""

    def __init__(self, *, pieces: int, opens: int, closes: int, offer_s: int, takes_fewer: bool, **terms: Any) -> None:
        self.tell(0)
        self.sale = make.allotment(pieces=pieces, opens_at=at(opens), lasts=timedelta(seconds=closes - opens), **terms)
        Allotment.objects.filter(pk=self.sale.pk).update(offer_s=offer_s, takes_fewer=takes_fewer)
        self.shoppers: dict[str, UUID] = {}
        self.keys: dict[int, UUID] = {}
        self.accounts: dict[str, User] = {}

    def tell(self, now: int) -> None:
        """Set the database's clock, on whatever connection there is."""
        self.now = now
        set_clock(at(now))
        with connection.cursor() as cursor:
            cursor.execute("set synchronous_commit = off")  # only the machine's power is never cut here

    # The same verbs as the model's.

    def claim(self, asks: Sequence[Asked]) -> list[Verdict]:
        """Several asks at once."""
        wanted = [Ask(self._shopper(shopper), self._key(key), quantity) for shopper, key, quantity in asks]
        answers = claim_together(allotment_id=self.sale.pk, asks=wanted)
        return [(answer.verdict, tuple(answer.numbers) if answer.numbers else None) for answer in answers]

    def join(self, shopper: str, wanted: int, takes_fewer: bool) -> tuple[str, int | None]:
        """A place in the line."""
        with connection.cursor() as cursor:
            arguments: list[Any] = [self.sale.pk, self._shopper(shopper), wanted, takes_fewer, ""]
            cursor.execute("select verdict, place from join_line(%s, %s, %s, %s, %s)", arguments)
            ((verdict, place),) = cursor.fetchall()
        return verdict, place

    def leave(self, shopper: str) -> bool:
        """Out of the line."""
        return services.leave_line(allotment_id=self.sale.pk, shopper=self._row(shopper))

    def sign_in(self, shopper: str, account: str) -> None:
        """A guest's browser signs in."""
        if account not in self.accounts:
            self.accounts[account] = make.user()
        welcome(shopper_id=self._shopper(shopper), user=self.accounts[account])

    def let_go(self, name: int) -> str:
        """Give back."""
        hold = self._hold(name)
        return done(lambda: services.let_go(hold_id=hold.pk, shopper=hold.shopper))

    def fence(self, names: Sequence[int]) -> str:
        """Start to pay."""
        return done(lambda: within(services.fence, hold_ids=self._ids(names), for_s=300))

    def unfence(self, names: Sequence[int], least_s: int) -> str:
        """The payment died."""
        return done(lambda: within(services.unfence, hold_ids=self._ids(names), least_s=least_s))

    def sell(self, names: Sequence[int]) -> str:
        """The payment was authorised."""

        def sell() -> None:
            if not within_savepoint(services.sell, hold_ids=self._ids(names)):
                raise Gone

        try:
            return done(sell)
        except Gone:
            return "gone"

    def take_back(self, numbers: Sequence[int]) -> int:
        """Refunded, back."""
        return int(within(services.take_back, piece_ids=self._pieces(numbers)))

    def write_off(self, numbers: Sequence[int]) -> int:
        """Refunded, gone."""
        return int(within(services.write_off, piece_ids=self._pieces(numbers)))

    def sweep(self) -> int:
        """What tick does each second."""
        freed = services.free_due()
        services.end_due_allotments()
        return freed

    def end(self) -> bool:
        """By hand."""
        return services.end_allotment(allotment_id=self.sale.pk)

    # What is to be seen afterwards.

    def seen(self) -> dict[str, object]:
        """Every row, in the model's words."""
        waits = list(Waiter.objects.filter(allotment=self.sale).order_by("pk"))
        names = {key: name for name, key in self.keys.items()}
        names |= {wait.key: -position for position, wait in enumerate(waits, start=1)}
        shoppers = {row: name for name, row in self.shoppers.items()}
        holds = {hold.pk: hold for hold in Hold.objects.filter(allotment=self.sale)}
        named = {hold.pk: names[hold.key] for hold in holds.values()}
        pieces = Piece.objects.filter(allotment=self.sale)
        return {
            "pieces": {piece.number: (piece.state, named.get(piece.hold_id or 0)) for piece in pieces},
            "holds": {named[hold.pk]: self._seen(hold, shoppers) for hold in holds.values()},
            "line": [
                (shoppers[wait.shopper_id], wait.quantity, named.get(wait.hold_id or 0), wait.left_at is not None)
                for wait in waits
            ],
            "stock": make.on_hand(self.sale.variant),
        }

    def broken(self, *, is_swept: bool) -> dict[str, list[tuple[object, ...]]]:
        """What must be true and is not."""
        return broken_invariants(HERE | AFTER_A_SWEEP if is_swept else HERE)

    def forget(self) -> None:
        """Leave no sale behind that the next one's clock would wake."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            for table in ("shop_piece", "shop_waiter", "shop_hold", "shop_allotment"):
                cursor.execute(f"delete from {table}")  # noqa: S608 - the names above
        set_clock(None)

    def _seen(self, hold: Hold, shoppers: dict[UUID, str]) -> tuple[object, ...]:
        kept_s = None if hold.kept_s is None else round(hold.kept_s)
        return shoppers[hold.shopper_id], hold.asked, tuple(hold.numbers), seconds(hold.held_until), kept_s, hold.ending

    def _shopper(self, name: str) -> UUID:
        return self.shoppers.setdefault(name, uuid4())

    def _row(self, name: str) -> Shopper:
        return Shopper.objects.get_or_create(pk=self._shopper(name))[0]

    def _key(self, name: int) -> UUID:
        return self.keys.setdefault(name, uuid4())

    def _hold(self, name: int) -> Hold:
        holds = Hold.objects.filter(allotment=self.sale).select_related("shopper")
        return holds.get(key=self.keys[name]) if name > 0 else holds.get(waiter=self._waiter(-name))

    def _waiter(self, position: int) -> Waiter:
        return Waiter.objects.filter(allotment=self.sale).order_by("pk")[position - 1]

    def _ids(self, names: Sequence[int]) -> list[int]:
        return [self._hold(name).pk for name in names]

    def _pieces(self, numbers: Sequence[int]) -> list[int]:
        return list(Piece.objects.filter(allotment=self.sale, number__in=numbers).values_list("pk", flat=True))


class Gone(Exception):
    """Something that should have been fenced was not."""


class Cut(Exception):
    """The connection died under a statement."""


@contextmanager
def cut(*, at_statement: int, is_late: bool) -> Iterator[None]:
    """The connection dies before its n-th statement reaches the database, or (late) before the answer is here."""
    count = 0

    def execute(run: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count != at_statement:
            return run(*arguments)
        if is_late:
            run(*arguments)
        connection.connection.close()
        raise Cut

    with connection.execute_wrapper(execute):
        yield


def within(service: Callable[..., Any], **arguments: Any) -> Any:
    """A building block in a transaction of its own."""
    with transaction.atomic():
        return service(**arguments)


def within_savepoint(service: Callable[..., Any], **arguments: Any) -> Any:
    """The same, rolled back where it says False."""
    with transaction.atomic():
        answer = service(**arguments)
        transaction.set_rollback(not answer)
        return answer


def done(work: Callable[[], object]) -> str:
    """done, or the code of the refusal."""
    try:
        work()
    except Refusal as refusal:
        return refusal.code
    return "done"


def reconnect(house: House) -> None:
    """What a process does that lost its connection."""
    try:
        connection.close()
    except DatabaseError:
        connection.connection = None
    house.tell(house.now)


def at(second: int) -> datetime:
    """A second of the model's clock."""
    return NOON + timedelta(seconds=second)


def seconds(instant: datetime) -> int:
    """The model's clock at an instant."""
    return round((instant - NOON).total_seconds())
