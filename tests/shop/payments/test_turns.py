"""Many want to pay at once: whose page is opened when, and what the waiting cost nobody."""

from datetime import timedelta

import pytest

from config.work import attempts_owed
from shop.accounts.models import Shopper
from shop.core import clock
from shop.orders.models import Order
from shop.payments import gateway
from shop.payments.models import Attempt, Turn, WebhookEvent
from shop.payments.pace import ENDPOINT_A_SECOND
from shop.payments.queries import attempts_to_look_at, attempts_to_open, attempts_to_settle, progress
from shop.payments.seen import Status
from shop.payments.services import apply, give_up, handle_webhook, talk, talk_briefly
from shop.payments.states import AttemptState
from shop.payments.words import waiting_for
from shop.stock.models import Allotment, Hold, Piece
from shop.stock.states import PieceState
from shop.stores.models import Store
from tests import make
from tests.fakes import Sandbox

SOON = timedelta(seconds=5)


def sale(store: Store, pieces: int) -> Allotment:
    return make.allotment(make.variant(make.product(store), stock=pieces), pieces=pieces)


def buyers(of: Allotment, count: int) -> list[Order]:
    """So many people, one after the other, want to pay a piece."""
    orders = []
    for _ in range(count):
        buyer = make.shopper()
        make.hold(buyer, of)
        orders.append(make.order(buyer, of.variant.product.store))
    return orders


def in_turn() -> list[Order]:
    return [attempt.order for attempt in attempts_to_open(clock.now() + SOON)]


def before(order: Order) -> int:
    return progress(order, at=clock.now()).before_you


def webhook(attempt: Attempt, number: int) -> WebhookEvent:
    """Something happened to the attempt's page, Stripe says."""
    return WebhookEvent.objects.create(
        id=f"evt_{number}", kind="checkout.session.completed", subject=attempt.session_id
    )


@pytest.fixture
def order(vera: Shopper, store: Store) -> Order:
    """One numbered piece, held and checked out."""
    make.hold(vera, sale(store, 3))
    return make.order(vera, store)


def test_buyers_of_a_small_sale_do_not_wait_behind_those_of_a_large_one(store: Store) -> None:
    large, small = buyers(sale(store, 9), 9), buyers(sale(store, 3), 3)

    assert in_turn() == [large[0], small[0], large[1], small[1], large[2], small[2], *large[3:]]


def test_ordinary_orders_of_a_store_have_turns_of_their_own(store: Store) -> None:
    pieces = buyers(sale(store, 3), 3)
    buyer = make.shopper()
    make.in_cart(buyer, make.variant(make.product(store), stock=1))
    ordinary = make.order(buyer, store)

    assert in_turn() == [pieces[0], ordinary, *pieces[1:]]


def test_everybody_is_told_how_many_are_before_them(store: Store) -> None:
    large, small = buyers(sale(store, 4), 4), buyers(sale(store, 2), 2)

    assert [before(order) for order in in_turn()] == list(range(6))
    assert waiting_for(progress(small[1], at=clock.now())) == "Paying … 3 before you."

    give_up(order=large[0], at=clock.now())
    assert [before(order) for order in in_turn()] == list(range(5))


def test_no_more_is_handed_out_than_stripe_is_asked_in_a_second(store: Store) -> None:
    orders = buyers(sale(store, ENDPOINT_A_SECOND + 3), ENDPOINT_A_SECOND + 3)
    opened, waiting = orders[0], orders[1 : ENDPOINT_A_SECOND + 1]
    attempt = make.attempt_of(opened)
    apply(attempt_id=attempt.pk, seen=make.seen(attempt, Status.AUTHORISED), at=clock.now())

    owed = set(attempts_owed())

    assert owed == {str(make.attempt_of(order).pk) for order in [opened, *waiting]}


def test_who_gives_up_while_waiting_is_let_go_at_once_although_stripe_is_away(order: Order, sandbox: Sandbox) -> None:
    sandbox.break_next("rate_limited", "*", count=30)
    sandbox.break_next("rate_limited", "*", method="GET", count=30)
    assert talk(attempt_id=make.attempt_of(order).pk, at=clock.now()).tries == 1

    give_up(order=order, at=clock.now())
    ended = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())

    assert (ended.state, ended.decline_code) == (AttemptState.DEAD, "")
    assert Piece.objects.get(order_lines__order=order).state == PieceState.HELD


