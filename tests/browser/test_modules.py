"""The small scripts of the pages, each on a page of its own in a real browser; the network is the test's."""

import json
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
MODULES = (ROOT / "shop" / "static" / "js", ROOT / "liveevents" / "static" / "liveevents")
ORIGIN = "http://shop.example"
Opens = Callable[..., None]


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    """One browser for all of them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a past, which reaches nothing but what a test serves."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def opens(page: Page) -> Opens:
    """Opens a page with this body and this module of ours."""

    def open_page(module: str, body: str) -> None:
        html = f'<!doctype html><html lang="en"><body>{body}<script type="module" src="/{module}.js"></script>'
        page.route(f"{ORIGIN}/", lambda route: route.fulfill(body=html, content_type="text/html"))
        source = next(path for folder in MODULES if (path := folder / f"{module}.js").exists()).read_text()
        page.route(f"{ORIGIN}/{module}.js", lambda route: route.fulfill(body=source, content_type="text/javascript"))
        page.goto(f"{ORIGIN}/")

    return open_page


def answers(page: Page, path: str, *said: Any) -> list[Route]:
    """Answers each request for a path with the next of these (the last for ever); an Exception is a broken network.

    Returns the requests as they come.
    """
    asked: list[Route] = []
    rest = chain(said, repeat(said[-1]))

    def answer(route: Route) -> None:
        asked.append(route)
        reply = next(rest)
        if isinstance(reply, Exception):
            route.abort()
        elif isinstance(reply, int):
            route.fulfill(status=reply, json={"detail": f"status {reply}"})
        else:
            route.fulfill(json=reply)

    page.route(f"{ORIGIN}{path}", answer)
    return asked


def headers_of(asked: list[Route], name: str) -> list[str | None]:
    return [route.request.headers.get(name) for route in asked]


def test_a_clock_counts_the_milliseconds_down_even_when_the_phone_s_clock_is_wrong(page: Page, opens: Opens) -> None:
    page.add_init_script("Date.now = () => 0")

    opens("clock", '<p data-clock data-remaining-ms="61500"><b data-clock-face>?</b></p>')

    expect(page.locator("b")).to_have_text("1:01")
    expect(page.locator("b")).to_have_text("0:59", timeout=4_000)


def test_a_clock_says_when_it_is_nearly_over_and_when_it_is_over(page: Page, opens: Opens) -> None:
    opens("clock", '<p data-clock data-remaining-ms="1200">?</p>')

    expect(page.locator("p[data-soon]")).to_be_visible()
    expect(page.locator("p[data-ended]:not([data-soon])")).to_have_text("0:00")


def test_a_clock_starts_anew_when_its_milliseconds_are_written_again(page: Page, opens: Opens) -> None:
    opens("clock", '<p data-clock data-remaining-ms="300">?</p>')
    expect(page.locator("p[data-ended]")).to_have_text("0:00")

    page.evaluate("document.querySelector('p').dataset.remainingMs = '7200000'")

    expect(page.locator("p:not([data-ended])")).to_have_text("2:00:00")


def test_polling_writes_what_the_server_says_and_keeps_what_it_does_not_say(page: Page, opens: Opens) -> None:
    answers(page, "/state", {"drop": {"left": 7, "open": True}})

    opens(
        "poll",
        '<section data-poll="/state" data-poll-ms="50"><b data-bind="drop.left">9</b><i data-bind="drop.of">40</i>'
        '<button data-show-unless="drop.open">soon</button></section>',
    )

    expect(page.locator("b")).to_have_text("7")
    expect(page.locator("i")).to_have_text("40")
    expect(page.locator("button")).to_be_hidden()


def test_polling_never_shows_an_older_version(page: Page, opens: Opens) -> None:
    asked = answers(page, "/state", {"version": 2, "left": 5}, {"version": 1, "left": 6})

    opens("poll", '<section data-poll="/state" data-poll-ms="50"><b data-bind="left">9</b></section>')

    expect(page.locator("b")).to_have_text("5")
    page.wait_for_timeout(300)
    assert len(asked) > 2
    expect(page.locator("b")).to_have_text("5")


def test_polling_says_that_it_is_offline_and_recovers(page: Page, opens: Opens) -> None:
    down = OSError()
    answers(page, "/state", down, down, {"left": 3})

    opens(
        "poll",
        '<section data-poll="/state" data-poll-ms="50"><b data-bind="left">9</b></section>'
        "<p data-offline-note hidden>offline</p>",
    )

    expect(page.locator("p")).to_be_visible()
    expect(page.locator("b")).to_have_text("3")
    expect(page.locator("p")).to_be_hidden()


def test_polling_announces_a_change_but_not_the_first_answer(page: Page, opens: Opens) -> None:
    page.add_init_script("window.heard = []; addEventListener('poll:changed', () => heard.push(1))")
    answers(page, "/state", {"tray": 1}, {"tray": 1}, {"tray": 2})

    opens("poll", '<section data-poll="/state" data-poll-ms="50"><div data-watch="tray"></div></section>')

    page.wait_for_function("heard.length === 1")
    page.wait_for_timeout(200)
    assert page.evaluate("heard.length") == 1


CLAIM_FORM = (
    '<form method="post" data-claim="/claim"><input type="hidden" name="csrfmiddlewaretoken" value="token">'
    '<input type="hidden" name="quantity" value="1" data-type="number">'
    "<button>Claim</button><p data-claim-answer></p></form>"
)


def test_a_claim_is_sent_again_with_the_same_key_until_it_is_answered(page: Page, opens: Opens) -> None:
    asked = answers(page, "/claim", OSError(), 503, {"message": "Piece 17 is yours"})
    opens("claim", CLAIM_FORM)

    page.get_by_role("button").click()

    expect(page.locator("p[data-kind=granted]")).to_have_text("Piece 17 is yours")
    keys = headers_of(asked, "idempotency-key")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert headers_of(asked, "x-csrftoken") == ["token"] * 3
    assert headers_of(asked, "x-stagedoor") == ["1"] * 3
    bodies = [json.loads(one.request.post_data or "") for one in asked]
    assert bodies == [{"quantity": 1}, {"quantity": 1, "again": True}, {"quantity": 1, "again": True}]


def test_two_presses_are_one_claim_while_it_is_busy_and_the_next_press_is_another(page: Page, opens: Opens) -> None:
    asked = answers(page, "/claim", OSError(), {"message": "yours"})
    opens("claim", CLAIM_FORM)

    page.get_by_role("button").dblclick()
    expect(page.locator("p")).to_have_text("yours")
    keys_of_the_first = headers_of(asked, "idempotency-key")
    page.get_by_role("button").click()
    expect(page.locator("button[aria-busy]")).to_have_count(0)
    expect(page.locator("p")).to_have_text("yours")

    keys = headers_of(asked, "idempotency-key")
    assert len(keys_of_the_first) == 2
    assert len(set(keys_of_the_first)) == 1
    assert len(keys) == 3
    assert len(set(keys)) == 2


def test_a_refusal_is_shown_and_not_asked_again(page: Page, opens: Opens) -> None:
    asked = answers(page, "/claim", 409)
    opens("claim", CLAIM_FORM)

    page.get_by_role("button").click()

    expect(page.locator("p[data-kind=refused]")).to_have_text("status 409")
    assert len(asked) == 1


def test_an_unanswered_claim_keeps_its_key_over_a_reload(page: Page, opens: Opens) -> None:
    asked = answers(page, "/claim", OSError(), OSError(), {"message": "yours"})
    opens("claim", CLAIM_FORM)
    page.get_by_role("button").click()
    page.wait_for_timeout(100)

    page.reload()
    page.get_by_role("button").click()

    expect(page.locator("p")).to_have_text("yours")
    assert len(set(headers_of(asked, "idempotency-key"))) == 1


def test_paying_waits_for_the_address_and_goes_there(page: Page, opens: Opens) -> None:
    answers(page, "/payment", {"url": None, "message": "Asking the bank"}, OSError(), {"url": f"{ORIGIN}/stripe"})
    page.route(f"{ORIGIN}/stripe", lambda route: route.fulfill(body="<h1>Pay here</h1>", content_type="text/html"))

    opens("pay", '<div data-pay="/payment"><p data-pay-text></p></div>')

    expect(page.locator("p")).to_have_text("Asking the bank")
    expect(page.get_by_role("heading")).to_have_text("Pay here")


def test_paying_stops_waiting_when_there_is_nothing_to_wait_for(page: Page, opens: Opens) -> None:
    asked = answers(page, "/payment", {"url": None, "message": "The hold has ended", "is_final": True})

    opens("pay", '<div data-pay="/payment"><p data-pay-text></p><span class="busy">…</span></div>')

    expect(page.locator("p")).to_have_text("The hold has ended")
    expect(page.locator(".busy")).to_be_hidden()
    page.wait_for_timeout(700)
    assert len(asked) == 1


def test_the_quantity_s_buttons_stop_at_its_bounds(page: Page, opens: Opens) -> None:
    opens(
        "quantity",
        '<div data-quantity data-less="Less" data-more="More"><input type="number" min="1" max="2" value="1"></div>',
    )

    for _ in range(3):
        page.get_by_role("button", name="More").click()

    expect(page.locator("input")).to_have_value("2")


SWAP = """(html) => {
  const side = document.querySelector("#side");
  document.dispatchEvent(new CustomEvent("htmx:beforeSwap", { detail: { requestConfig: { elt: side } } }));
  side.innerHTML = html;
  document.dispatchEvent(new CustomEvent("htmx:afterSettle"));
}"""
MUG, PRINT = (
    f"<button id='act-{name}' onclick=\"document.title += '{name} '\">{name}</button>" for name in ("mug", "print")
)


def test_a_drop_that_slides_under_the_finger_takes_no_press_for_a_moment(page: Page, opens: Opens) -> None:
    opens("room", f'<div id="side">{MUG}<br>{PRINT}</div>')

    page.evaluate(SWAP, PRINT)
    page.locator("#act-print").click()
    assert page.title() == ""

    expect(page.locator("#act-print:not([data-settling])")).to_be_visible()
    page.locator("#act-print").click()
    assert page.title() == "print"


def test_the_same_drop_takes_a_press_the_moment_it_opens(page: Page, opens: Opens) -> None:
    opens("room", f'<div id="side">{MUG}</div>')

    page.evaluate(SWAP, MUG)
    page.locator("#act-mug").click()

    assert page.title() == "mug"


WORDS = """
  <div id="side"><input aria-label="word of 7" data-word="7"><input aria-label="word of 8" data-word="8"></div>
"""


def test_a_code_word_outlives_a_new_fragment_and_a_reload_for_its_own_drop(page: Page, opens: Opens) -> None:
    opens("room", WORDS)
    page.get_by_label("word of 7").fill("Blue Moon!")

    page.evaluate(
        """html => {
          document.querySelector("#side").outerHTML = html;
          document.dispatchEvent(new CustomEvent("htmx:afterSwap"));
        }""",
        WORDS,
    )

    expect(page.get_by_label("word of 7")).to_have_value("Blue Moon!")
    expect(page.get_by_label("word of 8")).to_have_value("")
    page.reload()
    expect(page.get_by_label("word of 7")).to_have_value("Blue Moon!")


def test_the_page_asks_how_things_stand_when_the_follow_button_answered(page: Page, opens: Opens) -> None:
    opens("room", '<section data-poll="/state"></section><button id="follow-press">Follow</button>')
    page.evaluate(
        """() => document.querySelector("section").addEventListener("poll:now", () => (document.title = "asks"))"""
    )

    page.locator("#follow-press").dispatch_event("followed", {"bubbles": True})

    expect(page).to_have_title("asks")
