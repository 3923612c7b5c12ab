"""What is sold in a bench: real drops in a show on the air, through the services. Django must stand when it is used."""

from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from typing import Final

from django.db import connection, transaction
from django.utils.text import slugify
from PIL import Image

from config.local.people import PEOPLE, account
from liveevents.drops.models import Drop
from liveevents.events.models import LiveEvent
from liveevents.events.services import draft_event, go_live
from shop.catalog.drafts import ProductDraft, VariantDraft
from shop.catalog.editing import put_product
from shop.catalog.models import Picture, Variant
from shop.catalog.services import add_picture, render_picture
from shop.core import clock
from shop.core.money import Money
from shop.pricing.services import open_offer
from shop.stock.levels import receive
from shop.stock.services import carve
from shop.stores.models import Store
from shop.stores.services import open_store

HANDLE: Final = "bench"
SKU: Final = "MUG"
SHELF: Final = ("Mug", "Bowl", "Vase", "Plate", "Cup", "Jug", "Candle", "Tote bag")
PRICE_MINOR: Final = 1800
HOLD_S: Final = 900
PAGE_PIECES: Final = 200
PIXELS: Final = 640
VIDEO: Final = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
LASTS: Final = timedelta(hours=1)


def shown_show() -> LiveEvent:
    """A show on the air in a store with goods; one drop runs and one is announced. Its page is the one measured."""
    event = _on_air(_store_with_goods(), "Friday show", video_url=VIDEO)
    put_up(event, pieces=PAGE_PIECES)
    put_up(event, pieces=PAGE_PIECES, opens_in=timedelta(hours=2))
    return event


def backstage() -> LiveEvent:
    """A second show on the air, for the drops that are claimed: they must not crowd the page that is measured."""
    return _on_air(Store.objects.get(handle=HANDLE), "Backstage")


def _on_air(store: Store, title: str, video_url: str = "") -> LiveEvent:
    now = clock.now()
    event = draft_event(store=store, title=title, about="", video_url=video_url, starts_at=now, at=now)
    return go_live(event=event, at=now)


def _store_with_goods() -> Store:
    store = open_store(
        owner=account(PEOPLE[0]),
        handle=HANDLE,
        name="Bench",
        currency="EUR",
        country="DE",
        seller="Bench GmbH, Hauptstr. 1, 10115 Berlin",
        contact_email="bench@stagedoor.example",
    )
    canvas = BytesIO()
    Image.new("RGB", (PIXELS, PIXELS), "tan").save(canvas, "JPEG")
    for title in SHELF:
        render_picture(picture_id=_product(store, title, canvas.getvalue()).pk)
    return store


@transaction.atomic(durable=True)
def _product(store: Store, title: str, picture: bytes) -> Picture:
    """A product with stock and a picture that is not rendered yet."""
    draft = VariantDraft(price_minor=2 * PRICE_MINOR, sku=title.upper(), weight_g=300)
    put = put_product(
        store=store, draft=ProductDraft(handle=slugify(title), title=title, variants=(draft,)), at=clock.now()
    )
    receive(variant=put.variants[0], quantity=100, reference=f"bench:{title}")
    return add_picture(product=put.product, content=picture, alt=title)


@transaction.atomic(durable=True)
def put_up(event: LiveEvent, *, pieces: int, opens_in: timedelta = timedelta()) -> Drop:
    """A drop of so many pieces, one a person, that opens in so long; more pieces than the studio plans, if need be."""
    variant = Variant.objects.get(product__store=event.store, sku=SKU)
    opens_at = clock.database_now() + opens_in
    window = {"opens_at": opens_at, "closes_at": opens_at + LASTS}
    count = Drop.objects.count()
    receive(variant=variant, quantity=pieces, reference=f"bench:{count}")
    allotment = carve(
        variant=variant,
        prices_minor=[PRICE_MINOR] * pieces,
        currency=variant.currency,
        per_person=1,
        hold_s=HOLD_S,
    )
    allotment.opens_at, allotment.closes_at = window["opens_at"], window["closes_at"]
    allotment.save(update_fields=list(window))
    offer = open_offer(variant=variant, price=Money(PRICE_MINOR, variant.currency), for_everyone=False, **window)
    return Drop.objects.create(
        event=event, title=f"Drop {count}", offer=offer, allotment=allotment, duration_s=int(LASTS.total_seconds())
    )


def settle_statistics() -> None:
    """What autovacuum does within a minute of a drop's making; a bench does not wait for it."""
    with connection.cursor() as cursor:
        cursor.execute("analyze shop_piece, shop_hold, shop_shopper")


def owners_of(drops: Iterable[Drop]) -> dict[tuple[int, int], str]:
    """Who owns each taken piece: (drop, number) → shopper."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select d.id, p.number, h.shopper_id::text from liveevents_drop d
               join shop_piece p on p.allotment_id = d.allotment_id join shop_hold h on h.id = p.hold_id
               where d.id = any(%s)""",
            [[drop.pk for drop in drops]],
        )
        return {(drop, number): shopper for drop, number, shopper in cursor.fetchall()}


def free_pieces(drop: Drop) -> int:
    """How many nobody has."""
    return drop.allotment.pieces.filter(hold=None).count()


def claimed_per_s(drop: Drop, *, last_s: float) -> float:
    """How fast the pieces of a drop went in the last seconds until its last hold, by the rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce((count(*) - 1) / nullif(extract(epoch from max(taken_at) - min(taken_at)), 0), 0)::float
               from shop_hold h where allotment_id = %s and taken_at >= (
                   select max(taken_at) from shop_hold where allotment_id = h.allotment_id) - %s * interval '1 s'""",
            [drop.allotment_id, last_s],
        )
        return float(cursor.fetchone()[0])
