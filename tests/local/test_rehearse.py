"""A rehearsal: the copy is whole, the real house stays as it was, and the report says what a creator can use."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from config.invariants import broken_invariants
from config.local.house import House, Ports
from config.local.place import Place
from config.local.rehearse import __main__ as command
from config.local.rehearse import copying, seats, theatre
from config.local.rehearse.script import Script, read_script, reading
from config.local.say import Trouble
from liveevents.drops.now import DropState
from liveevents.drops.planning import plan_drop
from liveevents.drops.queries import drops_now
from liveevents.events.models import LiveEvent
from liveevents.events.states import EventState
from shop.accounts.models import Shopper, User
from shop.core import clock
from shop.core.money import Money
from shop.pricing.models import ShippingRate, TaxRate
from shop.stock.claiming import claim_pieces
from shop.stock.models import Allotment, Audience, Piece, StockLevel
from shop.stores.models import Follow, Store
from tests import make
from tests.conftest import NOON
from tests.make import live

in_rows = pytest.mark.django_db(transaction=True)


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The database of the tests, for who comes from outside."""
    it = connection.settings_dict
    return f"postgres://{it['USER']}:{it['PASSWORD']}@{it['HOST']}:{it['PORT']}/{it['NAME']}"


@pytest.fixture
def show() -> LiveEvent:
    """A show with a drop of five mugs for who knows the word, the first two at half price; one mug is held."""
    store = make.store("saltware", owner=make.user("cora@stagedoor.example"))
    ShippingRate.objects.create(store=store, country="DE", name="Parcel", up_to_g=5000, price_minor=490)
    TaxRate.objects.create(store=store, country="DE", rate_bp=1900)
    Follow.objects.create(store=store, user=make.user("fan@stagedoor.example"))
    mug = make.variant(make.product(store, "Tide Mug"), price_minor=2000, stock=12)
    event = live.event(store, state=EventState.SCHEDULED)
    drop = plan_drop(
        event=event,
        variant=mug,
        price=Money(1800, "EUR"),
        pieces=5,
        per_person=2,
        hold_s=300,
        duration_s=600,
        title="Mugs",
        takes_fewer=True,
        audience=Audience.CODE_WORD,
        code_word="low tide",
    )
    Piece.objects.filter(allotment=drop.allotment, number__lte=2).update(price_minor=900)
    return event


def script_of(database_url: str, wanted: str) -> Script:
    with reading(database_url) as house:
        return read_script(house, wanted)


def every_row(database_url: str) -> dict[str, str]:
    """A digest of the rows of each table."""
    with psycopg.connect(database_url) as house:
        tables = house.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        digest = "select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {} t"
        return {name: house.execute(digest.format(f'"{name}"').encode()).fetchall()[0][0] for (name,) in tables}


@in_rows
def test_reading_a_show_leaves_every_row_as_it_was(database_url: str, show: LiveEvent) -> None:
    before = every_row(database_url)

    script_of(database_url, "saltware/" + show.slug)

    assert every_row(database_url) == before
    with reading(database_url) as house, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        house.execute("update shop_stocklevel set on_hand = 0")
    assert every_row(database_url) == before


@in_rows
def test_a_script_names_nobody(database_url: str, show: LiveEvent) -> None:
    said = repr(asdict(script_of(database_url, show.slug)))

    assert "Tide Mug" in said
    assert "fan@stagedoor.example" not in said
    assert "cora@" not in said


