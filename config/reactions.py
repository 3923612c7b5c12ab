"""What follows a fact: its kind, then each reaction by a name that is kept with its delivery.

A reaction is a building block: it runs in one transaction with its delivery's done-mark, so it happens once, whoever
dies meanwhile. Facts may arrive in any order, so what a reaction writes follows from the rows as they are.
A name must stay while deliveries of it are owed.
"""

from typing import Final
from uuid import UUID

from config import called_off
from liveevents.drops.services import call_off_drops_of, end_drops_of
from shop.core.facts import Fact
from shop.core.relay import Reactions
from shop.downloads import services as downloads
from shop.fulfilment import services as fulfilment
from shop.mails import letters
from shop.mails.services import write


def number(fact: Fact) -> int:
    """The id of the row that a fact is about."""
    return int(fact.subject)


def order_of(fact: Fact) -> int:
    """The order that a refund's fact names."""
    return int(fact.numbers["order"])


REACTIONS: Final[Reactions] = {
    "order.paid": {
        "open a parcel": lambda fact: fulfilment.open_parcel(order_id=number(fact)),
        "give download rights": lambda fact: downloads.settle(order_id=number(fact)),
        "look for a cancelled show": lambda fact: called_off.look_again(order_id=number(fact)),
        "mail the receipt": lambda fact: write(letters.order_paid(number(fact))),
    },
    "refund.asked": {
        "take it out of the parcel": lambda fact: fulfilment.follow_refund(order_id=order_of(fact)),
        "revoke download rights": lambda fact: downloads.settle(order_id=order_of(fact)),
        "mail what goes back": lambda fact: write(letters.money_back(UUID(fact.subject))),
    },
    "parcel.packed": {"mail that it is packed": lambda fact: write(letters.parcel_packed(number(fact)))},
    "parcel.shipped": {"mail that it is on its way": lambda fact: write(letters.parcel_shipped(number(fact)))},
    "parcel.delivered": {"mail that it arrived": lambda fact: write(letters.parcel_delivered(number(fact)))},
    "event.ended": {"end its drops": lambda fact: end_drops_of(event_id=number(fact))},
    "event.cancelled": {
        "call off its drops": lambda fact: call_off_drops_of(event_id=number(fact)),
        "find who bought": lambda fact: called_off.find_buyers(event_id=number(fact)),
    },
    "order.called_off": {"give the money back": called_off.give_back},
}
