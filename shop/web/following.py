"""Following a store: one button, with and without a script. A guest signs in on the way, and follows then."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from shop.door.shopper import account_or_404, signed_in
from shop.door.stores import store_or_404
from shop.stores.models import Store
from shop.stores.queries import followed_by
from shop.stores.services import follow_store, unfollow_store
from shop.web.caching import secret

# What a guest wanted before they signed in: the handle of a store, in their session.
WISH = "wants_to_follow"


@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, store: str) -> HttpResponse:
    """Follow, or stop; a script gets the button back. GET is where a guest who pressed it comes after signing in."""
    found, user, back = store_or_404(store), signed_in(request), _way_back(request, store)
    if request.method != "POST":
        if user and request.session.pop(WISH, "") == found.handle:
            follow_store(store=found, user=user)
            messages.success(request, _("You follow {store} now.").format(store=found))
        return HttpResponseRedirect(back, status=303)
    if user is None:
        return _by_way_of_sign_in(request, found, back)
    wants = request.POST.get("follow") != "no"
    (follow_store if wants else unfollow_store)(store=found, user=user)
    if "HX-Request" in request.headers and "HX-Boosted" not in request.headers:
        button = render(request, "shop/_follow.html", {"store": found, "follows": wants, "back": back})
        return trigger_client_event(button, "followed")
    return HttpResponseRedirect(back, status=303)


@require_safe
@secret
@login_required
def following(request: HttpRequest) -> HttpResponse:
    """The stores that the person follows."""
    return render(request, "shop/account_following.html", {"followed": followed_by(account_or_404(request))})


def _by_way_of_sign_in(request: HttpRequest, store: Store, back: str) -> HttpResponse:
    request.session[WISH] = store.handle
    here = f"{reverse('follow', args=[store.handle])}?{urlencode({'next': back})}"
    sign_in = f"{reverse('account_login')}?{urlencode({'next': here})}"
    return (
        HttpResponseClientRedirect(sign_in)
        if "HX-Request" in request.headers
        else HttpResponseRedirect(sign_in, status=303)
    )


def _way_back(request: HttpRequest, store: str) -> str:
    """The page where the button was, if it is one of ours; else the store's."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else reverse("store", args=[store])
