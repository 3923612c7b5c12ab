"""The plan of a chaos run: repeated by its seed, and nothing that can die is spared."""

from tests.chaos.plan import DEATHS, TROUBLES, plan


def test_a_seed_repeats_the_plan_and_another_seed_makes_another():
    assert plan(7) == plan(7)
    assert plan(7) != plan(8)


def test_everything_dies_once_and_stripe_is_in_every_mood():
    acts = plan(7)

    assert sorted(act.death for act in acts) == sorted(DEATHS)
    assert {act.mood for act in acts} == set(TROUBLES)


def test_a_longer_run_goes_round_again_only_when_everything_has_died():
    acts = plan(7, acts=len(DEATHS) + 3)

    assert sorted(act.death for act in acts[: len(DEATHS)]) == sorted(DEATHS)
    assert len({act.death for act in acts[len(DEATHS) :]}) == 3
