"""The show of a run: every drop planned in the studio before anything dies, and announced when its act comes."""

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

import psycopg

from config.local.audience import TROUBLES
from config.local.journey.show import drop_in, live_show
from config.local.journey.story import STORE
from config.local.stack import Stack
from config.local.visitor import Form, NotThere, Visitor
from tests.chaos.plan import Act

LEAD_S: Final = 2.5
OPEN_S: Final = 30
HOLD_S: Final = 15
OFFER_S: Final = 12
ANNOUNCE_WITHIN_S: Final = 60
# Shorter clocks than a creator may choose: nobody wants to wait for a minute's hold here.
SHORTEN = """
    update shop_allotment a set hold_s = %s, offer_s = %s, per_person = %s, takes_fewer = %s
    from liveevents_drop d where d.allotment_id = a.id and d.title = %s returning d.id"""
STOCK = """
    with received as (
        insert into shop_stockmove (level_id, delta, reason, reference)
        select id, %s, 'received', 'chaos:' || id from shop_stocklevel returning level_id, delta)
    update shop_stocklevel s set on_hand = on_hand + delta from received where s.id = level_id
    returning s.variant_id::text"""


@dataclass
class Stage:
    """The creator's browser and the drops of the run, by act."""

    stack: Stack
    cora: Visitor = field(init=False)
    show: str = ""
    drops: dict[int, int] = field(default_factory=dict)
    announcing: dict[int, Form] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cora = Visitor(self.stack.base_url)
        self.cora.get(next(url for who, url in self.stack.sign_in_links if who.startswith("Cora")))

    def prepare(self, acts: list[Act]) -> None:
        """Plan every drop, with enough in stock for all."""
        with psycopg.connect(self.stack.house.database_url, autocommit=True) as database:
            stocked = {variant for (variant,) in database.execute(STOCK, [sum(act.pieces for act in acts)])}
            for act in acts:
                announcing = {drop_in(form.action): form for form in self._plan(act, stocked)}
                ((drop,),) = database.execute(SHORTEN, [HOLD_S, OFFER_S, act.per_person, act.takes_fewer, title(act)])
                self.drops[act.number], self.announcing[act.number] = drop, announcing[drop]
        self.show = live_show(self.cora).link(f"/e/{STORE}/")

    def announce(self, act: Act) -> float:
        """Say when the act's drop opens; that instant. Asked again while the house is in trouble. Raises NotThere."""
        give_up_at = time.time() + ANNOUNCE_WITHIN_S
        lead_s = LEAD_S
        while time.time() < give_up_at:
            opens_at = ceil(time.time() + lead_s)
            lead_s *= 2  # a busy machine may take longer to say so
            told = datetime.fromtimestamp(opens_at, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            try:
                self.cora.send(self.announcing[act.number], opens_at=told)
                if self._opens_at(act) == opens_at:
                    return float(opens_at)
            except (*TROUBLES, psycopg.OperationalError):
                time.sleep(0.5)
        raise NotThere(f"the drop of act {act.number} could not be announced within {ANNOUNCE_WITHIN_S} s")

    def _opens_at(self, act: Act) -> float | None:
        with psycopg.connect(self.stack.house.database_url, autocommit=True) as database:
            asked = """select extract(epoch from a.opens_at)::float from shop_allotment a
                       join liveevents_drop d on d.allotment_id = a.id where d.id = %s"""
            found: Any = database.execute(asked, [self.drops[act.number]]).fetchall()[0][0]
        return None if found is None else float(found)

    def _plan(self, act: Act, stocked: set[str]) -> list[Form]:
        """Plan it; the forms that announce drops, this one's among them. Raises NotThere."""
        studio = live_show(self.cora)
        form = self.cora.get(studio.link("/drops/new/")).form("/drops/new/")
        variants = [variant for variant in form.choices["variant"] if variant in stocked]
        planned = self.cora.send(
            form,
            title=title(act),
            price="19.00",
            pieces=str(act.pieces),
            per_person=str(act.per_person),
            hold_s="30",
            duration_s=str(OPEN_S),
            variant=variants[act.number % len(variants)],
        )
        announcing = [one for one in planned.forms if "/schedule/" in one.action]
        if not announcing:
            complaints = re.findall(r'class="(?:error|notice bad)".*?<p>(.*?)</p>', planned.text, re.DOTALL)
            raise NotThere(f"no drop was planned on {planned.url} ({planned.status}): {complaints}")
        return announcing


def title(act: Act) -> str:
    """What its drop is called."""
    return f"Act {act.number}"
