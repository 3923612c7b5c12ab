"""What a page may load: the same header for every page, so it is written once."""

from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """django-csp's middleware, which writes the policy anew for each response; only those with their own need it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the policy; as django-csp does where the view changed it or a nonce was given."""
        if any(name.startswith("_csp") for name in (*vars(request), *vars(response))):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._of_every_page)
        return response

    @cached_property
    def _of_every_page(self) -> str:
        parts = PolicyParts()
        return build_policy(parts.config, parts.update, parts.replace, parts.nonce)
