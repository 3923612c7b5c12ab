"""What a bench says of its measurements; how fast anything is, no test says."""

import json
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from config.local.bench import report
from config.local.bench.figures import CEILINGS, LATENCIES, RATES, figures_of
from config.local.bench.ledger import Ledger
from config.local.bench.report import ROWS, keep, newest, said_of, table, write_readme
from config.local.bench.shoppers import Crowd, Shoppers
from config.local.bench.statements import Statements, _count
from config.local.load.processes import Heard, Kept
from config.local.load.replies import NO_ANSWER, Reply
from config.local.say import Trouble

HOST = "127.0.0.1:23001"


def a_round(**more: float) -> dict[str, float]:
    return {**dict.fromkeys((*RATES, *LATENCIES), 100.0), **more}


def a_result(**more: Any) -> dict[str, Any]:
    machine = {"cores": 2, "processor": "Pentium", "system": "Linux", "python": "3.11", "postgresql": "18"}
    about = {"date": "2026-06-01T12:00:00+00:00", "commit": "abc", "is_quick": False, "note": ""}
    counts = dict.fromkeys(("oversold", "undersold", "invariants_broken", "wear_pieces", "sellout_sent_away"), 0)
    others = ("sellout_s", "claims_after_100k_ratio", "rss_mb", "driver_share")
    sql = ("sql_per_claim", "sql_per_group", "sql_per_sold_out", "sql_per_page")
    return {
        **about,
        "machine": machine,
        "rounds": 3,
        **figures_of([a_round()]),
        **counts,
        **dict.fromkeys((*others, *sql), 0.5),
        **more,
    }


def heard(*said: tuple[int, object]) -> Heard:
    """Each reply's status and body, to the requests in their order."""
    return [
        Kept(place, Reply(status, b"", json.dumps(body).encode()), 0.1) for place, (status, body) in enumerate(said)
    ]


def won(*numbers: int) -> tuple[int, object]:
    return HTTPStatus.OK, {"numbers": numbers}


def crowd(*shoppers: UUID) -> Crowd:
    return Crowd(drop_id=7, shoppers=list(shoppers), asks=[])


def test_a_figure_is_the_median_of_its_rounds_and_a_ratio_is_taken_within_each() -> None:
    rounds = [
        a_round(claims_per_s=300, pg_ceiling_per_s=100),
        a_round(claims_per_s=20, pg_ceiling_per_s=10),
        a_round(claims_per_s=1_000, pg_ceiling_per_s=1_000),
    ]

    figures = figures_of(rounds)

    assert (figures["claims_per_s"], figures["pg_ceiling_per_s"], figures["claims_ratio"]) == (300, 100, 2)


def test_every_rate_but_the_ceilings_has_a_ratio() -> None:
    figures = figures_of([a_round()])

    assert set(figures) == {*RATES, *LATENCIES, *(f"{name}_ratio" for name in CEILINGS)}
    assert {pair[0] for pair in CEILINGS.values()} | {"hello_per_s", "pg_ceiling_per_s"} == set(RATES)


def test_a_ceiling_of_nothing_divides_nothing() -> None:
    assert figures_of([a_round(hello_per_s=0)])["page_ratio"] == 0


def test_what_was_promised_and_is_owned_is_not_oversold() -> None:
    vera, victor, ledger = uuid4(), uuid4(), Ledger()

    answers = ledger.note(crowd(vera, victor), heard(won(1, 2), (HTTPStatus.CONFLICT, {"code": "sold_out"})))

    assert answers == {"held": 1, "sold_out": 1}
    assert ledger.oversold({(7, 1): str(vera), (7, 2): str(vera)}) == 0


def test_a_piece_promised_to_two_or_owned_by_another_or_by_nobody_is_oversold() -> None:
    vera, victor, ledger = uuid4(), uuid4(), Ledger()

    ledger.note(crowd(vera, victor), heard(won(1), won(1)))
    ledger.note(crowd(vera, victor), heard(won(2), won(3)))

    assert ledger.oversold({(7, 1): str(victor), (7, 2): str(victor)}) == 3


def test_no_answer_promises_nothing() -> None:
    ledger = Ledger()

    answers = ledger.note(crowd(uuid4()), [Kept(0, Reply(NO_ANSWER, trouble="lost"), 0.1)])

    assert (answers, ledger.promised) == ({"unknown": 1}, {})


