"""Every table of the shop, for Django to find."""

from shop.accounts.models import Address, Shopper, User
from shop.cart.models import CartLine
from shop.catalog.models import DigitalFile, Picture, Product, Variant
from shop.core.facts import Delivery, Fact
from shop.core.inspections import Inspection
from shop.core.limits import Tally
from shop.downloads.models import Right
from shop.fulfilment.models import Parcel, ParcelItem
from shop.ledger.models import Account, Entry, Posting
from shop.mails.models import Mail
from shop.orders.models import Order, OrderLine
from shop.payments.models import Attempt, Refund, RefundLine, Turn, WebhookEvent
from shop.pricing.models import Offer, ShippingRate, TaxRate
from shop.stock.models import Allotment, Hold, Piece, StockLevel, StockMove, Waiter
from shop.stores.models import Follow, Member, Store

__all__ = [
    "Account", "Address", "Allotment", "Attempt", "CartLine", "Delivery", "DigitalFile", "Entry", "Fact",
    "Follow", "Hold", "Inspection", "Mail", "Member", "Offer", "Order", "OrderLine", "Parcel", "ParcelItem",
    "Picture", "Piece", "Posting", "Product", "Refund", "RefundLine", "Right", "ShippingRate", "Shopper",
    "StockLevel", "StockMove", "Store", "Tally", "TaxRate", "Turn", "User", "Variant", "Waiter", "WebhookEvent",
]  # fmt: skip
