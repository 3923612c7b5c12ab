"""The API: the same services as the pages, and their description."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from shop.api.absent import Absent

urlpatterns = [
    path("", include("shop.api.urls")),
    path("", include("liveevents.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    re_path(r"^(?:.*/)?$", Absent.as_view(), name="api-absent"),
]
