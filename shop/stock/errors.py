"""How stock says no."""

from shop.core.errors import Conflict, Forbidden, Invalid


class BadQuantity(Invalid):
    """A number of pieces that nobody may have."""

    code = "bad_quantity"
    sentence = "Choose a whole number of pieces, from 1 up to what this sale allows."


class UnknownSale(Invalid):
    """No such allotment."""

    code = "unknown_sale"
    sentence = "There is no such sale."


class NotYet(Conflict):
    """Not open yet; `ms_left` until it opens, None while nobody set an opening."""

    code = "not_yet"
    sentence = "This sale has not opened yet."


class Over(Conflict):
    """The sale was closed or ended."""

    code = "over"
    sentence = "This sale is over."


class LimitReached(Conflict):
    """Held, paying and sold pieces of the person count."""

    code = "limit"
    sentence = "That would be more than one person may have."


class SoldOut(Conflict):
    """No piece is free."""

    code = "sold_out"
    sentence = "Every piece is taken right now."


class TooFewLeft(Conflict):
    """Fewer are free than were asked for, and the sale gives all or none; `left` how many there are."""

    code = "too_few"
    sentence = "Only {left} left: ask for fewer."


class SignInFirst(Forbidden):
    """A sale for people with an account."""

    code = "sign_in"
    sentence = "This drop is for people who signed in."


class FollowersOnly(Forbidden):
    """A sale for people who follow the store."""

    code = "follow"
    sentence = "This drop is for followers: follow the store, then claim."


class WrongWord(Forbidden):
    """The code word is missing, or another."""

    code = "code_word"
    sentence = "This drop needs the code word that is said on stream."


class SitsOut(Conflict):
    """Two holds of the person ran out unpaid; `ms_left` until they may claim again."""

    code = "sits_out"
    sentence = "You let two holds run out, so others go first for a minute."


class NetworkCrowded(Forbidden):
    """So many pieces are held, unpaid, from one network address."""

    code = "crowded"
    sentence = "Too many unpaid pieces are held from your network right now. Please try again in a minute."


class KeyReused(Conflict):
    """A request key came again with another body."""

    code = "key_reused"
    sentence = "This request was already used for something else. Please try again."


class HoldOver(Conflict):
    """The key's hold existed and is over; `ending` says how."""

    code = "hold_over"
    sentence = "The time to pay for this piece ran out."


class HoldExpired(Conflict):
    """At least one hold that was to be paid is gone."""

    code = "hold_expired"
    sentence = "The time to pay for a held piece ran out, so it went to somebody else."


class BeingPaid(Conflict):
    """A hold whose payment lives cannot be let go."""

    code = "being_paid"
    sentence = "This piece is being paid for right now."


class NotYours(Forbidden):
    """Somebody else's hold."""

    code = "not_yours"
    sentence = "This piece is not held for you."


class NothingToWaitFor(Conflict):
    """Pieces are free: claim instead of waiting."""

    code = "claimable"
    sentence = "There are pieces left: claim one now."


class OutOfStock(Conflict):
    """Fewer on hand than asked for; `variant_id` says of what, `left` how many there are."""

    code = "out_of_stock"

    def __init__(self, *, variant_id: int, left: int) -> None:
        super().__init__(f"Only {left} left." if left else "This is sold out.", variant_id=variant_id, left=left)


class Uncounted(Conflict):
    """A recount below what unpaid orders keep."""

    code = "held_by_orders"
    sentence = "Orders that are being paid keep {held} of these: count again in a few minutes."
