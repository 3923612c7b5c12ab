"""A rehearsal: the copy is whole, the real house stays as it was, and the report says what a creator can use."""

import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
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
from config.local.rehearse.advice import advice
from config.local.rehearse.figures import OTHERS, DropFigures, Figures, Times, most_at_once, times_of
from config.local.rehearse.report import as_text, write_page
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
    assert (terms.code_word, terms.hold_s) == (script.drops[0].allotment["code_word"], 20)
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
    assert {(slot.lasts_s, slot.hold_s, slot.offer_s) for slot in made} == {(33, 33, 33)}


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


MUGS = DropFigures(
    title="Mugs <3",
    pieces=40,
    per_person=2,
    hold_s=20,
    planned_hold_s=90,
    lasts_s=30,
    opened_at=1000.0,
    sold_out_s=3.2,
    people=740,
    won=40,
    refused={"sold_out": 690, "limit": 10},
    unanswered=0,
    joined_line=200,
    longest_line=190,
    served_by_line=4,
    endings={"sold": 36, "expired": 4},
    audience="everyone",
)
WELL = Figures(
    address="saltware/kiln",
    title="Kiln opening",
    viewers=800,
    seconds=30,
    ran_s=50.0,
    followers=12,
    drops=[MUGS],
    times={"claim": Times(740, 20.0, 30.0, 40.0, 55.0), "page": Times(800, 90.0, 100.0, 120.0, 130.0)},
    orders=37,
    orders_paid=36,
    paying_ms=Times(36, 900.0, 1200.0, 1500.0, 1600.0),
    troubles={},
    processors={"web": 0.4, "the audience itself": 0.1},
    cores=2,
    broken=[],
)


def said(figures: Figures) -> str:
    return "\n".join(advice(figures))


def test_a_drop_that_was_gone_at_once_is_told_in_words() -> None:
    assert "p99 of claims was 40 ms: this machine can do this show." in said(WELL)
    assert "Your 40 pieces of “Mugs <3” were gone in 3.2 s with 800 viewers: 700 people went home empty." in said(WELL)
    assert "a limit of 1 a person instead of 2" in said(WELL)
    assert "200 of them joined the line" in said(WELL)


@pytest.mark.parametrize(
    ("drop", "words"),
    [
        ({"sold_out_s": None, "endings": {"sold": 10}}, "30 pieces of 40 of “Mugs <3” were not sold"),
        ({"sold_out_s": None, "people": 0}, "Nobody asked for"),
        ({"sold_out_s": None, "people": 9}, "Only 9 of 800 viewers came as far as asking"),
        ({"people": 41}, "nearly everybody who wanted one had one"),
        ({"endings": {"sold": 20, "expired": 15, "let_go": 5}}, "20 pieces of “Mugs <3” came back"),
        ({"sold_out_s": None, "audience": "followers", "refused": {"follow": 500}}, "your store has 12: 500 people"),
        (
            {"sold_out_s": None, "audience": "code_word", "refused": {"code_word": 70}},
            "70 people did not know the code",
        ),
    ],
)
def test_what_went_otherwise_is_told_otherwise(drop: dict[str, Any], words: str) -> None:
    assert words in said(replace(WELL, drops=[replace(MUGS, **drop)]))


def test_a_machine_that_is_too_small_hears_it_and_a_busy_one_is_not_believed() -> None:
    slow = replace(WELL, times={"claim": Times(740, 900.0, 2000.0, 3100.0, 9000.0)})
    busy = replace(WELL, processors={OTHERS: 0.6})

    assert "too small for 800 viewers at once: p99 of claims was 3.1 s" in said(slow)
    assert "Other programs took 60%" in said(busy)
    assert "Do not go on air" in said(replace(WELL, broken=["a piece has two owners"]))


def test_the_report_tells_the_same_as_text_and_as_a_page_that_stands_alone(tmp_path: Path) -> None:
    text = as_text(WELL)
    write_page(WELL, tmp_path / "deep" / "report.html", at=datetime(2026, 6, 1, 12, tzinfo=UTC))
    page = (tmp_path / "deep" / "report.html").read_text()

    for each in (text, page):
        assert "36 of 37 orders were paid" in each
        assert "690 sold out, 10 had their share" in each
        assert "20 s (planned: 90 s)" in each
        assert "Every invariant held" in each
        assert "web" in each
    assert "Mugs &lt;3" in page
    assert "<3" not in page
    assert "$" not in page
    assert not re.findall(r"(?:src|href)=|url\(|@import|<script", page)
    assert "machine that served it" in text.replace("\n  ", " ")


def test_answers_are_counted_by_how_long_they_took() -> None:
    times = times_of([(200, took / 1000) for took in range(1, 101)] + [(0, 10.0), (503, 0.2)])

    assert (times.count, times.p50_ms, times.p95_ms, times.slowest_ms) == (102, 52.0, 97.0, 10_000.0)
    assert times.errors == {"no answer": 1, "503": 1}
    assert times_of([]).count == 0


def test_the_line_was_longest_when_most_stood_in_it() -> None:
    assert most_at_once([(1, 4), (2, 3), (3, None), (5, 6)]) == 2
    assert most_at_once([(1, 4), (2, 5), (3, None)]) == 3
