"""Whose address counts when there are proxies in between."""

import pytest
from django.test import RequestFactory

from shop.door.address import client_address, network_of, network_of_environ


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


def network(remote: str, forwarded: str = "") -> int | None:
    return network_of_environ({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded})


def test_an_address_of_our_own_is_no_strangers_network():
    assert network("127.0.0.1") is None
    assert network("10.1.2.3", "10.1.2.4, 127.0.0.1") is None
    assert network("") is None
    assert network("unix:") is None


def test_a_network_is_one_address_in_ipv4_and_a_household_in_ipv6():
    assert network("203.0.113.9") == network("127.0.0.1", "203.0.113.9") == network("::ffff:203.0.113.9")
    assert network("203.0.113.9") != network("203.0.113.10")
    assert network("2001:db8:0:1::5") == network("2001:db8:0:1:ffff::6") != network("2001:db8:0:2::5")


def test_our_own_address_written_as_ipv6_is_ours_too():
    assert network("::ffff:127.0.0.1") is None
    assert network("::ffff:10.2.3.4", "203.0.113.9") == network("203.0.113.9")


def test_a_network_is_a_number_that_fits_a_bigint_and_does_not_tell_the_address(settings):
    before = network("203.0.113.9")
    settings.SECRET_KEY = "another-house-another-house-another-house"

    assert isinstance(before, int)
    assert -(2**63) <= before < 2**63
    assert network("203.0.113.9") != before


@pytest.mark.parametrize(
    "forwarded",
    ["x" * 5000, ",,,", " , nonsense", "\xff\x00", "1.2.3.4:80", "[2001:db8::1]", "%s" % ("127.0.0.1," * 2000)],
)
def test_a_header_that_makes_no_sense_is_never_believed(forwarded: str):
    assert network("203.0.113.9", forwarded) == network("203.0.113.9")
    assert network("127.0.0.1", f"{forwarded}, 203.0.113.9") == network("203.0.113.9")
    assert network("127.0.0.1", forwarded) is None


def test_a_request_of_djangos_has_the_same_network():
    assert network_of(RequestFactory().get("/", REMOTE_ADDR="203.0.113.9")) == network("203.0.113.9")
