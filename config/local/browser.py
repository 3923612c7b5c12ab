"""A Chromium for the browser tests: the one named by STAGEDOOR_BROWSER, one in the PATH, or one that we may install."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from config.local.say import Progress, Trouble

VARIABLE = "STAGEDOOR_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_PATHS = (Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),)


def find_browser() -> str | None:
    """The path of a browser that is here already, or None; STAGEDOOR_BROWSER=none looks for none. Raises Trouble."""
    named = os.environ.get(VARIABLE)
    if named == "none":
        return None
    if named:
        if shutil.which(named) is None:
            raise Trouble(f"{VARIABLE} is {named}, and there is no such program.")
        return shutil.which(named)
    here = (shutil.which(name) for name in NAMES)
    return next(filter(None, [*here, *(str(path) for path in MAC_PATHS if path.exists()), _playwrights()]), None)


def install_browser(progress: Progress) -> str | None:
    """Install one: by apt when we are root, else by Playwright. None when neither works, for example offline."""
    if os.environ.get(VARIABLE) == "none":
        return None
    with progress.step("installing a browser"):
        if os.geteuid() == 0 and shutil.which("apt-get"):
            update, install = ["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
            if _works(update) and _works(install) and (installed := shutil.which("chromium")):
                return installed
        if _works([sys.executable, "-m", "playwright", "install", "chromium"]):
            return _playwrights()
    return None


def _works(command: list[str]) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def _playwrights() -> str | None:
    """The Chromium that Playwright has downloaded for this user, if it has."""
    program = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    path = Path(asked.stdout.strip() or "none")
    return str(path) if path.is_file() else None
