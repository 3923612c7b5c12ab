"""`python -m config.local.show [--no-audience]`: the demo's show goes on: a drop every few minutes, people who watch.

It does what a creator does in the studio, through the same services. Started again after a crash it simply goes on.
"""

import argparse
import os
import random
import signal
from datetime import timedelta
from itertools import count
from threading import Event
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import django

if TYPE_CHECKING:
    from liveevents.drops.ladder import Step
    from shop.core.money import Money

STORE: Final = "saltware"
SKUS: Final = (
    *("SW-MUG-FOG", "SW-PRT-A3", "SW-BWL-INK", "SW-LP1", "SW-CDL"),
    *("SW-TOT-NAT", "SW-MUG-RUS", "SW-LOG-DOT", "SW-CAP-RUS", "SW-VAS-INK"),
)
FIRST_LEAD_S, LEAD_S = 15, 20
OPEN_S, PAUSE_S = 150, 40
HOLD_S = 90
PIECES: Final = (12, 14, 16, 20, 24, 32, 40)
# Of so many drops one after the other, those with a price ladder, and those that are not for everyone.
ROUND: Final = 6
LADDERS: Final = (1, 4)
AUDIENCES: Final = {3: "followers", 5: "code_word"}


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings

    from config.local.audience import gather
    from config.local.seed_shows import WORD

    options = _parse()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not options.no_audience:
        gather(settings.SITE_URL, store=STORE, stop=stop, word=WORD)
    go_on(stop, random.Random())


def go_on(stop: Event, dice: random.Random) -> None:
    """Announce one drop after the other until told to stop."""
    from shop.core.errors import Conflict

    for number in count():
        lead_s = LEAD_S if number else FIRST_LEAD_S
        try:
            announce_drop(number, lead_s=lead_s, dice=dice)
        except Conflict as refused:  # somebody ended the show meanwhile: the next drop finds or makes another
            print(f"no drop: {refused.said}", flush=True)
            lead_s = 0
        if stop.wait(lead_s + OPEN_S + PAUSE_S if lead_s else LEAD_S):
            return


def announce_drop(number: int, *, lead_s: int, dice: random.Random) -> None:
    """Set pieces of the next product aside, restocked if short, and let them open in so many seconds.

    Raises Conflict where the show is not what it was.
    """
    from config.local.seed_shows import WORD, plan_shows
    from liveevents.drops.planning import plan_drop
    from liveevents.drops.services import schedule_drop
    from liveevents.events.queries import live_now
    from shop.catalog.queries import variants_of
    from shop.core import clock
    from shop.core.money import Money
    from shop.stock.models import Audience
    from shop.stores.models import Store

    store = Store.objects.get(handle=STORE)
    plan_shows(store, at=clock.now())
    event = live_now().filter(store=store).order_by("live_at")[0]
    variant, pieces = variants_of(store).get(sku=SKUS[number % len(SKUS)]), dice.choice(PIECES)
    price = Money(_deal_minor(variant.price_minor, dice), variant.currency)
    audience = AUDIENCES.get(number % ROUND, "everyone")
    _restock(variant.pk, pieces)
    drop = plan_drop(
        event=event,
        variant=variant,
        price=price,
        pieces=pieces,
        per_person=dice.choice((1, 1, 2)),
        hold_s=HOLD_S,
        duration_s=OPEN_S,
        title=variant.product.title,
        ladder=_ladder(price, pieces) if number % ROUND in LADDERS else (),
        takes_fewer=True,
        audience=Audience(audience),
        code_word=WORD if audience == "code_word" else "",
    )
    schedule_drop(drop=drop, opens_at=clock.database_now() + timedelta(seconds=lead_s))


def _ladder(price: "Money", pieces: int) -> "list[Step]":
    """A quarter of the pieces a third cheaper, the next quarter a sixth."""
    from liveevents.drops.ladder import Step, percent_off

    return [Step(pieces // 4, percent_off(price, percent)) for percent in (33, 16)]


def _restock(variant_id: int, pieces: int) -> None:
    """The kiln was opened again: there are always enough for a drop and some for the shelf."""
    from django.db import transaction

    from shop.catalog.models import Variant
    from shop.stock.levels import receive
    from shop.stock.queries import free_stock

    if free_stock([variant_id])[variant_id] < pieces + 5:
        with transaction.atomic():
            receive(variant=Variant.objects.get(pk=variant_id), quantity=2 * max(PIECES), reference=f"show:{uuid4()}")


def _deal_minor(price_minor: int, dice: random.Random) -> int:
    """A fifth to two fifths less, in steps of fifty cents."""
    return max(50, price_minor * dice.choice((60, 65, 70, 75, 80)) // 100 // 50 * 50)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.local.show", description=__doc__)
    parser.add_argument("--no-audience", action="store_true", help="nobody watches")
    return parser.parse_args()


if __name__ == "__main__":
    main()