@in_rows
def test_the_copy_sells_what_the_show_sells(database_url: str, show: LiveEvent) -> None:
    script = script_of(database_url, show.slug)
    call_command("flush", interactive=False, verbosity=0)

    event = copying.write_catalogue(script, at=clock.now())
    (slot,) = copying.slots(script.drops, seconds=30, lead_s=5)
    drop = copying.write_drop(script.drops[0], event=event, slot=slot)
    copying.announce([(drop, slot)])

    (seen,) = drops_now(event=event, shopper=Shopper())
    assert (event.store.handle, event.slug, event.state) == ("saltware", show.slug, EventState.LIVE)
    assert (seen.state, seen.pieces, seen.drop.title, seen.product.title) == (
        *(DropState.ANNOUNCED, 5, "Mugs"),
        "Tide Mug",
    )
    terms = Allotment.objects.get()
    assert (terms.per_person, terms.takes_fewer, terms.audience) == (2, True, Audience.CODE_WORD)
    assert (terms.code_word, terms.hold_s) == (script.drops[0].allotment["code_word"], 30)
    assert list(Piece.objects.order_by("place").values_list("price_minor", flat=True)) == [900, 900, 1800, 1800, 1800]
    assert StockLevel.objects.get().on_hand == 7
    assert (ShippingRate.objects.get().price_minor, TaxRate.objects.get().rate_bp) == (490, 1900)
    assert (User.objects.count(), broken_invariants()) == (0, {})


@in_rows
def test_what_is_sold_already_is_there_again(database_url: str) -> None:
    drop = live.drop(pieces=3)
    claim_pieces(allotment_id=drop.allotment_id, shopper_id=make.shopper().pk, key=Shopper().pk, quantity=1)

    script = script_of(database_url, str(drop.event_id))

    assert len(script.drops[0].prices_minor) == 3


@in_rows
def test_drops_to_come_are_played_and_all_of_them_where_none_is(database_url: str) -> None:
    event = live.event()
    over = [live.drop(event, opens_at=clock.database_now() - timedelta(hours=hours)) for hours in (3, 2)]
    assert [drop.drop["id"] for drop in script_of(database_url, event.slug).drops] == [drop.pk for drop in over]

    to_come = live.planned_drop(event)

    assert [drop.drop["id"] for drop in script_of(database_url, event.slug).drops] == [to_come.pk]


@in_rows
@pytest.mark.parametrize("state", EventState)
def test_a_show_may_be_rehearsed_whatever_became_of_it(database_url: str, state: EventState) -> None:
    drop = live.planned_drop()
    LiveEvent.objects.filter(pk=drop.event_id).update(state=state)
    Store.objects.update(closed_at=NOON)
    script = script_of(database_url, drop.event.slug)
    call_command("flush", interactive=False, verbosity=0)

    copied = copying.write_catalogue(script, at=clock.now())

    assert (copied.state, copied.store.closed_at) == (EventState.LIVE, None)


@in_rows
@pytest.mark.parametrize("name", ["{slug}", "saltware/{slug}", "{pk}", "https://shop.example/e/saltware/{slug}/?x=1"])
def test_a_show_is_found_by_each_of_its_names(database_url: str, show: LiveEvent, name: str) -> None:
    found = script_of(database_url, name.format(slug=show.slug, pk=show.pk))

    assert found.address == f"saltware/{show.slug}"


@in_rows
def test_a_name_of_two_shows_asks_which(database_url: str, show: LiveEvent) -> None:
    other = live.planned_drop(live.event(make.store("papermoth")))
    LiveEvent.objects.filter(pk=other.event_id).update(slug=show.slug)

    with pytest.raises(Trouble, match=r"say which: .*papermoth/") as asked:
        script_of(database_url, show.slug)

    assert f"saltware/{show.slug}" in str(asked.value)


@in_rows
def test_an_unknown_show_is_answered_with_those_that_are_there(database_url: str, show: LiveEvent) -> None:
    for wanted in ("nothing", "saltware/nothing", "999", "9" * 30, "' or 1=1", ""):
        with pytest.raises(Trouble, match=f"there is saltware/{show.slug}"):
            script_of(database_url, wanted)


@in_rows
def test_a_show_without_drops_says_what_is_missing(database_url: str) -> None:
    with pytest.raises(Trouble, match="no drop to rehearse; plan one"):
        script_of(database_url, live.event().slug)


@in_rows
def test_an_older_database_is_not_copied(database_url: str, show: LiveEvent) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where name = '0003_the_rush' returning app, applied")
        app, applied = cursor.fetchall()[0]
    try:
        with pytest.raises(Trouble, match="0003_the_rush is missing"):
            script_of(database_url, show.slug)
    finally:
        with connection.cursor() as cursor:
            again = "insert into django_migrations (app, name, applied) values (%s, '0003_the_rush', %s)"
            cursor.execute(again, [app, applied])


