"""Phones and laptops in front of the whole house. Whatever a page complains about on its console fails the test."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, sync_playwright

from config.local.stack import Stack

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
LAPTOP = {"viewport": {"width": 1366, "height": 768}}
SMALL_PHONE_PX = 360
PATIENCE_MS = 60_000
ELSEWHERE = re.compile(r"^https?://(?!127\.0\.0\.1)")


@dataclass
class Device:
    """A browser of somebody's own, pointed at the house; `complaints` is what its pages said on the console."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Note errors and whatever the Content-Security-Policy refused."""
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def fits_a_small_phone(self) -> bool:
        """Whether the page's address needs no scrolling sideways in a window of 360 px; the page itself stays."""
        beside = self.context.new_page()
        self.listen(beside)
        beside.set_viewport_size({"width": SMALL_PHONE_PX, "height": 740})
        beside.goto(self.page.url)
        width = beside.evaluate("document.documentElement.scrollWidth")
        beside.close()
        return int(width) <= SMALL_PHONE_PX

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.page.url if message.page else ''}: {message.text}")


Takes = Callable[..., Device]


@pytest.fixture(scope="module")
def chromium(browser_path: str) -> Iterator[Browser]:
    """One browser for a file of tests."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def takes(chromium: Browser, house: Stack) -> Iterator[Takes]:
    """Takes a device: its kind, and whether it runs scripts. Nothing but the house is reached."""
    devices: list[Device] = []

    def take(kind: dict[str, object], *, runs_scripts: bool = True) -> Device:
        context = chromium.new_context(base_url=house.base_url, java_script_enabled=runs_scripts, **kind)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        context.route(ELSEWHERE, _stand_in)
        device = Device(context, context.new_page())
        device.listen(device.page)
        devices.append(device)
        return device

    yield take
    for device in devices:
        device.context.close()
    assert [said for device in devices for said in device.complaints] == []


def _stand_in(route: Route) -> None:
    """A video platform, as far as the page is concerned."""
    route.fulfill(body="<!doctype html><title>video</title>", content_type="text/html")
