"""The one place where a payment changes anything: what Stripe said becomes rows, however often it is said."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from shop.cart.services import clear_bought
from shop.core.db import inside_transaction
from shop.core.money import Money
from shop.core.states import advance
from shop.ledger.services import post
from shop.orders.models import Order
from shop.orders.services import lapse, mark_paid
from shop.payments.goods import cart_units, ends_soon, holds_in, is_payable, release_goods, sell_goods, unsell_goods
from shop.payments.models import Attempt
from shop.payments.seen import Seen, Status
from shop.payments.services.limiting import limit_hit
from shop.payments.services.locks import lock_attempt
from shop.payments.states import AttemptState
from shop.payments.times import PAY_S, RETRY_S
from shop.stock.services import extend_fence

log = structlog.get_logger(__name__)


class GoodsGone(Exception):
    """Something that the attempt should have kept is gone; nothing of it may be sold."""


@transaction.atomic(durable=True)
def apply(*, attempt_id: UUID, seen: Seen, at: datetime) -> Attempt:
    """Make the rows agree with what Stripe said; the same again changes nothing.

    Money is not taken, and the attempt stays where it is, if the amount is another or the goods are gone: then
    whoever talks to Stripe gives it back.
    """
    attempt = lock_attempt(attempt_id)
    _learn(attempt, seen)
    if not attempt.is_live:
        return attempt
    _note(attempt, seen, at=at)
    if attempt.state == AttemptState.CREATED and seen.session_id:
        _open(attempt, at=at)
    _MEANINGS[seen.status](attempt, seen, at)
    return attempt


@inside_transaction
def settle_free(attempt: Attempt, *, at: datetime) -> None:
    """An order that costs nothing is paid without asking anybody."""
    if not sell_goods(attempt):
        raise GoodsGone
    _finish(attempt, at=at)


def _learn(attempt: Attempt, seen: Seen) -> None:
    """Keep the ids, which stay once they are known: whoever gives money back for a dead attempt needs them too."""
    attempt.session_id = seen.session_id or attempt.session_id
    attempt.intent_id = seen.intent_id or attempt.intent_id
    attempt.fingerprint = seen.fingerprint or attempt.fingerprint
    attempt.save(update_fields=["session_id", "intent_id", "fingerprint"])


def _note(attempt: Attempt, seen: Seen, *, at: datetime) -> None:
    """Keep how the payment stands, and that Stripe answered."""
    attempt.url, attempt.decline_code = seen.url, seen.decline_code
    attempt.looked_at, attempt.tries = at, 0
    attempt.save(update_fields=["url", "decline_code", "looked_at", "tries"])


def _open(attempt: Attempt, *, at: datetime) -> None:
    """Stripe's page is there: from now on the buyer has the whole time, however long the page was waited for."""
    is_in_time = attempt.ends_at > at
    advance(attempt, AttemptState.OPEN)
    if is_in_time:
        attempt.pay_until = max(attempt.pay_until, at + timedelta(seconds=PAY_S))
        attempt.save(update_fields=["pay_until"])
        extend_fence(hold_ids=holds_in(attempt.order), until=attempt.pay_until)


def _wait(attempt: Attempt, seen: Seen, at: datetime) -> None:
    """The buyer has not finished."""


def _authorise(attempt: Attempt, seen: Seen, at: datetime) -> None:
    """The money waits: the goods are sold before it is captured, unless they are more than one person may have."""
    if attempt.state == AttemptState.OPEN and _is_asked_for(attempt, seen) and _is_allowed(attempt) and _sell(attempt):
        advance(attempt, AttemptState.AUTHORISED)


def _pay(attempt: Attempt, seen: Seen, at: datetime) -> None:
    """The money is here."""
    if not _is_asked_for(attempt, seen) or attempt.refused_for:
        return
    if attempt.state == AttemptState.AUTHORISED or _sell(attempt):
        _finish(attempt, at=at)


def _die(attempt: Attempt, seen: Seen, at: datetime) -> None:
    """The money will never come; the order may be paid by another attempt as long as its holds live."""
    if attempt.state == AttemptState.AUTHORISED:
        unsell_goods(attempt)
    else:
        attempt.gave_time = _was_declined(attempt, seen) and ends_soon(attempt.order, within_s=RETRY_S)
        release_goods(attempt.order, least_s=RETRY_S if attempt.gave_time else 0)
    advance(attempt, AttemptState.DEAD, ended_at=at, gave_time=attempt.gave_time)
    if not is_payable(attempt.order):
        lapse(order=attempt.order, at=at)


_MEANINGS: dict[Status, Callable[[Attempt, Seen, datetime], None]] = {
    Status.WAITING: _wait,
    Status.AUTHORISED: _authorise,
    Status.PAID: _pay,
    Status.DEAD: _die,
}


def _was_declined(attempt: Attempt, seen: Seen) -> bool:
    """Whether a bank said no, and the buyer, who did not give up, gets time for another card: once an order."""
    is_banks = bool(seen.session_id and seen.decline_code) and not attempt.refused_for
    is_first = not attempt.order.attempts.filter(gave_time=True).exists()
    return is_banks and attempt.end_asked_at is None and is_first


def _is_allowed(attempt: Attempt) -> bool:
    """Whether the order stays below the limits of its sales; once refused, always: it is being voided."""
    if not attempt.refused_for:
        attempt.refused_for = limit_hit(attempt) or ""
        attempt.save(update_fields=["refused_for"])
    return not attempt.refused_for


def _is_asked_for(attempt: Attempt, seen: Seen) -> bool:
    if seen.amount != attempt.amount:
        log.error("payment_of_another_amount", attempt=str(attempt.pk), seen=str(seen.amount))
    return seen.amount == attempt.amount


def _sell(attempt: Attempt) -> bool:
    """Sell the goods; False, and nothing sold, where any of them is gone."""
    try:
        with transaction.atomic():
            if not sell_goods(attempt):
                raise GoodsGone
    except GoodsGone:
        log.error("payment_without_goods", attempt=str(attempt.pk))
        return False
    return True


def _finish(attempt: Attempt, *, at: datetime) -> None:
    advance(attempt, AttemptState.PAID, ended_at=at)
    mark_paid(order=attempt.order, at=at)
    clear_bought(shopper=attempt.order.shopper, bought=cart_units(attempt.order))
    post(reference=f"attempt:{attempt.pk}:paid", legs=_legs(attempt.order))


def _legs(order: Order) -> dict[str, Money]:
    """Into Stripe's account with us, out of what the store sold and sent."""
    return {
        "stripe": order.total,
        f"store:{order.store_id}:sales": -order.items,
        f"store:{order.store_id}:shipping": -order.shipping,
    }
