"""The checker of the chaos run finds what was planted; and nothing in a history where all is well."""

from dataclasses import replace

from config.local.diary import Deed, Outcome
from tests.chaos.checker import faults
from tests.chaos.evidence import Bought, Charged, Evidence, Owned, Sale, Tried
from tests.chaos.history import Asked, DiaryOnDisk, GaveBack, SawPaid, Seen, read_history

OPENING = 1_000.0
MUG = Sale(drop=7, pieces=2, per_person=1, opens_at=OPENING, closes_at=OPENING + 60)

VERA_ASKS = Asked(
    shopper="vera",
    key="k1",
    drop=7,
    quantity=1,
    asked_at=OPENING + 0.1,
    heard_at=OPENING + 0.2,
    outcome=Outcome.OK,
    hold=1,
    numbers=(1,),
    held_ms=10_000,
)
VERAS = Owned(1, 7, "vera", "k1", 1, (1,), OPENING + 0.15, OPENING + 10.15, OPENING + 5, "sold")
PAID = Bought("SD-1", "vera", "paid", 2_000, "EUR", ((7, 1),))
ATTEMPT = Tried("a1", "SD-1", "paid", 2_000, "EUR", "pi_1")
CHARGE = Charged("pi_1", "succeeded", 2_000, "EUR")

# Victor holds the other piece and lets it lapse.
VICTOR_ASKS = replace(VERA_ASKS, shopper="victor", key="k2", hold=2, numbers=(2,))
VICTORS = Owned(2, 7, "victor", "k2", 1, (2,), OPENING + 0.16, OPENING + 10.16, OPENING + 12.5, "expired")

# Mona comes while both are taken.
MONA_IS_LATE = Asked("mona", "k3", 7, 1, OPENING + 1, OPENING + 1.1, Outcome.REFUSED, "sold_out")

WELL = Evidence(
    seen=Seen((VERA_ASKS, VICTOR_ASKS, MONA_IS_LATE), saw_paid=(SawPaid("vera", "SD-1", OPENING + 6),)),
    sales=(MUG,),
    owned=(VERAS, VICTORS),
    sold=((7, 1),),
    bought=(PAID,),
    tried=(ATTEMPT,),
    charged=(CHARGE,),
)


def broken(evidence):
    """The rules that found something."""
    return list(faults(evidence))


def with_asks(*asks):
    """The good history, with these asks too."""
    return replace(WELL, seen=replace(WELL.seen, asked=(*WELL.seen.asked, *asks)))


def test_nothing_is_found_where_all_is_well():
    assert faults(WELL) == {}


def test_a_piece_with_two_owners_is_found():
    twice = replace(VICTORS, numbers=(1,))

    found = broken(replace(WELL, owned=(VERAS, twice)))

    assert "No piece has two owners at a time." in found


def test_a_piece_that_was_sold_and_given_to_somebody_afterwards_is_found():
    again = replace(VICTORS, hold=3, shopper="mona", numbers=(1,), taken_at=OPENING + 30, ended_at=OPENING + 40)

    assert "No piece has two owners at a time." in broken(replace(WELL, owned=(VERAS, VICTORS, again)))


def test_a_number_acknowledged_to_two_shoppers_is_found_even_where_the_rows_look_well():
    doubled = replace(VICTOR_ASKS, numbers=(1,))
    evidence = replace(WELL, seen=replace(WELL.seen, asked=(VERA_ASKS, doubled)))

    assert "No number was acknowledged to two shoppers for the same moment." in broken(evidence)


def test_the_same_number_may_be_acknowledged_again_once_it_was_let_go():
    given_up = GaveBack("victor", 2, OPENING + 3)
    later = replace(VICTOR_ASKS, shopper="mona", key="k4", hold=4, asked_at=OPENING + 3.2, heard_at=OPENING + 3.3)
    owned = (
        VERAS,
        replace(VICTORS, ended_at=OPENING + 3.1, ending="let_go"),
        Owned(4, 7, "mona", "k4", 1, (2,), OPENING + 3.25, OPENING + 13.25, OPENING + 15.5, "expired"),
    )
    seen = replace(WELL.seen, asked=(*WELL.seen.asked, later), gave_back=(given_up,))

    assert faults(replace(WELL, seen=seen, owned=owned)) == {}


def test_a_lost_acknowledgement_is_found():
    found = broken(replace(WELL, owned=(VERAS,)))

    assert "Every piece that was acknowledged was kept for its shopper, for as long as was said." in found


def test_a_hold_that_belongs_to_somebody_else_than_was_told_is_found():
    assert broken(replace(WELL, owned=(VERAS, replace(VICTORS, shopper="mona"))))


def test_a_hold_that_ended_before_its_time_is_found():
    early = replace(VICTORS, ended_at=OPENING + 9)

    assert "Every piece that was acknowledged was kept for its shopper, for as long as was said." in broken(
        replace(WELL, owned=(VERAS, early))
    )


def test_a_hold_given_back_by_nobody_is_found():
    assert broken(replace(WELL, owned=(VERAS, replace(VICTORS, ending="let_go"))))


def test_two_answers_to_one_key_are_found():
    other = replace(VICTOR_ASKS, numbers=(1,), asked_at=OPENING + 1, heard_at=OPENING + 1.1)

    assert any(rule.startswith("The same key hears the same answer") for rule in broken(with_asks(other)))


def test_a_key_that_is_refused_after_it_was_granted_is_found():
    refused = replace(MONA_IS_LATE, shopper="victor", key="k2", asked_at=OPENING + 2, heard_at=OPENING + 2.1)

    assert any(rule.startswith("The same key hears the same answer") for rule in broken(with_asks(refused)))


