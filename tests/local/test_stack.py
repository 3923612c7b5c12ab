"""The whole house, as `./run demo` starts it."""

import json
import os
import signal
import time
import urllib.request
from io import StringIO
from urllib.error import HTTPError

import pytest

from config.local.say import Progress
from config.local.stack import Stack, prepare

pytestmark = pytest.mark.stack


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own address
            return answer.status, answer.read().decode(errors="replace")
    except HTTPError as refused:
        return refused.code, refused.read().decode(errors="replace")


def test_the_house_is_ready(house: Stack) -> None:
    status, said = get(f"{house.base_url}/readyz")

    assert (status, set(json.loads(said).values())) == (200, {"ok"})


@pytest.mark.parametrize("path", ["/", "/healthz", "/live/healthz"])
def test_a_visitor_is_answered(house: Stack, path: str) -> None:
    assert get(house.base_url + path)[0] == 200


def test_every_process_has_its_port_below_those_that_systems_hand_out(house: Stack) -> None:
    assert all(1024 < port < 32768 for port in vars(house.house.ports).values())


def test_the_clock_tells_how_it_is_on_an_address_of_its_own(house: Stack) -> None:
    status, said = get(f"http://127.0.0.1:{house.house.ports.tick_metrics}/metrics")

    assert (status, "stagedoor_tick" in said) == (200, True)
    assert get(f"{house.base_url}/metrics")[0] == 404


def test_the_demos_people_can_sign_in(house: Stack) -> None:
    assert house.sign_in_links
    assert all(get(url)[0] == 200 for _, url in house.sign_in_links)


def test_nothing_is_prepared_twice(house: Stack) -> None:
    told = StringIO()

    prepare(house.house, progress=Progress(told))

    assert told.getvalue() == ""


def test_a_process_that_is_killed_comes_back(house: Stack) -> None:
    before = house.supervisor.child("live").process.pid
    os.kill(before, signal.SIGKILL)
    give_up = time.monotonic() + 20

    def is_back() -> bool:
        is_another = house.supervisor.child("live").process.pid != before
        return is_another and get(f"{house.base_url}/live/healthz")[0] == 200

    house.supervisor.watch(until=lambda: is_back() or time.monotonic() > give_up)

    assert is_back()
