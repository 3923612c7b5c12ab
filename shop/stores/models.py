"""Stores and the people who run them."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django_countries.fields import CountryField

from shop.core.clock import DatabaseNow

CURRENCY = RegexValidator(r"^[A-Z]{3}$", "A currency is three capital letters, such as EUR.")


class Store(models.Model):
    """A creator's shop front, with what the law wants to know of its seller."""

    handle = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    tagline = models.CharField(max_length=160, blank=True)
    about = models.TextField(blank=True)
    cover = models.ImageField(upload_to="stores/", blank=True)
    accent = models.CharField(max_length=7, default="#b4532a", validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    currency = models.CharField(max_length=3, validators=[CURRENCY])
    country = CountryField()
    seller = models.TextField(help_text="Name and address of the seller, as printed on receipts.")
    vat_id = models.CharField(max_length=40, blank=True)
    contact_email = models.EmailField()
    terms = models.TextField(blank=True)
    privacy = models.TextField(blank=True)
    imprint = models.TextField(blank=True)
    returns = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "shop"

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do: an owner everything, a moderator the talk, fulfilment the parcels."""

    OWNER = "owner"
    MODERATOR = "moderator"
    FULFILMENT = "fulfilment"


class Member(models.Model):
    """A person in a store's team."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.UniqueConstraint("store", "user", name="one_role_a_person")]


class Follow(models.Model):
    """A person who wants to hear of a store."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="follows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    followed_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.UniqueConstraint("user", "store", name="one_follow_a_person")]