def test_a_place_behind_many_is_no_failed_try(order: Order, sandbox: Sandbox) -> None:
    attempt = make.attempt_of(order)
    queue = Turn.objects.create(name="POST /v1/checkout/sessions", next_at=clock.now() + timedelta(seconds=30))

    put_off = talk(attempt_id=attempt.pk, at=clock.now())

    assert (put_off.state, put_off.tries) == (AttemptState.CREATED, 0)
    assert not attempts_to_open(clock.now()).exists()
    assert attempts_to_open(clock.now() + timedelta(seconds=2)).exists()
    queue.delete()
    assert talk(attempt_id=attempt.pk, at=clock.now()).state == AttemptState.OPEN


def test_the_time_to_pay_counts_from_the_opening_of_the_page(order: Order, sandbox: Sandbox) -> None:
    opened_at = clock.now() + timedelta(minutes=7)
    attempt = make.attempt_of(order)
    assert progress(order, at=opened_at).stage == "starting"
    assert not attempts_to_settle(opened_at).exists()

    opened = talk(attempt_id=attempt.pk, at=opened_at)

    assert opened.pay_until == opened_at + timedelta(minutes=5)
    assert Hold.objects.get().pay_until == opened.pay_until
    almost, late = opened.pay_until - timedelta(seconds=1), opened.pay_until + timedelta(seconds=1)
    assert talk(attempt_id=attempt.pk, at=almost).state == AttemptState.OPEN
    assert progress(order, at=almost).stage == "open"
    assert talk(attempt_id=attempt.pk, at=late).state == AttemptState.DEAD


def test_a_page_that_opens_at_once_gives_the_same_time(order: Order, sandbox: Sandbox) -> None:
    now = clock.now()

    opened = talk(attempt_id=make.attempt_of(order).pk, at=now)

    assert opened.pay_until == now + timedelta(minutes=5)


def test_after_ten_minutes_without_stripe_the_pieces_are_the_buyers_again(order: Order, sandbox: Sandbox) -> None:
    sandbox.break_next("rate_limited", "*", count=30)
    sandbox.break_next("rate_limited", "*", method="GET", count=30)
    attempt, start = make.attempt_of(order), clock.now()
    for minutes in (0, 9):
        assert talk(attempt_id=attempt.pk, at=start + timedelta(minutes=minutes)).state == AttemptState.CREATED

    ended = talk(attempt_id=attempt.pk, at=start + timedelta(minutes=10, seconds=1))

    assert (ended.state, ended.decline_code) == (AttemptState.DEAD, "never_opened")
    assert Piece.objects.get(order_lines__order=order).state == PieceState.HELD


def test_a_page_that_is_told_of_after_the_end_is_closed(order: Order, sandbox: Sandbox) -> None:
    attempt = make.attempt_of(order)
    told_late = gateway.create_session(attempt)
    give_up(order=order, at=clock.now())
    assert talk(attempt_id=attempt.pk, at=clock.now()).state == AttemptState.DEAD

    apply(attempt_id=attempt.pk, seen=told_late, at=clock.now())
    talk(attempt_id=attempt.pk, at=clock.now())

    closed = [event["data"]["object"]["id"] for event in sandbox.events("checkout.session.expired")]
    assert told_late.session_id in closed


def test_a_browser_that_came_back_is_not_kept_while_stripe_is_silent(order: Order, sandbox: Sandbox) -> None:
    attempt = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    sandbox.pay(attempt.url)
    sandbox.break_next("timeout_before", "/v1/checkout/sessions/*", method="GET", seconds=20, count=1)
    asked = clock.now()

    talk_briefly(attempt_id=attempt.pk, at=asked)

    assert clock.now() - asked < timedelta(seconds=5)
    assert progress(order, at=clock.now()).is_unheard
    (due,) = attempts_to_look_at(clock.now() + timedelta(seconds=3))
    assert talk(attempt_id=due.pk, at=clock.now()).state == AttemptState.PAID


def test_the_rest_of_a_burst_of_webhooks_takes_no_turns(order: Order, sandbox: Sandbox) -> None:
    attempt = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    came = [webhook(attempt, number) for number in range(2)]
    talk(attempt_id=attempt.pk, at=clock.now())
    sandbox.break_next("rate_limited", "*", method="GET", count=30)

    for event in came:
        handle_webhook(event_id=event.pk, at=clock.now())
    late = webhook(attempt, 2)
    handle_webhook(event_id=late.pk, at=clock.now())

    for event in [*came, late]:
        event.refresh_from_db()
    assert [event.done_at is None for event in [*came, late]] == [False, False, True]
