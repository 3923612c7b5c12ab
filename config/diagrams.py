"""The state diagrams of `docs/states.md`, drawn from the tables of moves."""

from enum import Enum
from pathlib import Path

from liveevents.events.states import EVENT_MOVES, EventState
from shop.core.states import Moves
from shop.fulfilment.states import PARCEL_MOVES, ParcelState
from shop.mails.models import MAIL_MOVES, MailState
from shop.orders.states import ORDER_MOVES, OrderState
from shop.payments.states import ATTEMPT_MOVES, REFUND_MOVES, AttemptState, RefundState
from shop.stock.states import PIECE_MOVES, PieceState

PLACE = Path(__file__).resolve().parent.parent / "docs" / "states.md"
MACHINES: dict[str, tuple[type[Enum], Moves]] = {
    "A show": (EventState, EVENT_MOVES),
    "A piece": (PieceState, PIECE_MOVES),
    "An order": (OrderState, ORDER_MOVES),
    "A payment attempt": (AttemptState, ATTEMPT_MOVES),
    "A refund": (RefundState, REFUND_MOVES),
    "A parcel": (ParcelState, PARCEL_MOVES),
    "A letter": (MailState, MAIL_MOVES),
}
HEAD = "# States\n\nDrawn by `manage.py draw_states` from the tables of moves; only those moves exist.\n"


def draw_all() -> str:
    """The whole page, in Mermaid."""
    return "\n".join([HEAD, *(draw(name, states, moves) for name, (states, moves) in MACHINES.items())])


def draw(name: str, states: type[Enum], moves: Moves) -> str:
    """One machine: it starts in the first state of its enum; a state that leads nowhere is an end."""
    names = [state.name.lower() for state in states]
    lines = [f"    [*] --> {names[0]}"]
    for state in states:
        ends = [to.name.lower() for to in states if to in moves[state]]
        lines += [f"    {state.name.lower()} --> {end}" for end in ends or ["[*]"]]
    return "\n".join([f"## {name}\n", "```mermaid", "stateDiagram-v2", *lines, "```\n"])
