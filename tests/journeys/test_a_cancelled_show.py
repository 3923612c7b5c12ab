"""A show that is called off gives everybody their money back, without anybody asking."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from config.local.journey.story import STORE
from config.local.visitor import Page, Visitor
from config.local.world import World, wait_until
from tests.journeys.buyer import Buyer
from tests.journeys.conftest import Ask

pytestmark = pytest.mark.stack


def test_a_cancelled_show_gives_every_buyer_of_a_piece_their_money_back(
    world: World, studio: Visitor, ask: Ask, open_drop: Callable[..., int]
) -> None:
    show = _show_on_air(studio)
    drop_id = open_drop(pieces=3, page=show.url)
    only_a_piece, file_too, unpaid = (Buyer(world, world.visitor()) for _ in range(3))
    for buyer in (only_a_piece, file_too, unpaid):
        assert buyer.claims(drop_id).status == 200
    file_too.takes_a_file()
    for buyer in (only_a_piece, file_too):
        buyer.checks_out(to_berlin=True)
        buyer.pays(comes_back=False)
    for buyer in (only_a_piece, file_too):
        buyer.waits_until_it_is_paid()

    question = studio.get(studio.get(show.url).link("/cancel/"))
    assert "2 orders" in question.text
    studio.send(question.form("/cancel/"))

    wait_until(lambda: _came_back(world, only_a_piece) and _came_back(world, file_too), "the money is on its way back")
    wait_until(lambda: len(only_a_piece.mails) == len(file_too.mails) == 2, "the letters arrive")
    paid_for_all, paid_for_both = _total(only_a_piece, ask), _total(file_too, ask)
    assert _came_back(world, only_a_piece) == [paid_for_all]
    assert 1900 <= _came_back(world, file_too)[0] < paid_for_both
    assert all(f"back for order {buyer.number}" in buyer.mails[0] for buyer in (only_a_piece, file_too))
    assert "This order was cancelled" in only_a_piece.browser.get(only_a_piece.order_url).text
    assert "/files/" in file_too.browser.get(file_too.order_url).text
    assert unpaid.claims(drop_id).json["code"] == "over"
    assert f"/s/{STORE}/checkout/" not in unpaid.browser.get(f"/s/{STORE}/cart/").text


def _show_on_air(studio: Visitor) -> Page:
    """The studio's page of a show of its own."""
    form = studio.get(f"/studio/new/{STORE}/").form("/studio/new/")
    starts_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
    show = studio.send(form, title="A show that will not be", starts_at=starts_at)
    return studio.send(show.form("/move/go-live/"))


def _came_back(world: World, buyer: Buyer) -> list[int]:
    """What Stripe gave back for an order, in cents."""
    refunds = world.stripe("/v1/refunds?limit=100")["data"]
    return [int(refund["amount"]) for refund in refunds if refund["metadata"].get("order") == buyer.number]


def _total(buyer: Buyer, ask: Ask) -> int:
    return int(ask("select total_minor from shop_order where number = %s", buyer.number)[0][0])
