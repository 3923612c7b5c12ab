"""What the API does not have is refused as everything else is."""

import pytest
from django.test import Client


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/nope/", "/api/v1/drops/abc/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_address_that_is_not_there_is_a_problem_and_not_a_page(address: str, method: str) -> None:
    answer = Client().generic(method, address)

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert answer.json()["code"] == "not_found"


def test_an_address_without_its_last_slash_still_leads_on() -> None:
    answer = Client().get("/api/v1/events")

    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/events/")
