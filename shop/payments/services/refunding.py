"""Money back by line: decided and written by us at once, sent to Stripe afterwards."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.db.models import F, Sum

from shop.accounts.models import User
from shop.core import facts
from shop.core.db import inside_transaction, outside_transaction
from shop.core.errors import Conflict, Invalid
from shop.core.money import Money, total_of
from shop.core.states import advance
from shop.ledger.services import post
from shop.orders.models import Order, OrderLine
from shop.orders.services import mark_cancelled, take_units_back
from shop.payments import gateway
from shop.payments.gateway import StripeAway, StripeFailed, StripeRefused
from shop.payments.models import Attempt, Refund, RefundLine
from shop.payments.seen import RefundStatus, SeenRefund
from shop.payments.services.locks import lock_order
from shop.payments.states import AttemptState, RefundState
from shop.stock import levels, services

log = structlog.get_logger(__name__)


class NotPaid(Conflict):
    """Money that never came cannot go back; nor can what went back already."""

    code = "not_paid"
    sentence = "This order was not paid, or its money went back already."


class NothingToRefund(Invalid):
    """No unit was chosen, and no shipping that was not refunded before."""

    code = "nothing_to_refund"
    sentence = "Choose what goes back."


@dataclass(frozen=True)
class Returned:
    """What a refund is for: line id to units, whether they come back for sale, whether shipping goes back too.

    One key makes one refund, however often it is asked for.
    """

    units: Mapping[int, int]
    comes_back: bool
    with_shipping: bool
    key: UUID = field(default_factory=uuid4)


@transaction.atomic(durable=True)
def refund(
    *,
    order: Order,
    lines: Mapping[int, int],
    comes_back: bool,
    with_shipping: bool,
    by: User | None,
    reason: str,
    at: datetime,
    key: UUID | None = None,
) -> Refund:
    """Give back so many units of each line (id to units), and decide whether they can be sold again.

    Shipping goes back when asked for, and with the last unit that is sent. The same key again gets the same refund:
    a form that was sent twice gives back once. Raises NotPaid, TooMany, NothingToRefund.
    """
    returned = Returned(lines, comes_back, with_shipping, key or uuid4())
    return ask_refund(order=order, returned=returned, by=by, reason=reason, at=at)


@inside_transaction
def ask_refund(*, order: Order, returned: Returned, by: User | None, reason: str, at: datetime) -> Refund:
    """The same inside another use case: `refund` is for edges."""
    order = lock_order(order.pk)
    if made_before := Refund.objects.filter(pk=returned.key).first():
        return made_before
    paid = order.attempts.filter(state=AttemptState.PAID).first()
    if paid is None or not order.is_paid:
        raise NotPaid
    lines = take_units_back(order=order, units=returned.units)
    shipping = _shipping_due(order, with_shipping=returned.with_shipping)
    if not lines and not shipping:
        raise NothingToRefund(field="lines")
    made = _write(paid, returned=returned, lines=lines, shipping=shipping, by=by, reason=reason, at=at)
    _move_goods(made, comes_back=returned.comes_back)
    if not any(line.kept_quantity for line in order.lines.all()):
        mark_cancelled(order=order, at=at)
    if not made.amount:
        _finish(made, SeenRefund("", RefundStatus.DONE), at=at)
    return made


@inside_transaction
def cancel_order(*, order: Order, by: User | None, reason: str, at: datetime) -> Refund:
    """Give back everything that was not given back yet, shipping too; the goods are for sale again.

    Until when a buyer may do this is decided by who calls. Raises NotPaid.
    """
    order = lock_order(order.pk)
    kept = {line.pk: line.kept_quantity for line in order.lines.all() if line.kept_quantity}
    returned = Returned(kept, comes_back=True, with_shipping=True)
    return ask_refund(order=order, returned=returned, by=by, reason=reason, at=at)


@transaction.atomic(durable=True)
def ask_again(*, refund: Refund, at: datetime) -> None:
    """A person repaired what made a refund fail: Stripe is asked once more."""
    lock_order(refund.attempt.order_id)
    refund.refresh_from_db()
    if refund.state == RefundState.FAILED:
        advance(refund, RefundState.ASKED, asked_at=at, looked_at=at, failure="", stripe_id="", ended_at=None)


@outside_transaction
def send_refund(*, refund_id: UUID, at: datetime) -> Refund:
    """Tell Stripe of a refund, or hear what became of it; may be repeated. If Stripe is away it is due again later."""
    try:
        return hear_of_refund(refund_id=refund_id, at=at)
    except StripeAway:
        return Refund.objects.select_related("attempt__order").get(pk=refund_id)


@outside_transaction
def hear_of_refund(*, refund_id: UUID, at: datetime) -> Refund:
    """The same for who must know that Stripe answered: a refund that was done is not due again. Raises StripeAway."""
    asked = Refund.objects.select_related("attempt__order").get(pk=refund_id)
    if asked.state != RefundState.ASKED and not asked.stripe_id:
        return asked
    try:
        seen = _ask_stripe(asked)
    except StripeAway as silence:
        log.warning("stripe_away", refund=str(refund_id), silence=str(silence))
        _put_off(asked, silence, at=at)
        raise
    return _settle_refund(refund_id=refund_id, seen=seen, at=at)


def _put_off(asked: Refund, silence: StripeAway, *, at: datetime) -> None:
    """Due again later. Stripe repeats an error of its own for a day to the same key: so the next ask has another key,
    once Stripe's list says that none of those before made a refund.
    """
    is_remembered = isinstance(silence, StripeFailed) and not asked.stripe_id
    row = Refund.objects.filter(pk=asked.pk, asks=asked.asks)
    row.update(looked_at=at, asks=F("asks") + (1 if is_remembered else 0))


def _ask_stripe(asked: Refund) -> SeenRefund:
    try:
        if asked.stripe_id:
            return gateway.read_refund(asked.stripe_id)
        was_tried = asked.looked_at > asked.asked_at
        return (gateway.find_refund(asked) if was_tried else None) or gateway.refund(asked)
    except StripeRefused as refusal:
        log.error("stripe_refused", refund=str(asked.pk), code=refusal.code)
        return SeenRefund(asked.stripe_id, RefundStatus.FAILED, refusal.code)


@transaction.atomic(durable=True)
def _settle_refund(*, refund_id: UUID, seen: SeenRefund, at: datetime) -> Refund:
    order_id = Attempt.objects.values_list("order_id", flat=True).get(refunds=refund_id)
    lock_order(order_id)
    made = Refund.objects.select_related("attempt__order").get(pk=refund_id)
    made.stripe_id, made.looked_at = seen.stripe_id or made.stripe_id, at
    made.save(update_fields=["stripe_id", "looked_at"])
    _finish(made, seen, at=at)
    return made


def _finish(made: Refund, seen: SeenRefund, *, at: datetime) -> None:
    """Move along as far as Stripe says; what it said before changes nothing. A refund that was done may still fail."""
    order_id, reference = made.attempt.order_id, f"refund:{made.pk}:{int(made.asked_at.timestamp())}"
    if seen.status == RefundStatus.SENT and made.state == RefundState.ASKED:
        advance(made, RefundState.SENT)
    elif seen.status == RefundStatus.DONE and made.state in (RefundState.ASKED, RefundState.SENT):
        advance(made, RefundState.DONE, ended_at=at)
        post(reference=reference, legs=_legs(made))
        facts.record("refund.done", subject=made.pk, order=order_id, amount_minor=made.amount_minor)
    elif seen.status == RefundStatus.FAILED and made.state != RefundState.FAILED:
        if made.state == RefundState.DONE:
            post(reference=f"{reference}:failed", legs={name: -amount for name, amount in _legs(made).items()})
        advance(made, RefundState.FAILED, ended_at=at, failure=seen.failure[:200])
        facts.record("refund.failed", subject=made.pk, order=order_id, amount_minor=made.amount_minor)


def _write(
    paid: Attempt,
    *,
    returned: Returned,
    lines: Collection[OrderLine],
    shipping: Money,
    by: User | None,
    reason: str,
    at: datetime,
) -> Refund:
    units = [line.unit_price * returned.units[line.pk] for line in lines]
    amount = total_of(units, currency=paid.currency) + shipping
    made = Refund.objects.create(
        id=returned.key,
        attempt=paid,
        amount_minor=amount.amount_minor,
        shipping_minor=shipping.amount_minor,
        currency=paid.currency,
        reason=reason[:200],
        asked_by=by,
        asked_at=at,
        looked_at=at,
    )
    RefundLine.objects.bulk_create(
        RefundLine(refund=made, order_line=line, quantity=returned.units[line.pk], comes_back=returned.comes_back)
        for line in lines
    )
    facts.record("refund.asked", subject=made.pk, order=paid.order_id, amount_minor=made.amount_minor)
    return made


def _shipping_due(order: Order, *, with_shipping: bool) -> Money:
    """What of the shipping goes back now: all that is left of it when asked for, or when nothing is sent any more."""
    is_sent = any(line.kept_quantity for line in order.lines.all() if not line.is_digital)
    before = Refund.objects.filter(attempt__order=order).aggregate(sum=Sum("shipping_minor"))["sum"] or 0
    left = order.shipping - Money(before, order.currency)
    return left if with_shipping or not is_sent else Money(0, order.currency)


def _move_goods(made: Refund, *, comes_back: bool) -> None:
    """Pieces become free or are written off; other goods return to their shelf or stay away. Files are nowhere."""
    returned = made.lines.select_related("order_line__piece")
    pieces = [line.order_line.piece for line in returned if line.order_line.piece]
    piece_ids = [piece.pk for piece in pieces]
    if not comes_back:
        services.write_off(piece_ids=piece_ids)
        return
    units = [line for line in returned if line.order_line.piece is None and not line.order_line.is_digital]
    variant_ids = {line.order_line.variant_id for line in units}
    services.lock_shelves(allotment_ids={piece.allotment_id for piece in pieces}, variant_ids=variant_ids)
    services.take_back(piece_ids=piece_ids)
    for line in units:
        reference = f"refund:{made.pk}:{line.order_line_id}"
        levels.put_back(variant_id=line.order_line.variant_id, quantity=line.quantity, reference=reference)


def _legs(made: Refund) -> dict[str, Money]:
    """Out of Stripe's account, back from what the store sold and sent."""
    store_id, shipping = made.attempt.order.store_id, Money(made.shipping_minor, made.currency)
    return {
        "stripe": -made.amount,
        f"store:{store_id}:sales": made.amount - shipping,
        f"store:{store_id}:shipping": shipping,
    }
