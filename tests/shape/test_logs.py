"""What a log line may say."""

from config.logs import hide_secrets


def logged(**event: object) -> dict[str, object]:
    return dict(hide_secrets(None, "info", dict(event)))


def test_values_that_name_a_secret_are_hidden():
    assert logged(event="asked", authorization="Bearer sk_test_1", order=7) == {
        "event": "asked",
        "authorization": "hidden",
        "order": 7,
    }


def test_the_secret_part_of_an_address_is_hidden_wherever_it_stands():
    said = logged(request="GET /orders/tmAZuvqGmYPBmD8/pay/", event="Not Found: /files/1-2:abc/song.zip", path="/s/x/")

    assert said == {"request": "GET /orders/hidden/pay/", "event": "Not Found: /files/hidden/song.zip", "path": "/s/x/"}
