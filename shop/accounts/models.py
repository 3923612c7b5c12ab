"""Accounts, shoppers and addresses."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django_countries.fields import CountryField

from shop.accounts.label import label_lines
from shop.core.clock import DatabaseNow


class UserManager(BaseUserManager["User"]):
    """Makes accounts that sign in by a code sent to their address."""

    def create_user(self, email: str, **fields: Any) -> "User":
        """An account without a password, its address in lower case."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """The platform owner, who may enter the admin with a password."""
        user = self.create_user(email, is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """An account: a person with a proven e-mail address."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=DatabaseNow())

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="one_account_an_address")]

    def __str__(self) -> str:
        return self.name or self.email


class Shopper(models.Model):
    """One browser that shops, known by its signed cookie; its account once it signed in. Never merged."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="shoppers")
    user_since = models.DateTimeField(null=True, help_text="When a guest signed in; empty for who never was one.")
    first_seen_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "shop"


class Address(models.Model):
    """Where something is sent. Never changed: a correction is another row."""

    name = models.CharField(max_length=120)
    line1 = models.CharField(max_length=120)
    line2 = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    country = CountryField()
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        app_label = "shop"

    @property
    def lines(self) -> list[str]:
        """As the post of its country prints it, then the country."""
        town = label_lines(
            name=self.name,
            street=(self.line1, self.line2),
            town=self.city,
            region=self.region,
            postal_code=self.postal_code,
            country=self.country.code,
        )
        return [*town, self.country.name]
