"""The platform owner may look at everything, and change only what no service keeps true."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from shop.accounts.models import User
from shop.admin import Window
from tests import make

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "shop"]
WINDOWS = [model for model in OURS if isinstance(admin.site._registry[model], Window)]


@pytest.fixture
def owner(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("owner@stagedoor.example", "a long password"))
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_can_be_looked_at(owner: Client, model: type[Model]) -> None:
    make.variant(stock=2)

    assert owner.get(page(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", WINDOWS, ids=lambda model: model.__name__)
def test_money_stock_and_history_are_not_changed_by_hand(owner: Client, model: type[Model]) -> None:
    assert owner.get(page(model, "add")).status_code == 403


def test_a_store_is_corrected_with_its_team(owner: Client) -> None:
    store = make.store(owner=make.user())

    assert owner.get(reverse("admin:shop_store_change", args=[store.pk])).status_code == 200


def test_a_stores_owner_is_not_the_platforms(client: Client) -> None:
    cora = make.user()
    make.store(owner=cora)
    client.force_login(cora)

    assert client.get(page(User, "changelist")).status_code == 302


def page(model: type[Model], kind: str) -> str:
    return reverse(f"admin:shop_{model._meta.model_name}_{kind}")
