"""Every address of the house, and a page that does nothing: the ceiling of whatever goes through all middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as house


def hello(request: HttpRequest) -> HttpResponse:
    """Nothing but the way there and back."""
    return HttpResponse("hello")


urlpatterns = [path("bench/hello/", hello, name="bench_hello"), *house]
