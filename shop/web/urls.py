"""Every address of the shop's pages."""

from django.urls import path

from shop.web import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
