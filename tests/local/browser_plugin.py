"""Tests marked `browser` get a browser; without one they are skipped, loudly; in CI that is a failure."""

import os

import pytest

REASON = "no browser: set STAGEDOOR_BROWSER, or install chromium"


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The program to drive. `./run test` finds or installs it."""
    path = _path()
    assert path is not None
    return path


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") is None or _path() is not None:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{REASON}; in CI nothing is skipped", pytrace=False)
    pytest.skip(REASON)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = sum(REASON in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_sep("!", f"{skipped} BROWSER TESTS DID NOT RUN: {REASON}", red=True, bold=True)


def _path() -> str | None:
    named = os.environ.get("STAGEDOOR_BROWSER", "none")
    return None if named == "none" else named
