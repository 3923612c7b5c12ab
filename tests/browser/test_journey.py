"""The journey with thumbs: on a phone, with a creator and staff at their laptops, and without any script."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from config.local.journey.buying import DECLINED, GOOD, WITH_3DS
from config.local.journey.story import STORE, digital_product
from config.local.stack import Stack
from config.local.world import World
from tests.browser.conftest import LAPTOP, PATIENCE_MS, PHONE, Device, Takes

pytestmark = [pytest.mark.browser, pytest.mark.stack]

LEAD_S = 6
TRACKING_NUMBER = "00340434161094042557"

expect.set_options(timeout=PATIENCE_MS)


def test_a_viewer_claims_pays_fetches_and_follows_on_a_phone(house: Stack, takes: Takes) -> None:
    title, reader = f"Thumb drop {uuid4().hex[:6]}", f"Thea Thumb {uuid4().hex[:6]}"
    creator, viewer, staff = takes(LAPTOP), takes(PHONE), takes(LAPTOP)
    viewer.page.goto(enters_the_studio(creator.page, house))

    announces_a_drop(creator.page, title)
    sees_it_open_and_claims(viewer, title)
    adds_a_file(viewer, house)
    order_url = checks_out(viewer, reader)
    pays_after_a_declined_card(viewer)
    fetches_the_file(viewer, order_url)
    packs_and_ships(staff, house, reader)

    viewer.page.goto(order_url)
    expect(viewer.page.locator("main")).to_contain_text("DHL")
    expect(viewer.page.locator("main")).to_contain_text(TRACKING_NUMBER)
    assert viewer.fits_a_small_phone()


def test_a_viewer_claims_and_pays_without_any_script(house: Stack, takes: Takes) -> None:
    title = f"Plain drop {uuid4().hex[:6]}"
    creator, viewer = takes(LAPTOP), takes(PHONE, runs_scripts=False)
    show_url, page = enters_the_studio(creator.page, house), viewer.page
    opens_a_drop(creator.page, title)

    page.goto(show_url)
    drop_card(page, title).get_by_role("button", name=re.compile("Claim")).tap()
    expect(page.locator(".tray")).to_contain_text("Piece 1 of 2")
    page.locator(".tray").get_by_role("link", name="Pay now").tap()
    fills_in_the_checkout(page, "Nora Noscript")
    page.get_by_role("link", name="To the payment page").tap()
    enters_a_card(page, GOOD)

    expect(page.locator("main")).to_contain_text("Piece 1 of 2")
    expect(page.locator(".step.done").first).to_contain_text("Paid")


def test_no_page_is_wider_than_a_small_phone(house: Stack, takes: Takes) -> None:
    viewer = takes(PHONE)
    product, _ = digital_product(World(house.base_url, "", ""))

    wide = []
    for path in ("/", f"/s/{STORE}/", product, f"/s/{STORE}/cart/", "/find-order/", "/account/login/", "/demo/"):
        viewer.page.goto(path)
        if not viewer.fits_a_small_phone():
            wide.append(path)

    assert wide == []


def enters_the_studio(page: Page, house: Stack) -> str:
    """The creator signs in and opens the show that is on air; the address that viewers know it by."""
    page.goto(_door(house, "Cora"))
    row = page.locator(".show-row", has=page.locator(".badge.live"))
    row.get_by_role("link").first.click()
    return page.get_by_role("link", name="What viewers see").get_attribute("href") or ""


def plans_a_drop(page: Page, title: str) -> Locator:
    """The creator sets two pieces aside; the drop as the studio shows it."""
    page.get_by_role("link", name="New drop").click()
    page.locator("[name=variant]").select_option(index=1)
    for name, value in {"title": title, "price": "19", "pieces": "2", "hold_s": "600", "duration_s": "900"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Plan the drop").click()
    return page.locator("section.control-drop", has=page.get_by_role("heading", name=title))


def announces_a_drop(page: Page, title: str) -> None:
    """The creator plans a drop and says when it opens."""
    planned = plans_a_drop(page, title)
    planned.get_by_text("Open at a set time").click()
    opens_at = datetime.now(UTC) + timedelta(seconds=LEAD_S)
    planned.locator("[name=opens_at]").fill(opens_at.strftime("%Y-%m-%dT%H:%M:%S"))
    planned.get_by_role("button", name="Announce").click()
    expect(planned.get_by_text("announced").or_(planned.get_by_text("closes in")).first).to_be_visible()


def opens_a_drop(page: Page, title: str) -> None:
    """The creator plans a drop and opens it at once."""
    planned = plans_a_drop(page, title)
    planned.get_by_role("button", name="Open now").click()
    expect(planned).to_contain_text("closes in")


def sees_it_open_and_claims(viewer: Device, title: str) -> None:
    """A countdown, then the big button, then a piece with a clock that ticks; and no second one."""
    page = viewer.page
    card = drop_card(page, title)
    expect(card.get_by_role("button", name=re.compile("Opens in"))).to_be_disabled()
    assert viewer.fits_a_small_phone()
    card.get_by_role("button", name=re.compile("Claim for")).tap()

    tray = page.locator(".tray")
    expect(tray).to_contain_text("Piece 1 of 2")
    face = tray.locator("[data-clock-face]").first
    before = face.inner_text()
    expect(face).not_to_have_text(before)
    expect(card.get_by_role("link", name="Pay what is yours")).to_be_visible()
    expect(card.get_by_role("button", name=re.compile("Claim"))).to_have_count(0)
    assert viewer.fits_a_small_phone()


def adds_a_file(viewer: Device, house: Stack) -> None:
    """A digital product goes into the cart beside the piece."""
    address, title = digital_product(World(house.base_url, "", ""))
    viewer.page.goto(address)
    viewer.page.get_by_role("button", name="Add to cart").tap()
    expect(viewer.page.locator("#basket")).to_contain_text(title)
    expect(viewer.page.locator("#basket")).to_contain_text("Piece 1 of 2")
    assert viewer.fits_a_small_phone()


def checks_out(viewer: Device, name: str) -> str:
    """Address and e-mail, one button, and Stripe's page comes by itself; the order's address."""
    page = viewer.page
    page.get_by_role("link", name="Check out").tap()
    expect(page.get_by_role("heading", name="Check out")).to_be_visible()
    assert viewer.fits_a_small_phone()
    with page.expect_response(lambda answer: answer.url.endswith("/pay/") and answer.status == 200) as waiting:
        fills_in_the_checkout(page, name)
    page.wait_for_url("**/stripe-sandbox/**")
    return waiting.value.url.removesuffix("pay/")


def fills_in_the_checkout(page: Page, name: str) -> None:
    """Who, where to, and the one button."""
    page.locator("[name=email]").fill(f"{uuid4().hex[:8]}@example.com")
    values = {"name": name, "line1": "Karl-Marx-Allee 33", "postal_code": "10178", "city": "Berlin"}
    for field, value in values.items():
        page.locator(f"#checkout [name={field}]").fill(value)
    page.get_by_role("button", name=re.compile("^Pay €")).tap()


def pays_after_a_declined_card(viewer: Device) -> None:
    """Once declined, then with the bank's question answered."""
    page = viewer.page
    enters_a_card(page, DECLINED)
    expect(page.get_by_text("declined").first).to_be_visible()
    viewer.complaints[:] = [said for said in viewer.complaints if "402" not in said]
    enters_a_card(page, WITH_3DS)
    page.get_by_role("button", name="Complete authentication").tap()


