"""Whose address counts when there are proxies in between."""

import pytest
from django.test import RequestFactory

from shop.door.address import client_address


@pytest.fixture(autouse=True)
def _proxies(settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.0.0.0/8"]


def address_of(remote: str, forwarded: str = "") -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=remote)
    request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(request)


def test_a_stranger_who_knocks_directly_cannot_name_another_address():
    assert address_of("203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_our_proxy_says_who_knocked():
    assert address_of("127.0.0.1", "203.0.113.9") == "203.0.113.9"


def test_what_a_stranger_wrote_in_front_is_never_reached():
    assert address_of("127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.2.3") == "203.0.113.9"


def test_what_is_no_address_ends_the_reading():
    assert address_of("127.0.0.1", "nonsense") == "127.0.0.1"
    assert address_of("", "203.0.113.9") == ""
