"""Finding a browser, and being loud about tests that have none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.local.browser import find_browser
from config.local.place import ROOT
from config.local.say import Trouble

TWO_TESTS = """
import pytest

@pytest.mark.browser
def test_in_a_browser(browser_path):
    assert browser_path

def test_without_one():
    pass
"""


def run_two_tests(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_two.py").write_text(TWO_TESTS)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = browser\n")
    inherited = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    plugins = ["-p", "tests.local.browser_plugin", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--rootdir", str(folder), *plugins, str(folder)],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_browser_its_tests_are_skipped_with_a_loud_line(tmp_path: Path) -> None:
    done = run_two_tests(tmp_path, STAGEDOOR_BROWSER="none")

    assert done.returncode == 0
    assert "1 passed, 1 skipped" in done.stdout
    assert "! 1 BROWSER TESTS DID NOT RUN: no browser" in done.stdout


def test_in_ci_a_missing_browser_is_a_failure(tmp_path: Path) -> None:
    done = run_two_tests(tmp_path, STAGEDOOR_BROWSER="none", CI="true")

    assert done.returncode == 1
    assert "in CI nothing is skipped" in done.stdout


def test_with_a_browser_they_run_and_nothing_is_said(tmp_path: Path) -> None:
    done = run_two_tests(tmp_path, STAGEDOOR_BROWSER="/bin/true", CI="true")

    assert done.returncode == 0
    assert "2 passed" in done.stdout
    assert "DID NOT RUN" not in done.stdout


def test_the_named_browser_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGEDOOR_BROWSER", "/bin/true")

    assert find_browser() == "/bin/true"


def test_a_named_browser_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGEDOOR_BROWSER", "/nowhere/chromium")

    with pytest.raises(Trouble, match="STAGEDOOR_BROWSER is /nowhere/chromium"):
        find_browser()


def test_one_in_the_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chromium").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("STAGEDOOR_BROWSER", raising=False)

    assert find_browser() == str(tmp_path / "chromium")