def test_each_shopper_asks_with_a_cookie_that_the_house_believes_and_a_key_of_their_own() -> None:
    from shop.door.shopper import read_cookie

    asked = Shoppers(host=HOST).claiming(7, how_many=3)

    lines = [dict(line.split(": ", 1) for line in ask.decode().split("\r\n") if ": " in line) for ask in asked.asks]
    assert [read_cookie(line["Cookie"].removeprefix("shopper=")) for line in lines] == asked.shoppers
    assert len({line["Idempotency-Key"] for line in lines}) == 3
    assert len({line["X-Forwarded-For"] for line in lines}) == 3
    assert {line["Host"] for line in lines} == {HOST}
    assert all(ask.startswith(b"POST /drops/7/claim/ HTTP/1.1\r\n") for ask in asked.asks)


def test_a_second_try_is_the_same_ask_and_says_that_it_is_one() -> None:
    asked = Shoppers(host=HOST).claiming(7, how_many=3)

    again = asked.again([2])

    head, _, body = again.asks[0].partition(b"\r\n\r\n")
    assert again.shoppers == asked.shoppers[2:]
    assert json.loads(body) == {"quantity": 1, "again": True}
    assert f"Content-Length: {len(body)}".encode() in head
    assert head.split(b"\r\nContent-Length")[0] == asked.asks[2].split(b"\r\nContent-Length")[0]


def test_only_what_web_sends_is_counted_and_each_statement_once() -> None:
    found = Statements()

    for line in (
        "[web] LOG:  statement: BEGIN",
        "[web] LOG:  execute <unnamed>: select * from claim_pieces($1,",
        "[web] DETAIL:  Parameters: $1 = '3'",
        "\tfrom claim_pieces(",
        "[tick] LOG:  statement: select 1",
        "[bench] LOG:  statement: select 1",
        "[web] LOG:  duration: 1 ms",
    ):
        _count(line, found)

    assert found == Statements(count=2, claim_calls=1)


def test_the_table_has_a_line_for_each_figure() -> None:
    lines = table(a_result(claims_per_s=7_654.3, claims_ratio=2.345)).splitlines()

    assert len(lines) == len(ROWS) + 2
    assert "| 7,654/s | 2.35 × single claims by pgbench (100/s) |" in lines[2]
    assert "2026-06-01" in said_of(a_result())
    assert said_of(a_result(note="It was busy.")).endswith("durable. It was busy.")


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Keeps results in a folder of their own."""
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(report, "ROOT", tmp_path)
    return lambda **more: tmp_path / keep(a_result(**more))


def test_a_kept_result_is_named_by_its_time_and_commit(results: Callable[..., Path]) -> None:
    kept = results()

    assert kept.name == "2026-06-01T1200-abc.json"
    assert json.loads(kept.read_text()) == a_result()


def test_the_readme_gets_the_newest_full_run_between_its_marks(results: Callable[..., Path], tmp_path: Path) -> None:
    results(date="2026-06-01T12:00:00+00:00", claims_per_s=1.0)
    results(date="2026-06-02T12:00:00+00:00", claims_per_s=2222.0)
    results(date="2026-06-03T12:00:00+00:00", claims_per_s=3333.0, is_quick=True)
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- bench -->\nyesterday\n<!-- /bench -->\nafter\n")

    write_readme(newest(), readme=readme)

    said = readme.read_text()
    assert "2,222/s" in said
    assert "yesterday" not in said
    assert (said[:7], said[-6:]) == ("before\n", "after\n")


def test_a_quick_run_stands_in_where_there_is_no_full_one(results: Callable[..., Path]) -> None:
    results(is_quick=True, claims_per_s=1.0)

    assert newest()["claims_per_s"] == 1


def test_without_a_run_or_a_place_for_it_the_readme_stays(results: Callable[..., Path], tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no marks")

    with pytest.raises(Trouble):
        newest()
    with pytest.raises(Trouble):
        write_readme(a_result(), readme=readme)

    assert readme.read_text() == "no marks"


def test_the_projects_readme_has_a_place_for_the_table() -> None:
    assert report.BETWEEN.search(report.README.read_text())
