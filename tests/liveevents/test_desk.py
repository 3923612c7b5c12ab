"""The desk on a real connection: what arrives together is asked together, and nobody spoils it for the others."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from liveevents.claims import services
from liveevents.claims.desk import Desk, Waiting, sort_out
from liveevents.claims.notices import MOST_SALES, Notices
from shop.accounts.models import Shopper
from shop.core.clock import database_now
from shop.core.errors import Busy, Refusal
from shop.stock import services as stock
from shop.stock.claiming import Answer, Ask, claim_together
from shop.stock.models import Hold, Piece
from shop.stock.states import PieceState
from tests import make
from tests.make import live

WAITS_FOR_A_LOCK = """
    select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk(Notices())
    yield desk
    desk.close()


def ask(shopper: UUID | None = None, key: UUID | None = None, quantity: int = 1) -> Ask:
    return Ask(shopper or uuid4(), key or uuid4(), quantity)


@pytest.fixture
def together(desk: Desk) -> Iterator[Callable[..., list[Answer | Busy]]]:
    """Ask for many while the sale is locked by somebody else, so that all of them wait when it is free again."""
    with ThreadPoolExecutor(40) as threads:

        def answer(sale_id: int, one: Ask) -> Answer | Busy:
            try:
                return desk.ask(sale_id, one)
            except Busy as refusal:
                return refusal

        def run(sale_id: int, *asks: Ask) -> list[Answer | Busy]:
            with held_up(sale_id) as let_go:
                first = threads.submit(desk.ask, sale_id, ask())
                wait_for_somebody_at(sale_id)
                rest = []
                for number, one in enumerate(asks, start=1):
                    rest.append(threads.submit(answer, sale_id, one))
                    while desk._queue.qsize() < number:
                        time.sleep(0.001)
                let_go()
                first.result()
                return [one.result() for one in rest]

        yield run


class held_up:
    """Somebody locks a sale, in a transaction of their own."""

    def __init__(self, sale_id: int) -> None:
        self.sale_id = sale_id
        self.other = connection.copy()

    def __enter__(self) -> Callable[[], None]:
        self.other.set_autocommit(False)
        self.other.cursor().execute("select 1 from shop_allotment where id = %s for update", [self.sale_id])
        return self.other.rollback

    def __exit__(self, *_: object) -> None:
        self.other.close()


def wait_for_somebody_at(sale_id: int) -> None:
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute(WAITS_FOR_A_LOCK)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.002)
    raise AssertionError(f"nobody waits for sale {sale_id}")


def count_calls(desk: Desk) -> list[str]:
    calls: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        calls.append(sql)
        return execute(sql, *rest)

    line = desk._line()
    line.inc_thread_sharing()
    line.execute_wrappers.append(note)
    return calls


def test_what_waits_while_one_is_asked_is_asked_together(desk: Desk, together: Any) -> None:
    sale, calls = make.allotment(pieces=50), count_calls(desk)

    answers = together(sale.pk, *(ask() for _ in range(30)))

    assert {answer.verdict for answer in answers} == {"held"}
    assert sorted(number for answer in answers for number in answer.numbers or ()) == list(range(2, 32))
    assert [call for call in calls if "claim_pieces" in call] == calls[-2:]


def test_the_last_pieces_go_to_who_came_first(together: Any) -> None:
    sale, asks = make.allotment(pieces=4), [ask() for _ in range(10)]

    answers = together(sale.pk, *asks)

    assert [answer.verdict for answer in answers].count("held") == 3
    assert [answer.verdict for answer in answers].count("sold_out") == 7
    assert Piece.objects.filter(state=PieceState.HELD).count() == 4


def test_a_double_click_is_one_ask(desk: Desk, together: Any, vera: Shopper) -> None:
    sale, once = make.allotment(pieces=5), ask(make.shopper().pk)

    first, second = together(sale.pk, once, once)

    assert first == second
    assert Hold.objects.filter(shopper_id=once.shopper_id).count() == 1


def test_one_person_in_two_browsers_is_held_to_the_limit_within_a_group(together: Any) -> None:
    person, sale = make.user(), make.allotment(pieces=9, per_person=2)
    tabs = [make.shopper(person).pk for _ in range(5)]

    answers = together(sale.pk, *(ask(tab) for tab in tabs))

    assert sorted(answer.verdict for answer in answers) == ["held", "held", "limit", "limit", "limit"]


