"""The house agrees with the model, whatever happens; and a house with one rule missing is found out."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import Drop
from tests.twins import Twin, replaced

pytestmark = pytest.mark.django_db(transaction=True)

MORE = os.environ.get("STAGEDOOR_MACHINE_EXAMPLES")
LIVES = settings(
    max_examples=int(MORE or 30),
    stateful_step_count=25,
    derandomize=MORE is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
UNTIL_FOUND = settings(LIVES, max_examples=150, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False)

TWINS = [
    Twin("a claim that forgets the limit", "claim_pieces", "when a.q > sale.per_person - a.pieces then 'limit'", ""),
    Twin(
        "a claim that serves a person twice in a group", "claim_pieces", "when a.person = any(served) then 'again'", ""
    ),
    Twin(
        "a claim that counts browsers and not people",
        "standing",
        "any(array(select browser from browsers_of(a_shopper) browser))",
        "a_shopper",
    ),
    Twin("a claim that does not free what is due", "claim_pieces", "free_due_pieces(sale_id) > 0", "false"),
    Twin("a claim that forgets its key", "claim_pieces", "h.key = asked.k", "false"),
    Twin("a claim that opens early", "closed_because", "t < sale.opens_at", "false"),
    Twin("a claim that gives fewer unasked", "claim_pieces", "given < a.q and not sale.takes_fewer", "false"),
    Twin("a sweep without grace", "free_due_pieces", "held_until + interval '2 s' <= t", "held_until <= t"),
    Twin("a piece let go that nobody is offered", "let_go_hold", "perform place_free_pieces(sale);", ""),
    Twin(
        "a line that serves the last first",
        "place_free_pieces",
        "order by id for update",
        "order by id desc for update",
    ),
    Twin("a fence around what ran out", "fence_holds", "and held_until + interval '2 s' > t", ""),
    Twin("a decline that frees what had seconds left", "unfence_holds", "greatest(kept_s, least_s)", "least_s"),
]


def test_the_house_and_the_model_agree_whatever_happens() -> None:
    run_state_machine_as_test(Drop, settings=LIVES)


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_a_house_with_a_rule_missing_is_found_out(twin: Twin) -> None:
    with replaced(twin), pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(Drop, settings=UNTIL_FOUND)
