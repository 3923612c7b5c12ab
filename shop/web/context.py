"""What every page shows around its content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shop_front(request: HttpRequest) -> dict[str, Any]:
    """The site's address and whether this is the demo."""
    return {"site_url": settings.SITE_URL, "is_demo": settings.DEMO}
