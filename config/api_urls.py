"""The API: the same services as the pages, and their description."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("", include("shop.api.urls")),
    path("", include("liveevents.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
]
