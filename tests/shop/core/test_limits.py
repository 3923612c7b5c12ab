"""A small number of times, then a pause."""

from datetime import timedelta

import pytest

from shop.core.limits import Limit, Tally, TooOften, count, forget_past
from tests.conftest import set_clock

THREE_AN_HOUR = Limit(name="knocking", times=3, window_s=3600)


def knock(times: int, who: str = "vera") -> None:
    for _ in range(times):
        count(limit=THREE_AN_HOUR, who=who)


def test_the_fourth_time_in_an_hour_is_refused_with_the_wait(noon):
    knock(3)

    with pytest.raises(TooOften) as refused:
        knock(1)

    assert refused.value.details == {"wait_s": 3600}


def test_another_person_is_not_stopped(noon):
    knock(3)

    knock(3, who="victor")


def test_after_the_window_it_is_open_again(noon):
    knock(3)

    set_clock(noon + timedelta(hours=1))

    knock(3)


def test_no_address_is_kept_and_what_is_past_is_forgotten(noon):
    knock(1, who="vera@stagedoor.example")
    assert "vera" not in Tally.objects.get().key

    set_clock(noon + timedelta(hours=1))

    assert forget_past() == 1
    assert not Tally.objects.exists()
