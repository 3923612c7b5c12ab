"""A rehearsal's report: the figures in words that a creator can use, as text and as a page."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.local.rehearse.advice import advice
from config.local.rehearse.figures import OTHERS, DropFigures, Figures, Times, most_at_once, times_of
from config.local.rehearse.report import as_text, write_page

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

    assert "is too small for 800 viewers at once: p99 of claims was 3.1 s" in said(slow)
    assert "Other programs took 60%" in said(busy)
    assert "was too busy for 800 viewers" in said(replace(slow, processors={OTHERS: 0.6}))
    assert "Do not go on air" in said(replace(WELL, broken=["a piece has two owners"]))


def test_a_slow_machine_is_not_taken_for_people_who_did_not_pay() -> None:
    came_back = replace(WELL, drops=[replace(MUGS, endings={"sold": 20, "expired": 20})])
    slow = replace(came_back, times={"claim": Times(740, 900.0, 2000.0, 3100.0, 9000.0)})

    assert "A real audience does that too" in said(came_back)
    assert "A real audience does that too" not in said(slow)


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
