"""One person, two tabs, double clicks and the back button: one order, one payment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.local.journey.story import STORE
from config.local.visitor import Form, Page
from config.local.world import World, buyer_address
from tests.journeys.buyer import Buyer
from tests.journeys.conftest import Ask

pytestmark = pytest.mark.stack


def test_two_tabs_double_clicks_and_the_back_button_are_one_order_and_one_payment(
    world: World, buyer: Buyer, ask: Ask, open_drop: Callable[..., int]
) -> None:
    assert buyer.claims(open_drop()).status == 200
    buyer.takes_a_file()
    tabs = [buyer.browser.get(f"/s/{STORE}/checkout/").form("/checkout/") for _ in range(2)]
    assert tabs[0].fields["key"] != tabs[1].fields["key"]

    def press(tab: Form) -> Page:
        return buyer.browser.send(tab, email=buyer.email, **buyer_address())

    with ThreadPoolExecutor(4) as thumbs:
        pages = list(thumbs.map(press, tabs * 2))
    buyer.order_url = pages[0].url.removesuffix("pay/")
    assert {page.url for page in pages} == {f"{buyer.order_url}pay/"}
    buyer.number = ask("select number from shop_order where email = %s", buyer.email)[0][0]
    buyer.pays()
    buyer.waits_until_it_is_paid()
    back = [press(tab) for tab in tabs]

    assert buyer.order_url in {page.url for page in back}
    assert _orders_and_attempts(buyer, ask) == [(1, 1)]
    assert [charge["captured"] for charge in _charges(world, buyer)] == [True]
    assert len(buyer.mails) == 1


def test_a_tampered_cookie_is_as_if_absent(world: World, buyer: Buyer, open_drop: Callable[..., int]) -> None:
    drop_id = open_drop()
    buyer.takes_a_file()
    assert "Nothing in here yet" not in buyer.browser.get(f"/s/{STORE}/cart/").text

    cookie = next(cookie for cookie in buyer.browser.cookies if cookie.name == "shopper")
    cookie.value = f"{(cookie.value or '')[:-3]}AAA"

    assert "Nothing in here yet" in buyer.browser.get(f"/s/{STORE}/cart/").text
    assert buyer.claims(drop_id).status == 200


def _orders_and_attempts(buyer: Buyer, ask: Ask) -> list[tuple[int, int]]:
    sql = """select count(distinct o.id), count(t.id) from shop_order o left join shop_attempt t on t.order_id = o.id
             where o.email = %s"""
    return [(int(orders), int(attempts)) for orders, attempts in ask(sql, buyer.email)]


def _charges(world: World, buyer: Buyer) -> list[dict[str, object]]:
    charges = world.stripe("/v1/charges?limit=100")["data"]
    return [charge for charge in charges if charge["metadata"].get("order") == buyer.number]