def test_one_bad_ask_does_not_spoil_the_others(together: Any) -> None:
    sale = make.allotment(pieces=9)
    too_large_for_the_database = ask(quantity=2**40)

    good, bad, better = together(sale.pk, ask(), too_large_for_the_database, ask())

    assert (good.verdict, better.verdict) == ("held", "held")
    assert isinstance(bad, Busy)


def test_the_asks_of_two_sales_do_not_mix(desk: Desk) -> None:
    mugs, cups = make.allotment(pieces=30), make.allotment(pieces=30)
    asked = [(sale.pk, ask()) for sale in (mugs, cups) * 15]

    with ThreadPoolExecutor(30) as threads:
        answers = list(threads.map(lambda one: desk.ask(*one), asked))

    assert {answer.verdict for answer in answers} == {"held"}
    assert Hold.objects.filter(allotment=mugs).count() == Hold.objects.filter(allotment=cups).count() == 15


def test_who_comes_when_too_many_wait_is_sent_away_at_once() -> None:
    sale, desk = make.allotment(pieces=9), Desk(Notices(), most_waiting=2)

    with ThreadPoolExecutor(2) as threads, held_up(sale.pk) as let_go:
        waiting = [threads.submit(desk.ask, sale.pk, ask()) for _ in range(2)]
        wait_for_somebody_at(sale.pk)
        while desk._room._value:
            time.sleep(0.001)
        with pytest.raises(Busy):
            desk.ask(sale.pk, ask())
        let_go()
        assert [one.result().verdict for one in waiting] == ["held", "held"]
    desk.close()


def test_a_sale_that_somebody_keeps_locked_makes_busy_and_grants_nothing(desk: Desk) -> None:
    sale = make.allotment(pieces=9)

    with held_up(sale.pk), pytest.raises(Busy):
        desk.ask(sale.pk, ask())

    assert not Hold.objects.exists()


def test_a_sale_that_was_locked_is_left_alone_for_a_moment_and_holds_up_no_other(desk: Desk) -> None:
    stuck, other = make.allotment(pieces=9), make.allotment(pieces=9)
    calls = count_calls(desk)

    with held_up(stuck.pk):
        for _ in range(5):
            with pytest.raises(Busy):
                desk.ask(stuck.pk, ask())
        assert desk.ask(other.pk, ask()).verdict == "held"

    assert len([call for call in calls if "claim_pieces" in call]) == 2


def test_a_lost_connection_is_made_again_and_the_claim_counts_once(desk: Desk) -> None:
    sale, key = make.allotment(pieces=9, per_person=3), uuid4()
    shopper = make.shopper().pk
    desk.ask(sale.pk, ask(shopper, key))
    end_connections_of(desk)

    again = desk.ask(sale.pk, ask(shopper, key))

    assert again.numbers == [1]
    assert Hold.objects.count() == 1


def end_connections_of(desk: Desk) -> None:
    pid = desk._line().connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [pid])


class Torn(Notices):
    """A door from which the first notice falls, and takes the desk's thread with it."""

    is_torn = False

    def heed(self, sale_id: int, answer: Answer, *, asked_at: float) -> None:
        if not self.is_torn:
            self.is_torn = True
            raise RuntimeError
        super().heed(sale_id, answer, asked_at=asked_at)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_desk_whose_thread_was_ended_by_a_bug_opens_again() -> None:
    sale, desk = make.allotment(pieces=9), Desk(Torn())
    desk.ask(sale.pk, ask())
    assert desk._thread is not None
    desk._thread.join(timeout=5)

    answer = desk.ask(sale.pk, ask())

    desk.close()
    assert answer.verdict == "held"


def test_an_ask_inside_a_transaction_belongs_to_it(desk: Desk) -> None:
    sale = make.allotment(pieces=9)

    with transaction.atomic():
        assert desk.ask(sale.pk, ask()).verdict == "held"
        transaction.set_rollback(True)

    assert not Hold.objects.exists()


def test_sorting_keeps_the_order_of_arrival_and_one_ask_a_shopper() -> None:
    vera, victor = uuid4(), uuid4()
    first, other_sale, twin = Waiting(1, ask(vera)), Waiting(2, ask(victor)), Waiting(1, ask(vera))
    same = Waiting(1, first.ask)

    group, left = sort_out([first, other_sale, twin, same])

    assert group == [[first, same]]
    assert left == [other_sale, twin]


