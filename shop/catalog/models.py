"""Products, variants, pictures and files."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import FileSystemStorage, storages
from django.db import models
from django.db.models import Q

from shop.core.clock import DatabaseNow
from shop.core.money import Money
from shop.stores.models import Store


def private_files() -> FileSystemStorage:
    """Where files are kept that only a right opens."""
    return storages["private"]  # type: ignore[return-value]


class Product(models.Model):
    """One thing a store sells, in one or more variants."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="products")
    handle = models.SlugField(max_length=120)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, help_text="HTML that was made safe.")
    vendor = models.CharField(max_length=120, blank=True)
    category = models.CharField(max_length=120, blank=True)
    tags = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    option_names = ArrayField(models.CharField(max_length=60), default=list, blank=True, size=3)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.UniqueConstraint("store", "handle", name="one_handle_a_product")]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """What is put into a parcel or downloaded: a product in one size and colour, with its price."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    options = ArrayField(models.CharField(max_length=120), default=list, size=3)
    sku = models.CharField(max_length=80, blank=True)
    barcode = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    price_minor = models.PositiveBigIntegerField()
    compare_at_minor = models.PositiveBigIntegerField(null=True, blank=True)
    weight_g = models.PositiveIntegerField(default=0)
    is_digital = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    shelf = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "shop"
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint("product", "options", name="one_variant_of_each_kind"),
            models.CheckConstraint(condition=Q(is_digital=False) | Q(weight_g=0), name="files_weigh_nothing"),
        ]
        indexes: ClassVar = [models.Index("sku", name="variant_by_sku", condition=~Q(sku=""))]

    @property
    def price(self) -> Money:
        """The shop's price."""
        return Money(self.price_minor, self.currency)

    @property
    def title(self) -> str:
        """The options in words, "M / Ink"; empty for a product without options."""
        return " / ".join(self.options)


class Picture(models.Model):
    """A product's picture: the original, and WebP renditions that a task makes."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="pictures")
    variants = models.ManyToManyField(Variant, related_name="pictures", blank=True)
    original = models.ImageField(upload_to="pictures/%Y/", max_length=200, width_field="width", height_field="height")
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    alt = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    source_url = models.URLField(max_length=500, blank=True, help_text="Where an import took it from.")
    renditions = models.JSONField(default=dict, help_text="Width in pixels to the path below the media root.")

    class Meta:
        app_label = "shop"
        ordering: ClassVar = ["position", "id"]


class DigitalFile(models.Model):
    """A file that comes with a product, kept where only a right opens it."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="files")
    file = models.FileField(upload_to="files/", storage=private_files, max_length=200)
    name = models.CharField(max_length=160, help_text="What the buyer's browser saves it as.")
    size = models.PositiveBigIntegerField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "shop"
        ordering: ClassVar = ["position", "id"]
