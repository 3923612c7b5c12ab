"""From facts to what follows them: each fact gets its deliveries once, each delivery is done once.

`REACTIONS` (in `config/reactions.py`) is handed in: the kernel does not know the parts.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F

from shop.core.clock import DatabaseNow
from shop.core.facts import Delivery, Fact
from shop.core.trace import following

Reactions = Mapping[str, Mapping[str, Callable[[Fact], object]]]

LONGEST_WAIT_S = 600
ALERT_AFTER = 5

log = structlog.get_logger(__name__)


@transaction.atomic(durable=True)
def relay(*, reactions: Reactions, at_most: int = 200) -> int:
    """Give facts that were not relayed yet one delivery for each of their reactions; how many deliveries."""
    facts = list(Fact.objects.select_for_update(skip_locked=True).filter(relayed_at=None).order_by("id")[:at_most])
    made = Delivery.objects.bulk_create(
        Delivery(fact=fact, reaction=name) for fact in facts for name in reactions.get(fact.kind, {})
    )
    Fact.objects.filter(id__in=[fact.id for fact in facts]).update(relayed_at=DatabaseNow())
    return len(made)


def owed(*, at_most: int = 200) -> dict[int, str]:
    """The ids of deliveries that are not done and not put off, the longest owed first, each with its request's id."""
    due = Delivery.objects.filter(done_at=None, next_try_at__lte=DatabaseNow())
    return dict(due.order_by("next_try_at").values_list("id", "fact__request_id")[:at_most])


def react(*, delivery_id: int, reactions: Reactions) -> bool:
    """Do what a delivery owes; its effect and its done-mark commit together. False where it is done or being done.

    Whatever goes wrong is written on the delivery, with the time of the next try, and raised again.
    """
    try:
        return _do(delivery_id=delivery_id, reactions=reactions)
    except Exception as failure:  # any bug of any reaction: kept, told, raised
        _put_off(delivery_id=delivery_id, failure=failure)
        raise


@transaction.atomic(durable=True)
def _do(*, delivery_id: int, reactions: Reactions) -> bool:
    owed_ones = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("fact")
    delivery = owed_ones.filter(id=delivery_id, done_at=None).first()
    if delivery is None:
        return False
    fact = delivery.fact
    with following(fact.request_id):
        reactions[fact.kind][delivery.reaction](fact)
        Delivery.objects.filter(id=delivery.id).update(done_at=DatabaseNow(), last_error="")
        log.info("reacted", fact=fact.kind, subject=fact.subject, reaction=delivery.reaction)
    return True


@transaction.atomic(durable=True)
def _put_off(*, delivery_id: int, failure: Exception) -> None:
    delivery = Delivery.objects.select_related("fact").filter(id=delivery_id, done_at=None).first()
    if delivery is None:
        return
    wait = timedelta(seconds=min(2**delivery.tries, LONGEST_WAIT_S))
    Delivery.objects.filter(id=delivery_id).update(
        tries=F("tries") + 1, next_try_at=DatabaseNow() + wait, last_error=f"{type(failure).__name__}: {failure}"[:2000]
    )
    with following(delivery.fact.request_id):
        tell = log.error if delivery.tries + 1 >= ALERT_AFTER else log.warning
        tell("reaction_failed", fact=delivery.fact_id, reaction=delivery.reaction, tries=delivery.tries + 1)
