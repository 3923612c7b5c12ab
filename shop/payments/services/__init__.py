"""What may be done about payments. `gateway` is the door to Stripe, `goods` what an attempt keeps."""

from shop.payments.services.calling_off import StillPaying, call_off_pieces, refund_called_off
from shop.payments.services.inbox import handle_webhook, receive_webhook
from shop.payments.services.lapsing import lapse_old_orders
from shop.payments.services.opening import NotPayable, give_up, open_attempt, start_payment
from shop.payments.services.refunding import (
    NothingToRefund,
    NotPaid,
    Returned,
    ask_again,
    ask_refund,
    cancel_order,
    refund,
    send_refund,
)
from shop.payments.services.settling import apply
from shop.payments.services.talking import talk, talk_briefly

__all__ = [
    "NotPaid",
    "NotPayable",
    "NothingToRefund",
    "Returned",
    "StillPaying",
    "apply",
    "ask_again",
    "ask_refund",
    "call_off_pieces",
    "cancel_order",
    "give_up",
    "handle_webhook",
    "lapse_old_orders",
    "open_attempt",
    "receive_webhook",
    "refund",
    "refund_called_off",
    "send_refund",
    "start_payment",
    "talk",
    "talk_briefly",
]