def test_what_is_sold_out_is_said_without_the_database_and_for_half_a_second(desk: Desk) -> None:
    sale = make.allotment(pieces=1)
    winner = ask(make.shopper().pk)
    desk.ask(sale.pk, winner)
    desk.ask(sale.pk, ask())
    wait_for_a_notice(desk, sale.pk)
    now = desk.notices.clock()

    assert desk.notices.said(sale.pk, str(uuid4())) == Answer("sold_out")
    desk.notices.clock = lambda: now + 0.6
    assert desk.notices.said(sale.pk, str(uuid4())) is None


def test_whose_key_may_have_won_walks_past_the_notice(desk: Desk) -> None:
    sale = make.allotment(pieces=1)
    winner = ask(make.shopper().pk)
    (elsewhere,) = claim_together(allotment_id=sale.pk, asks=[winner])
    desk.ask(sale.pk, ask())
    wait_for_a_notice(desk, sale.pk)

    assert elsewhere.verdict == "held"
    assert desk.notices.said(sale.pk, str(winner.shopper_id)) is None
    assert desk.ask(sale.pk, winner).numbers == [1]


def test_who_may_have_won_walks_past_the_notice_of_one_sale_too_many() -> None:
    notices = Notices()
    for sale_id in range(1, MOST_SALES + 1):
        notices.note_holders(sale_id, [])
        notices.heed(sale_id, Answer("sold_out"), asked_at=notices.clock())
    winner = uuid4()

    notices.note_holders(500, [(7, winner)])
    notices.heed(500, Answer("sold_out"), asked_at=notices.clock())

    assert notices.said(500, str(uuid4())) == Answer("sold_out")
    assert notices.said(500, str(winner)) is None
    assert notices.said(1, str(uuid4())) is None


def test_who_comes_early_hears_how_long_it_is_by_a_clock_that_runs(desk: Desk) -> None:
    sale = make.allotment(opens_at=database_now() + timedelta(seconds=30))
    desk.ask(sale.pk, ask())
    wait_for_a_notice(desk, sale.pk)
    now = desk.notices.clock()

    desk.notices.clock = lambda: now + 0.1
    said = desk.notices.said(sale.pk, str(uuid4()))

    assert said is not None
    assert said.verdict == "not_yet"
    assert said.ms_left is not None
    assert 29_000 < said.ms_left < 30_000
    desk.notices.clock = lambda: now + 0.3
    assert desk.notices.said(sale.pk, str(uuid4())) is None


def test_a_piece_that_comes_back_takes_the_notice_down(desk: Desk) -> None:
    sale, vera = make.allotment(pieces=1), make.shopper()
    held = desk.ask(sale.pk, ask(vera.pk))
    desk.ask(sale.pk, ask())
    assert held.hold_id is not None
    stock.let_go(hold_id=held.hold_id, shopper=vera)

    assert desk.ask(sale.pk, ask()).verdict == "held"
    assert desk.notices.said(sale.pk, str(uuid4())) is None


def test_a_claim_says_sold_out_without_a_query(django_assert_num_queries: Any) -> None:
    drop = live.drop(pieces=1)
    services.claim(drop_id=drop.pk, shopper_id=uuid4(), key=uuid4(), quantity=1)
    lost = {"drop_id": drop.pk, "quantity": 1}
    refused(**lost)
    wait_for_a_notice(services.DESK, drop.allotment_id)
    calls = count_calls(services.DESK)

    with django_assert_num_queries(0):
        assert [refused(**lost) for _ in range(5)] == ["sold_out"] * 5

    assert calls == []


def wait_for_a_notice(desk: Desk, sale_id: int) -> None:
    """The desk answers first, and hangs its notice up then."""
    for _ in range(1000):
        if desk.notices.said(sale_id, str(uuid4())):
            return
        time.sleep(0.001)
    raise AssertionError(f"no notice for sale {sale_id}")


def refused(*, drop_id: int, quantity: int) -> str:
    """What a stranger hears, who reads the notice first, as at every edge."""
    with pytest.raises(Refusal) as no:
        read_and_claim(drop_id=drop_id, quantity=quantity, shopper=uuid4())
    return no.value.code


def read_and_claim(*, drop_id: int, quantity: int, shopper: UUID) -> None:
    services.read_notice(drop_id=drop_id, shopper_id=str(shopper))
    services.claim(drop_id=drop_id, shopper_id=shopper, key=uuid4(), quantity=quantity)
