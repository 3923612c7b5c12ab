"""The life of a piece, through the services."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, transaction

from shop.accounts.models import Shopper
from shop.core import clock
from shop.stock import claiming, errors, services
from shop.stock.claiming import Claimed
from shop.stock.models import Allotment, Piece, Waiter
from shop.stock.queries import Counts, counts_of, holds_of, place_in_line
from shop.stock.states import PieceState
from tests import make
from tests.conftest import set_clock

pytestmark = pytest.mark.django_db


def claim(shopper: Shopper, sale: Allotment, quantity: int = 1, key: UUID | None = None) -> Claimed:
    return claiming.claim_pieces(allotment_id=sale.pk, shopper_id=shopper.pk, key=key or uuid4(), quantity=quantity)


def fence(claimed: Claimed) -> None:
    with transaction.atomic():
        services.fence(hold_ids=[claimed.hold_id], for_s=300)


def counts(sale: Allotment) -> Counts:
    return counts_of([sale.pk])[sale.pk]


def later(seconds: float) -> None:
    set_clock(clock.database_now() + timedelta(seconds=seconds))


def test_carving_takes_the_pieces_out_of_the_stock() -> None:
    mug = make.variant(stock=5)

    make.allotment(mug, pieces=3)

    assert make.on_hand(mug) == 2


def test_more_pieces_than_there_are_cannot_be_carved() -> None:
    mug = make.variant(stock=2)

    with pytest.raises(errors.OutOfStock) as refusal:
        make.allotment(mug, pieces=3)

    assert refusal.value.details["left"] == 2
    assert (make.on_hand(mug), Piece.objects.count()) == (2, 0)


def test_the_first_pieces_go_first(vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=3, per_person=2)

    assert claim(vera, sale, quantity=2).numbers == (1, 2)
    assert claim(victor, sale).numbers == (3,)


def test_the_last_piece_goes_to_one_viewer(vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=1)

    claim(vera, sale)
    with pytest.raises(errors.SoldOut):
        claim(victor, sale)

    assert list(holds_of(victor)) == []


def test_the_same_key_gets_the_same_answer(vera: Shopper) -> None:
    sale, key = make.allotment(), uuid4()

    first, again = claim(vera, sale, key=key), claim(vera, sale, key=key)

    assert (first.hold_id, first.numbers) == (again.hold_id, again.numbers)
    assert counts(sale).held == 1


def test_a_key_used_for_another_body_is_refused(vera: Shopper) -> None:
    sale, other, key = make.allotment(per_person=2), make.allotment(), uuid4()
    claim(vera, sale, key=key)

    with pytest.raises(errors.KeyReused):
        claim(vera, sale, quantity=2, key=key)
    with pytest.raises(errors.KeyReused):
        claim(vera, other, key=key)

    assert (counts(sale).held, counts(other).held) == (1, 0)


def test_a_person_is_limited_over_all_their_browsers() -> None:
    person, sale = make.user(), make.allotment(pieces=3, per_person=2)
    phone, laptop = make.shopper(person), make.shopper(person)
    claim(phone, sale, quantity=2)

    with pytest.raises(errors.LimitReached):
        claim(laptop, sale)

    assert counts(sale).held == 2


@pytest.mark.parametrize("quantity", [0, -1, 10**9])
def test_a_quantity_nobody_may_have_is_refused(vera: Shopper, quantity: int) -> None:
    sale = make.allotment()

    with pytest.raises(errors.BadQuantity):
        claim(vera, sale, quantity=quantity)

    assert counts(sale).free == 3


def test_before_opening_a_claim_hears_how_long_to_wait(vera: Shopper) -> None:
    sale = make.allotment(opens_at=clock.database_now() + timedelta(seconds=60))

    with pytest.raises(errors.NotYet) as refusal:
        claim(vera, sale)

    assert 55_000 < refusal.value.details["ms_left"] <= 60_000  # type: ignore[operator]
    assert counts(sale).free == 3


def test_a_sale_that_opens_in_a_year_says_how_long_that_is(noon: object, vera: Shopper) -> None:
    sale = make.allotment(opens_at=clock.database_now() + timedelta(days=365))

    with pytest.raises(errors.NotYet) as refusal:
        claim(vera, sale)

    assert refusal.value.details["ms_left"] == 365 * 86_400_000


def test_after_closing_nothing_is_claimed(vera: Shopper) -> None:
    sale = make.allotment(lasts=timedelta(seconds=30))

    with pytest.raises(errors.Over):
        claim(vera, sale)


def test_a_hold_that_ran_out_is_claimed_by_whoever_asks_next(noon: object, vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=1, hold_s=30)
    claim(vera, sale)

    later(31)
    with pytest.raises(errors.SoldOut):
        claim(victor, sale)  # two seconds of grace
    later(2)

    assert claim(victor, sale).numbers == (1,)


def test_the_key_of_a_hold_that_ran_out_hears_so(noon: object, vera: Shopper) -> None:
    sale, key = make.allotment(hold_s=30), uuid4()
    claim(vera, sale, key=key)

    later(33)
    services.free_due()

    with pytest.raises(errors.HoldOver) as refusal:
        claim(vera, sale, key=key)
    assert refusal.value.details["ending"] == "expired"


def test_the_clock_stands_while_a_payment_lives_and_goes_on_with_what_was_left(noon: object, vera: Shopper) -> None:
    sale = make.allotment(hold_s=60)
    held = claim(vera, sale)
    later(20)
    fence(held)

    later(200)
    assert services.free_due() == 0
    with transaction.atomic():
        services.unfence(hold_ids=[held.hold_id])

    hold = holds_of(vera).get()
    assert (hold.held_until - clock.database_now()).total_seconds() == pytest.approx(40)


def test_a_dead_payment_of_a_hold_without_seconds_left_frees_the_pieces(noon: object, vera: Shopper) -> None:
    sale = make.allotment(hold_s=60)
    held = claim(vera, sale)
    later(61)
    fence(held)

    with transaction.atomic():
        services.unfence(hold_ids=[held.hold_id])

    assert counts(sale).free == 3


def test_an_expired_hold_cannot_be_paid(noon: object, vera: Shopper) -> None:
    sale = make.allotment(hold_s=60)
    held = claim(vera, sale)
    later(63)

    with pytest.raises(errors.HoldExpired):
        fence(held)

    assert counts(sale).paying == 0


def test_a_piece_being_paid_cannot_be_let_go(vera: Shopper) -> None:
    sale = make.allotment()
    held = claim(vera, sale)
    fence(held)

    with pytest.raises(errors.BeingPaid):
        services.let_go(hold_id=held.hold_id, shopper=vera)

    assert counts(sale).paying == 1


def test_nobody_lets_go_of_what_somebody_else_holds(vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment()
    held = claim(vera, sale)

    with pytest.raises(errors.NotYours):
        services.let_go(hold_id=held.hold_id, shopper=victor)

    assert counts(sale).held == 1


def test_a_sold_piece_that_comes_back_is_claimable_again(vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=1)
    held = claim(vera, sale)
    fence(held)
    with transaction.atomic():
        assert services.sell(hold_ids=[held.hold_id])

    with transaction.atomic():
        services.take_back(piece_ids=[Piece.objects.get().pk])

    assert claim(victor, sale).numbers == (1,)


def test_a_sold_piece_that_does_not_come_back_is_written_off(vera: Shopper) -> None:
    sale = make.allotment(pieces=1)
    held = claim(vera, sale)
    fence(held)
    with transaction.atomic():
        services.sell(hold_ids=[held.hold_id])
        services.write_off(piece_ids=[Piece.objects.get().pk])

    assert Piece.objects.get().state == PieceState.WRITTEN_OFF


def test_ending_hands_free_pieces_back_and_lets_held_ones_run(noon: object, vera: Shopper) -> None:
    mug = make.variant(stock=3)
    sale = make.allotment(mug, pieces=3, hold_s=60)
    claim(vera, sale)

    assert services.end_allotment(allotment_id=sale.pk)
    assert (make.on_hand(mug), counts(sale)) == (2, Counts(held=1, total=1))

    later(63)
    services.free_due()
    assert (make.on_hand(mug), counts(sale)) == (3, Counts())


def test_a_sale_whose_window_is_over_is_ended_by_the_sweep(noon: object) -> None:
    mug = make.variant(stock=3)
    make.allotment(mug, pieces=3, lasts=timedelta(minutes=10))

    later(600)

    assert services.end_due_allotments() == 1
    assert services.end_due_allotments() == 0
    assert make.on_hand(mug) == 3


def test_a_freed_piece_goes_to_the_line_in_order(noon: object, vera: Shopper, victor: Shopper) -> None:
    sale, third = make.allotment(pieces=1), make.shopper()
    held = claim(vera, sale)
    assert join(victor, sale) == 1
    assert join(third, sale) == 2
    assert join(victor, sale) == 1

    services.let_go(hold_id=held.hold_id, shopper=vera)

    assert [piece.number for hold in holds_of(victor) for piece in hold.pieces.all()] == [1]
    assert place_in_line(allotment_id=sale.pk, shopper=third) == 1
    with pytest.raises(errors.SoldOut):
        claim(make.shopper(), sale)


def test_an_offer_that_runs_out_goes_to_the_next_in_the_line(noon: object, vera: Shopper, victor: Shopper) -> None:
    sale, third = make.allotment(pieces=1), make.shopper()
    held = claim(vera, sale)
    join(victor, sale)
    join(third, sale)
    services.let_go(hold_id=held.hold_id, shopper=vera)

    later(93)
    services.free_due()

    assert list(holds_of(victor)) == []
    assert holds_of(third).count() == 1


def test_who_wants_more_than_there_is_is_passed_over_unless_fewer_will_do(vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=2, per_person=2)
    third, fourth = make.shopper(), make.shopper()
    held, _ = claim(vera, sale), claim(victor, sale)
    join(third, sale, quantity=2)
    join(fourth, sale, quantity=2, takes_fewer=True)

    services.let_go(hold_id=held.hold_id, shopper=vera)

    assert (holds_of(third).count(), holds_of(fourth).count()) == (0, 1)


def test_nobody_waits_while_there_is_something_to_claim(vera: Shopper) -> None:
    with pytest.raises(errors.NothingToWaitFor):
        join(vera, make.allotment())

    assert not Waiter.objects.exists()


def test_leaving_the_line_twice_is_harmless(vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=1)
    claim(vera, sale)
    join(victor, sale)

    assert services.leave_line(allotment_id=sale.pk, shopper=victor)
    assert not services.leave_line(allotment_id=sale.pk, shopper=victor)


def join(shopper: Shopper, sale: Allotment, quantity: int = 1, *, takes_fewer: bool = False) -> int:
    return services.join_line(allotment_id=sale.pk, shopper_id=shopper.pk, quantity=quantity, takes_fewer=takes_fewer)


def test_the_watch_on_moves_bites(vera: Shopper) -> None:
    claim(vera, make.allotment())

    with pytest.raises(ProgrammingError, match="does not lead to"):
        Piece.objects.filter(state=PieceState.HELD).update(state=PieceState.SOLD)
