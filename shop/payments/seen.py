"""What Stripe says, in our words: present states, never instructions."""

from dataclasses import dataclass
from enum import Enum

from shop.core.money import Money


class Status(Enum):
    """WAITING for the buyer, AUTHORISED until we capture; PAID is money that came, DEAD money that never will."""

    WAITING = "waiting"
    AUTHORISED = "authorised"
    PAID = "paid"
    DEAD = "dead"


@dataclass(frozen=True)
class Seen:
    """A payment as Stripe told it. `amount` is what was, or is to be, received; texts are empty for nothing to say."""

    status: Status
    amount: Money
    session_id: str = ""
    intent_id: str = ""
    url: str = ""
    fingerprint: str = ""
    decline_code: str = ""


class RefundStatus(Enum):
    """What became of a refund."""

    SENT = "sent"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class SeenRefund:
    """A refund as Stripe told it."""

    stripe_id: str
    status: RefundStatus
    failure: str = ""


@dataclass(frozen=True)
class Hint:
    """A webhook that was verified: something happened to the object `subject`; go and look."""

    event_id: str
    kind: str
    subject: str