def test_a_database_that_is_away_is_one_sentence() -> None:
    with pytest.raises(Trouble, match="the database does not answer"), reading("postgres://nobody@127.0.0.1:1/none"):
        pass


@in_rows
def test_followers_are_signed_in_and_follow(show: LiveEvent, client: Client) -> None:
    first, second = seats.take_seats(store_id=show.store_id, people=2, followers=1)

    client.cookies.load(first)
    user = client.get(f"/e/saltware/{show.slug}/").wsgi_request.user
    assert isinstance(user, User)
    assert (user.email, Follow.objects.filter(user=user).count()) == ("viewer-0@example.com", 1)
    assert Shopper.objects.filter(user__email="viewer-1@example.com").count() == 1
    assert second.keys() == first.keys()


def test_drops_open_one_after_the_other_with_time_to_pay() -> None:
    script: Any = SimpleNamespace(allotment={"hold_s": 300, "offer_s": 90})

    made = copying.slots([script] * 3, seconds=100, lead_s=4)

    assert [slot.opens_in_s for slot in made] == [4, 37, 70]
    assert {(slot.lasts_s, slot.hold_s, slot.offer_s) for slot in made} == {(33, 50, 50)}


def test_nothing_of_the_real_house_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SENTRY_DSN")
    for name in (*real, "AWS_SECRET_ACCESS_KEY", "PRIVATE_ROOT", "ALLOWED_HOSTS", "DEFAULT_FROM_EMAIL"):
        monkeypatch.setenv(name, "sk_live_xyzzy")

    with theatre.nothing_of_the_real_house():
        house = House(Place(tmp_path), Ports.unused(), "postgres://copy", "redis://copy")
        told = [house.environment()] + [
            dict(program.env) for program in (*house.before_the_curtain(), house.edge(), *house.behind_the_curtain())
        ]

    assert not [name for environment in told for name, value in environment.items() if "xyzzy" in value]
    assert {environment.get("STRIPE_SECRET_KEY", "sk_test")[:7] for environment in told} == {"sk_test"}


def test_a_full_disk_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=3 * 2**20))

    with pytest.raises(Trouble, match=r"needs 500 MB and .* has 3; make room"), theatre.temporary_folder():
        pass


def test_the_temporary_folder_is_gone_whatever_happens() -> None:
    def interrupted() -> Iterator[Path]:
        with theatre.temporary_folder() as folder:
            (folder / "postgres").mkdir()
            yield folder
            raise KeyboardInterrupt

    for folder in (play := interrupted()):
        assert folder.is_dir()
        with pytest.raises(KeyboardInterrupt):
            next(play)

    assert not folder.exists()


@pytest.mark.parametrize("viewers", ["0", "-1", "1000000000", "9" * 40, "many", "1.5", "²", ""])
@pytest.mark.parametrize("option", ["--viewers", "--seconds"])
def test_a_number_out_of_bounds_is_refused(
    option: str, viewers: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["rehearse", "show", f"{option}={viewers}"])

    with pytest.raises(SystemExit) as refused:
        command.main()

    assert refused.value.code == 2
    assert f"is not a number of {option[2:]} from" in capsys.readouterr().err


def test_too_short_for_its_drops_says_how_long_it_must_be(monkeypatch: pytest.MonkeyPatch) -> None:
    script = SimpleNamespace(address="saltware/kiln", drops=[None] * 7)
    monkeypatch.setattr(command, "find_script", lambda *_: script)
    monkeypatch.setattr(sys, "argv", ["rehearse", "kiln", "--seconds=30"])

    with pytest.raises(Trouble, match="has 7 drops, and each needs 5 s: rehearse with --seconds 35"):
        command.main()


def test_where_no_house_ever_stood_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "STATE", tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(sys, "argv", ["rehearse", "kiln"])

    with pytest.raises(Trouble, match=r"no show here yet; start `\./run demo` once"):
        command.main()

    assert not (tmp_path / "postgres").exists()
