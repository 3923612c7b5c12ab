"""Products are clean, whole, and seen by whom they are meant for."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from shop.catalog.drafts import InvalidProduct, ProductDraft, VariantDraft
from shop.catalog.editing import Put, put_product
from shop.catalog.html import make_safe
from shop.catalog.models import DigitalFile, Product, Variant
from shop.catalog.queries import newest, product_page, shelf
from shop.catalog.services import BadFileName, add_file, publish
from shop.stores.models import Store
from shop.stores.services import close_store
from tests import make
from tests.conftest import NOON

TEE: dict[str, Any] = {
    "handle": "tee",
    "title": "Tee",
    "option_names": ("Size",),
    "variants": (VariantDraft(2000, ("S",), sku="T-S"), VariantDraft(2100, ("M",), sku="T-M")),
}

pytestmark = pytest.mark.django_db


def put(store: Store, **change: Any) -> Put:
    with transaction.atomic():
        return put_product(store=store, draft=ProductDraft(**TEE | change), at=NOON)


def test_a_draft_becomes_a_product_with_its_variants_in_order() -> None:
    store = make.store()

    made = put(store, description="<script>alert(1)</script>Soft", tags=("soft", "cotton"))

    product = product_page(store.handle, "tee")
    assert made.is_new
    assert (product.description, product.tags) == ("<p>Soft</p>", ["soft", "cotton"])
    assert [(variant.title, variant.price.format()) for variant in product.variants.all()] == [
        ("S", "€20.00"),
        ("M", "€21.00"),
    ]


def test_the_same_draft_twice_changes_nothing() -> None:
    store = make.store()
    put(store)

    again = put(store)

    assert (again.is_new, again.is_changed) == (False, False)
    assert Variant.objects.count() == 2


def test_another_draft_changes_what_differs_and_leaves_absent_variants_alone() -> None:
    store = make.store()
    small, middle = put(store).variants

    changed = put(store, title="Soft tee", variants=(VariantDraft(1900, ("S",)), VariantDraft(2300, ("L",))))

    small.refresh_from_db()
    middle.refresh_from_db()
    assert changed.is_changed
    assert (small.price_minor, small.sku, middle.price_minor) == (1900, "", 2100)
    assert changed.variants[0] == small
    assert [variant.title for variant in changed.product.variants.all()] == ["S", "M", "L"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"variants": ()}, "variants"),
        ({"title": ""}, "title"),
        ({"handle": "not a handle"}, "handle"),
        ({"variants": (VariantDraft(1, ("S",)), VariantDraft(2, ("S",)))}, "options"),
        ({"variants": (VariantDraft(1, ()),)}, "options"),
        ({"variants": (VariantDraft(1, ("x" * 121,)),)}, "options"),
        ({"variants": (VariantDraft(-1, ("S",)),)}, "price_minor"),
        ({"option_names": ("Size", "Size"), "variants": (VariantDraft(1, ("S", "S")),)}, "option_names"),
    ],
)
def test_a_wrong_draft_is_refused_with_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidProduct) as refused:
        put(make.store(), **change)

    assert refused.value.details["field"] == field
    assert not Product.objects.exists()


def test_other_options_make_another_product() -> None:
    store = make.store()
    put(store)

    with pytest.raises(InvalidProduct, match="Its options were Size"):
        put(store, option_names=("Colour",), variants=(VariantDraft(1, ("Red",)),))


def test_only_what_is_published_in_an_open_store_is_seen() -> None:
    store = make.store()
    product = put(store, is_published=False).product
    assert list(shelf(store)) == []

    publish(product=product, at=NOON)
    assert list(shelf(store)) == [product]

    close_store(store=store, at=NOON)
    with pytest.raises(Product.DoesNotExist):
        product_page(store.handle, "tee")
    assert list(newest()) == []


@pytest.mark.parametrize("products", [1, 5])
def test_a_shelf_takes_three_queries_however_much_is_on_it(products: int, django_assert_num_queries: Any) -> None:
    store = make.store()
    for number in range(products):
        put(store, handle=f"tee-{number}")

    with django_assert_num_queries(3):
        assert len([(p.store.name, *p.variants.all(), *p.pictures.all()) for p in shelf(store)]) == products


def test_a_product_page_takes_four_queries(django_assert_num_queries: Any) -> None:
    store = make.store()
    put(store)

    with django_assert_num_queries(4):
        product = product_page(store.handle, "tee")
        assert (product.store, *product.pictures.all(), *product.files.all()) == (store,)
        assert len(product.variants.all()) == 2


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ("Just words", "<p>Just words</p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("<p>Fine <b>print</b></p>", "<p>Fine <b>print</b></p>"),
        ('<p onclick="x()">Hi<img src=x onerror=y></p>', "<p>Hi</p>"),
        ("<script>x</script><style>p{}</style>", ""),
        ('<a href="javascript:x">no</a>', '<p><a rel="nofollow noopener noreferrer">no</a></p>'),
        (
            '<a href="https://a.example">yes</a>',
            '<p><a href="https://a.example" rel="nofollow noopener noreferrer">yes</a></p>',
        ),
        ("<iframe src=//evil.example></iframe>x\0y", "<p>xy</p>"),
    ],
)
def test_descriptions_are_made_safe(html: str, safe: str) -> None:
    assert make_safe(html) == safe


def test_a_file_is_kept_where_no_address_leads(settings: Any) -> None:
    product = make.product()

    with transaction.atomic():
        added = add_file(product=product, content=ContentFile(b"%PDF-"), name="First bowls.pdf")

    assert (added.name, added.size) == ("First bowls.pdf", 5)
    assert not default_storage.exists(str(added.file.name))
    assert not added.file.path.startswith(str(settings.MEDIA_ROOT))


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a\\b", "line\nbreak", "x" * 161])
def test_a_file_needs_a_name_that_a_browser_can_save(name: str) -> None:
    with pytest.raises(BadFileName), transaction.atomic():
        add_file(product=make.product(), content=ContentFile(b"x"), name=name)

    assert not DigitalFile.objects.exists()
