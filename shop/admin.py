"""The platform owner's window: people, stores and goods may be corrected; money, stock and history only looked at."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from shop import models

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline


class Window(ModelAdmin):
    """Rows to look at: what services, constraints and ledgers keep true is not changed by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False


class Members(TabularInline):
    model = models.Member
    autocomplete_fields = ("user",)
    extra = 0


class Variants(TabularInline):
    model = models.Variant
    fields = ("options", "sku", "barcode", "price_minor", "compare_at_minor", "currency", "weight_g", "shelf")
    extra = 0


@admin.register(models.User)
class Users(ModelAdmin):
    list_display = ("email", "name", "is_staff", "is_active", "joined_at")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser")


@admin.register(models.Store)
class Stores(ModelAdmin):
    list_display = ("name", "handle", "currency", "country", "created_at", "closed_at")
    search_fields = ("name", "handle")
    inlines = (Members,)


@admin.register(models.Follow)
class Follows(Window):
    list_display = ("store", "user", "followed_at")
    list_select_related = ("store", "user")
    list_filter = ("store",)
    search_fields = ("user__email",)


@admin.register(models.Product)
class Products(ModelAdmin):
    list_display = ("title", "store", "handle", "published_at")
    list_select_related = ("store",)
    list_filter = ("store",)
    search_fields = ("title", "handle")
    inlines = (Variants,)


@admin.register(models.ShippingRate)
class ShippingRates(ModelAdmin):
    list_display = ("store", "country", "name", "up_to_g", "price_minor", "days")
    list_filter = ("store", "country")


@admin.register(models.TaxRate)
class TaxRates(ModelAdmin):
    list_display = ("store", "country", "rate_bp")
    list_filter = ("store",)


@admin.register(models.Order)
class Orders(Window):
    list_display = ("number", "store", "email", "state", "placed_at")
    list_select_related = ("store",)
    list_filter = ("state", "store")
    search_fields = ("number", "email")


@admin.register(models.Attempt)
class Attempts(Window):
    list_display = ("id", "order", "state", "started_at")
    list_select_related = ("order",)
    list_filter = ("state",)


@admin.register(models.Refund)
class Refunds(Window):
    list_display = ("asked_at", "attempt", "amount_minor", "currency", "state", "reason")
    list_filter = ("state",)


@admin.register(models.StockMove)
class StockMoves(Window):
    list_display = ("moved_at", "level", "delta", "reason", "reference")
    list_select_related = ("level__variant__product",)
    list_filter = ("reason",)
    search_fields = ("reference",)


@admin.register(models.Piece)
class Pieces(Window):
    list_display = ("allotment", "number", "price_minor", "state", "hold")
    list_filter = ("state",)


@admin.register(models.Entry)
class Entries(Window):
    list_display = ("posted_at", "reference")
    search_fields = ("reference",)


@admin.register(models.Fact)
class Facts(Window):
    list_display = ("recorded_at", "kind", "subject", "numbers", "relayed_at")
    list_filter = ("kind",)
    search_fields = ("subject",)


@admin.register(models.Delivery)
class Deliveries(Window):
    list_display = ("fact", "reaction", "tries", "next_try_at", "done_at", "last_error")
    list_select_related = ("fact",)
    list_filter = ("reaction",)


@admin.register(models.Mail)
class Mails(Window):
    list_display = ("written_at", "to", "subject", "state", "sent_at")
    list_filter = ("state",)
    search_fields = ("to", "reference")


@admin.register(models.WebhookEvent)
class WebhookEvents(Window):
    list_display = ("received_at", "id", "kind", "subject", "done_at", "tries")
    list_filter = ("kind",)
    search_fields = ("id", "subject")
