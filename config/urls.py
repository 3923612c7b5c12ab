"""Every address of the house."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

handler500 = "config.away.crashed"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("account/", include("shop.web.account_urls")),
    path("api/v1/", include("config.api_urls")),
    path("", include("liveevents.web.urls")),  # first: in a rush nothing else is asked for
    path("", include("shop.web.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("config.local.urls")))
