"""The house's addresses as the demo has them."""

from django.urls import include, path

from config.urls import urlpatterns as house

urlpatterns = [*house, path("demo/", include("config.local.urls"))]
