"""What happens around every page: the policy of what it may load, and its line in the log."""

import json
import logging
from typing import Any

import pytest
from csp.constants import NONCE, SELF
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from shop.web.policy import PolicyMiddleware

POLICY = "Content-Security-Policy"


def answered(by: type[CSPMiddleware], **attributes: object) -> dict[str, str]:
    """The headers of a response with these attributes, by one of the two middlewares; the policy's parts sorted."""

    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        if attributes.get("with_nonce"):
            response.headers["X-Nonce"] = str(request.csp_nonce)  # type: ignore[attr-defined]
        vars(response).update(attributes)
        return response

    response = by(view)(RequestFactory().get("/"))
    assert isinstance(response, HttpResponse)
    headers = dict(response.headers)
    headers[POLICY] = "; ".join(sorted(headers.get(POLICY, "").split("; ")))
    return headers


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"_csp_exempt": True},
        {"_csp_update": {"frame-src": ["x.example"]}},
        {"_csp_replace": {"img-src": ["'none'"]}},
    ],
)
def test_the_policy_is_the_one_that_django_csp_writes(attributes: dict[str, object]) -> None:
    assert answered(PolicyMiddleware, **attributes) == answered(CSPMiddleware, **attributes)


def test_a_nonce_is_in_the_policy_of_its_own_response_only(settings: Any) -> None:
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"script-src": [SELF, NONCE]}}
    given = answered(PolicyMiddleware, with_nonce=True)

    assert given["X-Nonce"] in given[POLICY]
    assert "nonce" not in answered(PolicyMiddleware)[POLICY]


def test_a_request_is_told_of_once_with_the_address_that_our_proxy_wrote(caplog: Any) -> None:
    with caplog.at_level(logging.INFO, logger="django_structlog"):
        Client().get(
            "/healthz",
            REMOTE_ADDR="127.0.0.1",
            HTTP_X_FORWARDED_FOR="198.51.100.7, 203.0.113.9",
            HTTP_USER_AGENT="Lynx",
        )

    (line,) = [record.msg for record in caplog.records if record.name.startswith("django_structlog")]
    assert json.dumps(line)
    assert (line["event"], line["code"], line["request"]) == ("request_finished", 200, "GET /healthz")
    assert (line["ip"], line["user_agent"]) == ("203.0.113.9", "Lynx")
    assert line["request_id"]
