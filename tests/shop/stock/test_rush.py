"""Many at once, and the rules of a rush: who gets fewer, who sits out, whose network is full, whose clock goes on."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from shop.accounts.models import Shopper
from shop.core import clock
from shop.stock import claiming, errors, services
from shop.stock.claiming import Answer, Ask, claim_together
from shop.stock.models import Allotment, Audience, Hold, Piece
from shop.stock.queries import counts_of, holds_of
from shop.stock.states import Ending
from tests import make
from tests.conftest import set_clock

pytestmark = pytest.mark.django_db


def together(sale: Allotment, *asks: Ask) -> list[Answer]:
    return claim_together(allotment_id=sale.pk, asks=asks)


def ask(quantity: int = 1, *, shopper: UUID | None = None, word: str = "", network: int | None = None) -> Ask:
    return Ask(shopper or uuid4(), uuid4(), quantity, word, network)


def verdicts(answers: Sequence[Answer]) -> list[str]:
    return [answer.verdict for answer in answers]


def claim(shopper: Shopper, sale: Allotment, quantity: int = 1) -> int:
    return claiming.claim_pieces(allotment_id=sale.pk, shopper_id=shopper.pk, key=uuid4(), quantity=quantity).hold_id


def later(seconds: float) -> None:
    set_clock(clock.database_now() + timedelta(seconds=seconds))


def test_a_group_is_served_in_the_order_of_arrival() -> None:
    sale = make.allotment(pieces=6, per_person=3)

    answers = together(sale, ask(2), ask(3), ask(1), ask(1))

    assert verdicts(answers) == ["held", "held", "held", "sold_out"]
    assert [answer.numbers for answer in answers] == [[1, 2], [3, 4, 5], [6], None]


@pytest.mark.parametrize("word", ['","moon', "{moon}", "\\", '"', "null", "mo\x00on", "blue moon"])
def test_a_word_that_no_sale_has_spoils_nobodys_ask(word: str) -> None:
    sale = make.allotment(pieces=3)
    Allotment.objects.filter(pk=sale.pk).update(audience=Audience.CODE_WORD, code_word="moon")

    answers = together(sale, ask(word=word), ask(word="moon"), ask())

    assert verdicts(answers) == ["code_word", "held", "code_word"]


def test_all_or_nothing_leaves_what_is_too_few_to_whom_it_fits() -> None:
    sale = make.allotment(pieces=3, per_person=2)

    answers = together(sale, ask(2), ask(2), ask(1), ask(1))

    assert verdicts(answers) == ["held", "too_few", "held", "sold_out"]
    assert answers[1].left == 1


def test_where_fewer_will_do_the_last_asker_gets_what_is_left(noon: object) -> None:
    sale = make.allotment(pieces=3, per_person=2)
    Allotment.objects.filter(pk=sale.pk).update(takes_fewer=True)
    last = ask(2)

    answers = together(sale, ask(2), last, ask(1))

    assert verdicts(answers) == ["held", "held", "sold_out"]
    assert answers[1].numbers == [3]
    assert Hold.objects.values_list("asked", "quantity").get(shopper=last.shopper_id) == (2, 1)
    assert together(sale, last) == [answers[1]]


def test_each_piece_says_its_own_price() -> None:
    sale = make.allotment(pieces=3, per_person=3)
    Piece.objects.filter(allotment=sale, number=1).update(price_minor=500)

    (answer,) = together(sale, ask(3))

    assert answer.prices_minor == [500, 1000, 1000]


def test_a_group_with_every_kind_of_no_still_serves_the_rest(vera: Shopper) -> None:
    sale = make.allotment(pieces=9, per_person=2)
    known = ask(1, shopper=vera.pk)
    together(sale, known)
    reused = Ask(vera.pk, known.key, 2)

    answers = together(sale, ask(3), reused, ask(1))

    assert verdicts(answers) == ["limit", "key_reused", "held"]


@pytest.mark.parametrize(
    ("audience", "word", "verdict"),
    [
        (Audience.EVERYONE, "", "held"),
        (Audience.SIGNED_IN, "", "sign_in"),
        (Audience.FOLLOWERS, "", "sign_in"),
        (Audience.CODE_WORD, "", "code_word"),
        (Audience.CODE_WORD, "bluemoo", "code_word"),
        (Audience.CODE_WORD, "bluemoon", "held"),
    ],
)
def test_a_guest_may_where_everybody_may_or_with_the_word(audience: Audience, word: str, verdict: str) -> None:
    sale = make.allotment()
    Allotment.objects.filter(pk=sale.pk).update(
        audience=audience, code_word="bluemoon" if audience == Audience.CODE_WORD else ""
    )

    assert verdicts(together(sale, ask(word=word))) == [verdict]


def test_who_let_two_holds_run_out_sits_the_next_minute_out(noon: object, vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=9, hold_s=30, lasts=timedelta(minutes=30))
    for _ in range(2):
        claim(vera, sale)
        later(33)

    with pytest.raises(errors.SitsOut) as no:
        claim(vera, sale)

    assert no.value.details["ms_left"] == 59_000
    assert claim(victor, sale)
    later(59)
    assert claim(vera, sale)


def test_who_sits_out_does_not_join_the_line_either(noon: object, vera: Shopper) -> None:
    sale = make.allotment(pieces=1, hold_s=30, lasts=timedelta(minutes=30))
    for _ in range(2):
        claim(vera, sale)
        later(33)
    claim(make.shopper(), sale)

    with pytest.raises(errors.SitsOut):
        services.join_line(allotment_id=sale.pk, shopper_id=vera.pk, quantity=1, takes_fewer=False)


def test_letting_go_is_not_letting_run_out(vera: Shopper) -> None:
    sale = make.allotment(pieces=9)

    for _ in range(4):
        services.let_go(hold_id=claim(vera, sale), shopper=vera)

    assert claim(vera, sale)


def test_one_network_holds_so_many_unpaid_pieces_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "MOST_UNPAID_OF_A_NETWORK", 2)
    sale = make.allotment(pieces=9)
    together(sale, ask(network=-7), ask(network=-7))

    assert verdicts(together(sale, ask(network=-7), ask(network=8), ask())) == ["crowded", "held", "held"]


def test_an_offer_to_the_line_lasts_as_long_as_the_sale_says(noon: object, vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=1, hold_s=300)
    Allotment.objects.filter(pk=sale.pk).update(offer_s=45)
    held = claim(vera, sale)
    services.join_line(allotment_id=sale.pk, shopper_id=victor.pk, quantity=1, takes_fewer=False)

    services.let_go(hold_id=held, shopper=vera)

    (offer,) = holds_of(victor)
    assert offer.held_until - offer.taken_at == timedelta(seconds=45)


@pytest.mark.parametrize(("kept_s", "least_s", "left_s"), [(100, 60, 100), (10, 60, 60), (0, 60, 60), (10, 0, 10)])
def test_whose_bank_said_no_has_at_least_a_minute_to_try_again(
    noon: object, vera: Shopper, kept_s: int, least_s: int, left_s: int
) -> None:
    sale = make.allotment(hold_s=120)
    held = claim(vera, sale)
    later(120 - kept_s)

    with transaction.atomic():
        services.fence(hold_ids=[held], for_s=300)
        services.unfence(hold_ids=[held], least_s=least_s)

    hold = Hold.objects.get(pk=held)
    assert hold.ended_at is None
    assert hold.held_until - clock.database_now() == timedelta(seconds=left_s)


def test_without_a_decline_and_without_seconds_the_piece_is_free(noon: object, vera: Shopper) -> None:
    sale = make.allotment(hold_s=120)
    held = claim(vera, sale)
    later(121)

    with transaction.atomic():
        services.fence(hold_ids=[held], for_s=300)
        services.unfence(hold_ids=[held])

    assert Hold.objects.get(pk=held).ending == Ending.UNPAID
    assert counts_of([sale.pk])[sale.pk].free == 3


def test_a_fence_is_never_made_shorter(noon: object, vera: Shopper) -> None:
    held = claim(vera, make.allotment())
    with transaction.atomic():
        services.fence(hold_ids=[held], for_s=300)
    fenced = Hold.objects.get(pk=held)
    assert fenced.pay_until is not None

    with transaction.atomic():
        services.extend_fence(hold_ids=[held], until=fenced.pay_until + timedelta(seconds=50))
        services.extend_fence(hold_ids=[held], until=fenced.pay_until - timedelta(seconds=50))

    assert Hold.objects.get(pk=held).pay_until == fenced.pay_until + timedelta(seconds=50)