def test_a_key_may_hear_that_its_hold_is_over():
    over = replace(
        VICTOR_ASKS,
        asked_at=OPENING + 20,
        heard_at=OPENING + 20.1,
        outcome=Outcome.REFUSED,
        code="hold_over",
        hold=0,
        numbers=(),
    )

    assert faults(with_asks(over)) == {}


def test_a_hold_that_nobody_asked_for_is_found_but_not_what_the_line_offered():
    strange = Owned(9, 7, "mona", "k9", 1, (2,), OPENING + 20, OPENING + 30, OPENING + 32.1, "expired")

    assert broken(replace(WELL, owned=(VERAS, VICTORS, strange))) == ["Nobody holds what they did not ask for."]
    assert faults(replace(WELL, owned=(VERAS, VICTORS, replace(strange, was_offered=True)))) == {}


def test_somebody_over_the_limit_is_found():
    both = replace(VICTORS, shopper="vera")

    assert "Nobody ever had more pieces of a drop than a person may." in broken(replace(WELL, owned=(VERAS, both)))


def test_who_was_told_sold_out_while_a_piece_was_free_is_found():
    much_later = replace(MONA_IS_LATE, key="k5", asked_at=OPENING + 20, heard_at=OPENING + 20.1)
    soon = replace(MONA_IS_LATE, key="k6", asked_at=OPENING + 13, heard_at=OPENING + 13.1)

    assert [rule[:26] for rule in broken(with_asks(much_later))] == ['Who heard "sold out" heard']
    assert faults(with_asks(soon)) == {}


def test_a_due_hold_that_nobody_freed_does_not_excuse_a_sold_out():
    slept = replace(VICTORS, ended_at=OPENING + 40)
    refused = replace(MONA_IS_LATE, key="k5", asked_at=OPENING + 20, heard_at=OPENING + 20.1)
    evidence = replace(with_asks(refused), owned=(VERAS, slept))

    assert [rule[:26] for rule in broken(evidence)] == ['Who heard "sold out" heard']


def test_a_piece_in_two_paid_orders_is_found():
    second = replace(PAID, order="SD-2")
    evidence = replace(
        WELL,
        bought=(PAID, second),
        tried=(ATTEMPT, replace(ATTEMPT, attempt="a2", order="SD-2", intent="pi_2")),
        charged=(CHARGE, replace(CHARGE, intent="pi_2")),
    )

    assert broken(evidence) == ["Each sold piece is in one paid order, and each piece of a paid order is sold."]


def test_a_sold_piece_without_an_order_is_found():
    assert broken(replace(WELL, sold=((7, 1), (7, 2))))


def test_an_order_that_was_seen_paid_and_is_not_is_found():
    lapsed = replace(PAID, state="lapsed")

    assert "Every order that its buyer saw paid is paid." in broken(replace(WELL, bought=(lapsed,)))


def test_a_charge_without_a_piece_is_found():
    forgotten = Charged("pi_9", "succeeded", 1_500, "EUR")

    (rule,) = broken(replace(WELL, charged=(CHARGE, forgotten)))

    assert rule.startswith("Nobody was charged without an order")
    assert faults(replace(WELL, charged=(CHARGE, replace(forgotten, returned=1_500)))) == {}


def test_a_charge_for_a_dead_attempt_is_found():
    dead = replace(ATTEMPT, attempt="a2", order="SD-1", state="dead", intent="pi_2")

    assert broken(replace(WELL, tried=(ATTEMPT, dead), charged=(CHARGE, replace(CHARGE, intent="pi_2"))))


def test_a_cent_too_much_or_another_currency_is_found():
    assert broken(replace(WELL, charged=(replace(CHARGE, received=2_001),)))
    assert broken(replace(WELL, charged=(replace(CHARGE, currency="USD"),)))


def test_a_paid_order_that_stripe_never_charged_is_found():
    assert broken(replace(WELL, charged=()))


def test_money_that_is_neither_captured_nor_let_go_is_found():
    waiting = Charged("pi_9", "requires_capture", 0, "EUR")

    assert broken(replace(WELL, charged=(CHARGE, waiting)))


def test_what_is_left_over_is_found():
    assert broken(replace(WELL, left_over={"payments that live": 1})) == ["Nothing is left over when all is quiet."]


def test_a_diary_is_read_as_it_was_written_and_an_ask_without_an_answer_is_unknown(tmp_path):
    diary = DiaryOnDisk(tmp_path / "diary.jsonl")
    with diary.asking("vera", Deed.CLAIM, about="7", key="k1", quantity=1) as asked:
        asked.heard(200, {"hold": 1, "numbers": [1], "held_ms": 10_000})
    diary.begin("mona", Deed.CLAIM, about="7", key="k3", quantity=2)
    with diary.asking("victor", Deed.CLAIM, about="7", key="k2", quantity=1) as asked:
        asked.heard(503, {"code": "busy"})
    with diary.asking("vera", Deed.PAY, about="SD-1") as asked:
        asked.heard(200, {})
    with diary.asking("victor", Deed.LET_GO, about="2") as asked:
        asked.lost("ConnectionResetError")

    seen = read_history(tmp_path / "diary.jsonl")

    assert [(ask.outcome, ask.numbers) for ask in seen.asked] == [("ok", (1,)), ("unknown", ()), ("unknown", ())]
    assert [(saw.shopper, saw.order) for saw in seen.saw_paid] == [("vera", "SD-1")]
    assert [(gave.shopper, gave.hold) for gave in seen.gave_back] == [("victor", 2)]