def enters_a_card(page: Page, number: str) -> None:
    """Fill in Stripe's page and press its button."""
    for name, value in {"card_number": number, "card_expiry": "12 / 34", "card_cvc": "123", "card_name": "T"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("form button[type=submit]").tap()


def fetches_the_file(viewer: Device, order_url: str) -> None:
    """The order's page says paid by itself, and the file is saved."""
    page = viewer.page
    page.wait_for_url(re.compile(re.escape(order_url)))
    expect(page.locator(".step.done").first).to_contain_text("Paid")
    button = page.get_by_role("link", name=re.compile("Download"))
    expect(button.first).to_be_visible()
    assert viewer.fits_a_small_phone()
    with page.expect_download() as coming:
        button.first.tap()
    assert coming.value.path().stat().st_size > 1000


def packs_and_ships(staff: Device, house: Stack, name: str) -> None:
    """Fred finds the parcel on the desk, ticks everything, and hands it over."""
    page = staff.page
    page.goto(_door(house, "Fred"))
    page.goto(f"/desk/{STORE}/to-pack/")
    page.get_by_role("link", name=name).click()
    for box in page.locator("[name=item]").all():
        box.check()
    page.get_by_role("button", name="Packed").click()
    page.locator("[name=carrier]").select_option("dhl")
    page.locator("[name=tracking_number]").fill(TRACKING_NUMBER)
    page.get_by_role("button", name="Shipped").click()
    expect(page.get_by_role("button", name="Delivered")).to_be_visible()


def drop_card(page: Page, title: str) -> Locator:
    """The viewer's card of a drop."""
    return page.locator("section.drop-card", has=page.get_by_role("heading", name=title))


def _door(house: Stack, name: str) -> str:
    return next(url for who, url in house.sign_in_links if who.startswith(name))
