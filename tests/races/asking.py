"""What races at named points have in common: how they ask, and the points and rules by name."""

from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from shop.stock.claiming import Answer, Ask, claim_together
from shop.stock.models import Allotment
from tests.twins import Twin

Race = Callable[..., list[object]]

LOCK = "lock_sale(sale_id)"
UNLOCKED = Twin(
    "claims that do not lock", "claim_pieces", LOCK, "(select a from shop_allotment a where a.id = sale_id)"
)
DECIDED = "if taken > 0 then"
OWNERS = "a piece has one owner"
NO_PAYMENT = "a piece being paid has a live payment"
LIMIT = "nobody owns more pieces of a sale than a person may"


def ask(sale: Allotment, shopper_id: UUID, key: UUID | None = None) -> Answer:
    (answer,) = claim_together(allotment_id=sale.pk, asks=[Ask(shopper_id, key or uuid4(), 1)])
    return answer


def verdicts(answers: Sequence[object]) -> list[str]:
    return sorted(answer.verdict for answer in answers if isinstance(answer, Answer))
