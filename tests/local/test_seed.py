"""The demo's shop is whole after one seed, and no different after two."""

import pytest
from django.core.management import call_command
from django.test import Client

from config.invariants import broken_invariants
from liveevents.drops.models import Drop
from liveevents.events.models import LiveEvent
from liveevents.events.states import EventState
from shop.accounts.models import User
from shop.catalog.models import DigitalFile, Picture, Product, Variant
from shop.catalog.queries import pictures_to_render, shelf
from shop.pricing.models import ShippingRate
from shop.stock.models import StockMove
from shop.stores.models import Member, Role, Store
from shop.stores.queries import DESK, EVERYTHING, stores_of

TABLES = (User, Store, Member, Product, Variant, Picture, DigitalFile, StockMove, ShippingRate, LiveEvent, Drop)


@pytest.mark.django_db(transaction=True)
def test_a_seeded_shop_is_worth_looking_at_and_seeding_again_adds_nothing(client: Client) -> None:
    call_command("seed_demo")
    saltware = Store.objects.get(handle="saltware")

    assert len(shelf(saltware)) >= 12
    assert DigitalFile.objects.count() >= 2
    assert not pictures_to_render().exists()
    assert all(picture.renditions for picture in Picture.objects.all())
    states = LiveEvent.objects.filter(store=saltware).values_list("state", flat=True)
    assert set(states) == {EventState.LIVE, EventState.SCHEDULED, EventState.DRAFT}
    assert {rate.country for rate in ShippingRate.objects.filter(store=saltware)} >= {"DE", "AT", "FR", "*"}
    assert broken_invariants() == {}
    assert client.get("/s/saltware/").status_code == 200
    everybody_has_their_door()

    before = [list(table.objects.order_by("pk").values()) for table in TABLES]
    call_command("seed_demo")
    assert [list(table.objects.order_by("pk").values()) for table in TABLES] == before


def everybody_has_their_door() -> None:
    cora, fred, mona = (User.objects.get(email=f"{name}@stagedoor.example") for name in ("cora", "fred", "mona"))
    assert [store.handle for store in stores_of(cora, roles=EVERYTHING)] == ["saltware"]
    assert [store.handle for store in stores_of(fred, roles=DESK)] == ["saltware"]
    assert not stores_of(mona, roles=DESK).exists()
    assert Member.objects.get(user=mona).role == Role.MODERATOR
