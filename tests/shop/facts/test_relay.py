"""Facts and what follows them."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from structlog.contextvars import bound_contextvars, get_contextvars

from shop.core import facts, relay
from shop.core.facts import Delivery, Fact
from shop.core.relay import Reactions
from shop.stores.models import Store
from tests import make


def happened(kind: str = "lamp.lit") -> Fact:
    with transaction.atomic():
        return facts.record(kind, subject=17)


def rename_store(name: str) -> Callable[[Fact], object]:
    return lambda fact: Store.objects.update(name=name)


def break_down(fact: Fact) -> None:
    Store.objects.update(name="half done")
    raise ValueError("out of ink")


def relayed(reactions: Reactions) -> Delivery:
    assert relay.relay(reactions=reactions) == 1
    return Delivery.objects.get()


def test_a_fact_becomes_one_delivery_for_each_of_its_reactions(db: None) -> None:
    reactions = {"lamp.lit": {"one": rename_store("a"), "two": rename_store("b")}}
    happened()
    happened("nobody.cares")

    assert relay.relay(reactions=reactions) == 2
    assert relay.relay(reactions=reactions) == 0

    assert sorted(Delivery.objects.values_list("reaction", flat=True)) == ["one", "two"]
    assert not Fact.objects.filter(relayed_at=None).exists()


def test_a_reaction_is_done_once(db: None) -> None:
    make.store()
    happened()
    reactions: Reactions = {
        "lamp.lit": {"count": lambda fact: Store.objects.update(name=Store.objects.get().name + "!")}
    }
    delivery = relayed(reactions)
    before = Store.objects.get().name

    assert relay.react(delivery_id=delivery.id, reactions=reactions)
    assert not relay.react(delivery_id=delivery.id, reactions=reactions)

    assert Store.objects.get().name == before + "!"
    assert not relay.owed()


def test_a_failed_reaction_leaves_nothing_behind_but_its_reason_and_is_tried_again_later(db: None) -> None:
    store = make.store()
    happened()
    broken: Reactions = {"lamp.lit": {"write": break_down}}
    delivery = relayed(broken)

    with pytest.raises(ValueError, match="out of ink"):
        relay.react(delivery_id=delivery.id, reactions=broken)

    store.refresh_from_db()
    delivery.refresh_from_db()
    assert store.name != "half done"
    assert (delivery.tries, delivery.done_at) == (1, None)
    assert delivery.last_error == "ValueError: out of ink"
    assert not relay.owed()
    Delivery.objects.update(next_try_at=delivery.next_try_at.replace(year=2020))
    assert list(relay.owed()) == [delivery.id]
    assert relay.react(delivery_id=delivery.id, reactions={"lamp.lit": {"write": rename_store("well")}})
    assert Store.objects.get().name == "well"


def test_waits_grow_from_failure_to_failure_up_to_ten_minutes(noon: None) -> None:
    happened()
    broken: Reactions = {"lamp.lit": {"write": break_down}}
    delivery = relayed(broken)

    waits = []
    for _ in range(12):
        with pytest.raises(ValueError, match="out of ink"):
            relay.react(delivery_id=delivery.id, reactions=broken)
        delivery.refresh_from_db()
        waits.append((delivery.next_try_at - delivery.fact.recorded_at).total_seconds())

    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == 600


def test_a_reaction_logs_with_the_request_id_of_the_fact(db: None) -> None:
    heard: list[object] = []
    with bound_contextvars(request_id="abc-123"):
        happened()
    reactions: Reactions = {"lamp.lit": {"listen": lambda fact: heard.append(get_contextvars().get("request_id"))}}

    relay.react(delivery_id=relayed(reactions).id, reactions=reactions)

    assert heard == ["abc-123"]
    assert "request_id" not in get_contextvars()


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_message_do_it_once() -> None:
    both_started, done = threading.Barrier(2), []
    happened()

    def slowly(fact: Fact) -> None:
        done.append(fact.id)

    reactions: Reactions = {"lamp.lit": {"once": slowly}}
    delivery = relayed(reactions)

    def worker() -> None:
        both_started.wait()
        relay.react(delivery_id=delivery.id, reactions=reactions)
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == [delivery.fact_id]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_another_worker_holds_is_left_to_it() -> None:
    happened()
    reactions: Reactions = {"lamp.lit": {"once": rename_store("x")}}
    delivery = relayed(reactions)
    answers: list[bool] = []

    def second_worker() -> None:
        answers.append(relay.react(delivery_id=delivery.id, reactions=reactions))
        connection.close()

    with transaction.atomic():
        Delivery.objects.select_for_update().get(id=delivery.id)
        thread = threading.Thread(target=second_worker)
        thread.start()
        thread.join()

    assert answers == [False]
    assert relay.react(delivery_id=delivery.id, reactions=reactions)
