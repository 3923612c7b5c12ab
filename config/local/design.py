"""The style sheet of the demo, `/demo/design/`: every component with goods, prices and clocks that look real."""

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from liveevents.events.models import LiveEvent
from shop.catalog.models import Picture
from shop.core.money import Money
from shop.web.icons import ICONS

LONG_NAME: Final = "Donaudampfschifffahrtsgesellschaftskapitänsmützenständer"


class SpecimenForm(forms.Form):
    """One field of each kind; shown with its errors."""

    email = forms.EmailField(label="E-mail", help_text="For the receipt and the tracking link.")
    name = forms.CharField(label="Name")
    line2 = forms.CharField(label="Company, floor", required=False)
    country = forms.ChoiceField(label="Country", choices=[("DE", "Germany"), ("AT", "Austria")])
    delivery = forms.ChoiceField(
        label="Delivery",
        widget=forms.RadioSelect,
        choices=[("post", "Post, 1–3 days"), ("pickup", "Collect at the studio")],
    )
    note = forms.CharField(label="A word to the studio", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agrees = forms.BooleanField(label="Save my card for one-tap claims")


def design(request: HttpRequest) -> HttpResponse:
    """The page, with the pictures of the demo's products where they were seeded."""
    pictures = {
        picture.product.handle: picture
        for picture in Picture.objects.select_related("product").filter(product__store__handle="saltware", position=0)
    }
    show = LiveEvent.objects.exclude(poster="").first()
    return render(request, "design.html", {**specimens(pictures), "poster_url": show.poster.url if show else ""})


def specimens(pictures: dict[str, Picture]) -> dict[str, Any]:
    """What the page shows; `pictures` by product handle, any may be missing."""
    form = SpecimenForm({"email": "vera@", "name": "Vera Lindqvist", "country": "DE", "delivery": "post"})
    return {
        "form": form,
        "icon_names": sorted(ICONS),
        "cards": _cards(pictures),
        "held": _held(pictures),
        "vase": pictures.get("ebb-vase"),
        "mug": pictures.get("tide-mug"),
        "book": pictures.get("first-bowls"),
        "steps": _steps(),
        "totals": {
            "items": _euro(9300),
            "discount": _euro(500),
            "shipping": _euro(590),
            "tax": _euro(1499),
            "total": _euro(9390),
        },
        "deal": _euro(5200),
        "shop_price": _euro(7400),
        "zero": _euro(0),
        "price_of_many": _euro(123_456_789),
        "store": {"name": "Saltware Studio"},
        "cart_url": "#",
        "cart_count": 3,
        "nav_links": [
            {"url": "#", "label": "To pack", "icon": "box", "count": 12, "is_current": True},
            {"url": "#", "label": "On the way", "icon": "truck", "count": 0, "is_current": False},
            {"url": "#", "label": "Shows", "icon": "camera", "count": 0, "is_current": False},
        ],
    }


def _euro(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


def _cards(pictures: dict[str, Picture]) -> list[dict[str, Any]]:
    rows = (
        ("ebb-vase", "Ebb Vase", 5200, 7400, "Deal in tonight's show", False),
        ("tide-mug", "Tide Mug", 2800, None, "", False),
        ("watch-cap", "Watch Cap", 4200, None, "3 colours", False),
        ("logbook", "Logbook", 1600, None, "", True),
        ("low-water-print", LONG_NAME, 2500, None, "", False),
        ("first-bowls", "First Bowls, the e-book", 1400, None, "PDF", False),
        ("no-picture", "Not photographed yet", 900, None, "", False),
    )
    return [
        {
            "picture": pictures.get(handle),
            "name": name,
            "url": "#",
            "price": _euro(price),
            "was": _euro(was) if was else None,
            "note": note,
            "gone": gone,
        }
        for handle, name, price, was, note, gone in rows
    ]


def _held(pictures: dict[str, Picture]) -> list[dict[str, Any]]:
    vase = {
        "title": "Ebb Vase, Fog",
        "of": 40,
        "price": _euro(5200),
        "quantity": 1,
        "picture": pictures.get("ebb-vase"),
    }
    return [
        {**vase, "number": 17, "remaining_ms": 93_000, "is_paying": False, "let_go_url": "#"},
        {**vase, "number": 18, "remaining_ms": 11_000, "is_paying": False, "let_go_url": "#"},
        {**vase, "number": 3, "remaining_ms": 0, "is_paying": True, "let_go_url": ""},
    ]


def _steps() -> list[dict[str, str]]:
    return [
        {"name": "Paid", "note": "Tuesday, 20:14", "state": "done", "icon": "card"},
        {"name": "Packed", "note": "Wednesday, 9:02", "state": "done", "icon": "box"},
        {"name": "On its way", "note": "With DHL, expected on Friday", "state": "current", "icon": "truck"},
        {"name": "Delivered", "note": "", "state": "ahead", "icon": "home"},
    ]
