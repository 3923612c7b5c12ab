"""What the processes are told, and which of them start."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.local.house import House, Ports
from config.local.outside import NOTHING, Outside
from config.local.place import ROOT, Place
from config.local.say import Trouble


def house_in(folder: Path, outside: Outside = NOTHING) -> House:
    return House(Place(folder), Ports.unused(), "postgres://here", "redis://here", outside)


def test_a_real_stripe_key_sends_the_sandbox_home(tmp_path: Path) -> None:
    house = house_in(tmp_path, Outside(stripe_secret_key="sk_test_mine"))

    assert [program.name for program in house.before_the_curtain()] == ["web", "live"]
    assert "SANDBOX_ROUTES" not in house.edge().env
    assert "STRIPE_API_BASE" not in house.environment()


def test_a_live_stripe_key_is_refused() -> None:
    with pytest.raises(Trouble, match="live key"):
        Outside(stripe_secret_key="sk_live_mine").refuse_live_money()


def test_mail_goes_to_files_where_the_path_has_a_space(tmp_path: Path) -> None:
    from django.core.mail import get_connection
    from environ import Env

    url = house_in(tmp_path / "my shop").environment()["EMAIL_URL"]

    told = Env.email_url_config(url)
    assert told["EMAIL_FILE_PATH"] == str(tmp_path / "my shop" / "mail")
    assert get_connection(told["EMAIL_BACKEND"], file_path=told["EMAIL_FILE_PATH"])


def test_what_the_environment_says_about_tests_and_stripe_is_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DJANGO_SETTINGS_MODULE", "STRIPE_SECRET_KEY", "DATABASE_URL", "PYTEST_XDIST_WORKER"):
        monkeypatch.setenv(name, "from outside")

    environment = house_in(tmp_path).environment()

    assert "from outside" not in environment.values()


def test_a_missing_variable_is_named_without_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_WEBHOOK_SECRET", raising=False)
    environment = house_in(tmp_path, Outside(stripe_secret_key="sk_test_mine")).environment()

    done = subprocess.run(
        [sys.executable, "-m", "config.local.prepare"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "STRIPE_WEBHOOK_SECRET is missing" in done.stderr
    assert "Traceback" not in done.stderr
