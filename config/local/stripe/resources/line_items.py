"""Line items of a checkout session, each with a price and a product made for it."""

from config.local.stripe.account import Account
from config.local.stripe.errors import InvalidParameter, missing_parameter
from config.local.stripe.params import Array, Currency, Integer, Metadata, Shape, Text
from config.local.stripe.shapes import Fields

PRODUCT_DATA = Shape(
    {
        "name": Text(),
        "description": Text(),
        "images": Array(Text(), most=8),
        "metadata": Metadata(),
    },
    ("name",),
)
PRICE_DATA = Shape(
    {
        "currency": Currency(),
        "product_data": PRODUCT_DATA,
        "tax_behavior": Text(choices=("exclusive", "inclusive", "unspecified")),
        "unit_amount": Integer(),
    },
    ("currency", "product_data", "unit_amount"),
)
LINE_ITEMS = Array(
    Shape(
        {"price_data": PRICE_DATA, "quantity": Integer(least=1, most=999_999), "metadata": Metadata()}, ("price_data",)
    )
)


def new_items(account: Account, asked: list[Fields]) -> list[Fields]:
    """Keep line items in the order asked. Raises InvalidParameter where they mix currencies or leave out a quantity."""
    if len({line["price_data"]["currency"] for line in asked}) > 1:
        raise InvalidParameter("You must use the same currency for all line items.", param="line_items")
    for place, line in enumerate(asked):
        if "quantity" not in line:
            raise missing_parameter(param=f"line_items[{place}][quantity]")
    return [_new_item(account, line) for line in asked]


def _new_item(account: Account, line: Fields) -> Fields:
    data, quantity = line["price_data"], line["quantity"]
    product = _new_product(account, data["product_data"])
    price = _new_price(account, data, product=product["id"])
    amount = data["unit_amount"] * quantity
    return account.add(
        {
            "object": "item",
            "adjustable_quantity": None,
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount,
            "currency": data["currency"],
            "description": product["name"],
            "metadata": line.get("metadata") or {},
            "price": price,
            "quantity": quantity,
        }
    )


def _new_product(account: Account, asked: Fields) -> Fields:
    product = {
        "object": "product",
        "active": False,
        "default_price": None,
        "description": asked.get("description"),
        "images": asked.get("images", []),
        "marketing_features": [],
        "metadata": asked.get("metadata") or {},
        "name": asked["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": account.now(),
        "url": None,
    }
    return account.add(product)


def _new_price(account: Account, asked: Fields, *, product: str) -> Fields:
    price = {
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "currency": asked["currency"],
        "custom_unit_amount": None,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product,
        "recurring": None,
        "tax_behavior": asked.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": asked["unit_amount"],
        "unit_amount_decimal": str(asked["unit_amount"]),
    }
    return account.add(price)
