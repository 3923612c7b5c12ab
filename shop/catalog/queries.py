"""What is on the shelf."""

from django.db.models import Prefetch, QuerySet

from shop.catalog.models import Picture, Product, Variant
from shop.core.clock import DatabaseNow
from shop.stores.models import Store


def newest() -> QuerySet[Product]:
    """What open stores show, newest first, with variants and pictures: three queries however much there is."""
    return _complete(_published()).filter(store__closed_at=None).order_by("-published_at", "-pk")


def shelf(store: Store) -> QuerySet[Product]:
    """What a store shows, as above."""
    return newest().filter(store=store)


def product_page(store_handle: str, handle: str) -> Product:
    """A product that anybody may see, with its store, variants, pictures and files: four queries.

    Raises Product.DoesNotExist, also where the store is closed.
    """
    products = _complete(_published()).prefetch_related("files")
    return products.get(store__handle=store_handle, store__closed_at=None, handle=handle)


def variants_of(store: Store) -> QuerySet[Variant]:
    """Every variant of a store with its product, in the order in which people look for them."""
    variants = Variant.objects.filter(product__store=store).select_related("product")
    return variants.order_by("product__title", "product_id", "position", "pk")


def pictures_to_render() -> QuerySet[Picture]:
    """Pictures that a task still owes their renditions, oldest first."""
    return Picture.objects.filter(renditions={}).order_by("pk")


def _published() -> QuerySet[Product]:
    return Product.objects.filter(published_at__lte=DatabaseNow())


def _complete(products: QuerySet[Product]) -> QuerySet[Product]:
    variants = Prefetch("variants", Variant.objects.order_by("position", "pk"))
    return products.select_related("store").prefetch_related(variants, "pictures")
