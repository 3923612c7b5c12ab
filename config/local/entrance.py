"""The demo's doors: a signed link for each of its people, which signs in whoever opens it."""

from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.local.people import PEOPLE, Person
from shop.accounts.models import User
from shop.web.sign_in import sign_in

SALT = "demo-entrance"


def sign_in_link(person: Person) -> str:
    """The address that signs a demo person in and leads to the page where their day begins."""
    path = reverse("demo_enter", args=[signing.dumps(person.email, salt=SALT)])
    return f"{settings.SITE_URL}{path}?{urlencode({'next': person.place})}"


@require_safe
def people_page(request: HttpRequest) -> HttpResponse:
    """Everybody whom a visitor of the demo may be."""
    people = [{"person": person, "url": sign_in_link(person)} for person in PEOPLE]
    return render(request, "demo/people.html", {"people": people})


@require_safe
@never_cache
def enter(request: HttpRequest, pass_: str) -> HttpResponse:
    """Sign in as the person whom the link names; 404 for a link that we did not sign."""
    try:
        user = User.objects.get(email=signing.loads(pass_, salt=SALT), is_active=True)
    except (signing.BadSignature, User.DoesNotExist) as forged:
        raise Http404 from forged
    sign_in(request, user)
    wanted = request.GET.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(wanted if is_ours else "/")
