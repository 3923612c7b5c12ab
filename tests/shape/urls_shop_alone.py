"""The addresses of a shop without shows."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("shop.web.account_urls")),
    path("api/v1/", include("shop.api.urls")),
    path("", include("shop.web.urls")),
]
