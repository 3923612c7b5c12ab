"""How drops say no."""

from typing import Final

from shop.core.errors import Conflict, Invalid
from shop.stock.claiming import MOST_PIECES

LEAST_HOLD_S: Final = 30
MOST_HOLD_S: Final = 900
LEAST_DURATION_S: Final = 10
MOST_DURATION_S: Final = 24 * 3600
LEAST_OFFER_S: Final = 30
MOST_OFFER_S: Final = 900
LEAST_LETTERS: Final = 3
MOST_STEPS: Final = 4


class WrongVariant(Invalid):
    """Something to download, or another store's."""

    code = "wrong_variant"
    sentence = "Choose something that is sent by post, from this store."


class BadTitle(Invalid):
    """No name, or a long one."""

    code = "bad_title"
    sentence = "A drop needs a title of at most 120 characters."


class BadPrice(Invalid):
    """Less than a card can be charged, or another currency than the store's; `least` is what a piece costs at least."""

    code = "bad_price"
    sentence = "A piece costs at least {least}."


class BadLadder(Invalid):
    """Steps that do not fit the drop or each other; `step` says which, 0 for the first."""

    code = "bad_ladder"
    sentence = "A price ladder has steps of at least one piece, together no more than the drop has."


class FallingLadder(BadLadder):
    """A later piece would be cheaper: who came first would have paid more."""

    code = "falling_ladder"
    sentence = (
        "Prices only rise: a later step is never cheaper than an earlier one, and the drop’s own price comes last."
    )


class BadCodeWord(Invalid):
    """A word that is too short to be one, or that nobody would be asked for."""

    code = "bad_code_word"
    sentence = f"A code word has at least {LEAST_LETTERS} letters or digits."


class BadPieces(Invalid):
    """A number of pieces that no drop has."""

    code = "bad_pieces"
    sentence = f"A drop has from 1 to {MOST_PIECES:,} pieces."


class TooFewInStock(Conflict):
    """Fewer on hand than pieces; `left` how many there are."""

    code = "too_few_in_stock"
    sentence = "Only {left} are in stock."


class BadLimit(Invalid):
    """A share of nothing, or of more than everything."""

    code = "bad_limit"
    sentence = "One person may have from 1 piece up to as many as the drop has."


class BadHoldTime(Invalid):
    """Too short to pay in, or long enough to block a drop."""

    code = "bad_hold_time"
    sentence = f"A piece is held from {LEAST_HOLD_S} to {MOST_HOLD_S} seconds."


class BadOfferTime(Invalid):
    """The line's turn: too short to pay in, or long enough to keep all others waiting."""

    code = "bad_offer_time"
    sentence = f"Who is next in line has from {LEAST_OFFER_S} to {MOST_OFFER_S} seconds."


class BadDuration(Invalid):
    """Over before anybody could press, or longer than a day."""

    code = "bad_duration"
    sentence = f"A drop lasts from {LEAST_DURATION_S} seconds to 24 hours."


class BadOpening(Invalid):
    """An instant that has passed or is far away."""

    code = "bad_opening"
    sentence = "A drop opens in the future, at most a year ahead."


class ShowIsOver(Conflict):
    """The show has ended or was cancelled."""

    code = "show_is_over"
    sentence = "This show is over: nothing is sold in it any more."


class NotOnAir(Conflict):
    """Only a live show opens drops by hand."""

    code = "not_on_air"
    sentence = "Go live first: a drop opens while people watch."


class OpenAlready(Conflict):
    """Its window has begun."""

    code = "open_already"
    sentence = "This drop has opened already."


class DropIsOver(Conflict):
    """It was ended, or its window has passed."""

    code = "drop_is_over"
    sentence = "This drop is over."


class NotOpenYet(Conflict):
    """What only a running drop can do."""

    code = "not_open_yet"
    sentence = "This drop has not opened yet."


class ChangedMeanwhile(Conflict):
    """Somebody, or the same press twice, changed it after the page was made."""

    code = "changed_meanwhile"
    sentence = "This drop was changed meanwhile: look at it again."
