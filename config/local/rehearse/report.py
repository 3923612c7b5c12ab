"""A rehearsal's figures for people: as text for the terminal, and as one page that stands alone."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template
from textwrap import fill
from typing import Final

from config.local.rehearse.advice import advice, ms, seconds
from config.local.rehearse.figures import DropFigures, Figures, Times

LEAST_SHARE: Final = 0.005
WIDTH: Final = 100
TEMPLATE: Final = Path(__file__).with_name("report.html")
WORDS: Final = {
    "sold_out": "sold out",
    "limit": "had their share",
    "not_yet": "too early",
    "over": "too late",
    "code_word": "did not know the code word",
    "follow": "do not follow the store",
    "sign_in": "not signed in",
    "sits_out": "sat out a minute after two unpaid holds",
    "crowded": "too many unpaid holds from one address",
    "too_few": "asked for more than were left",
    "too_often": "pressed too often",
}
ANSWERS: Final = {
    "claim": "a claim",
    "page": "opening the live page",
    "state": "the page asking how things stand",
    "side": "the page drawing its cards anew",
    "line": "joining the line",
}
HONEST: Final = (
    "The audience ran on the machine that served it and took its share of the processor, on the same network: real "
    "viewers leave the machine more room and wait for the internet besides. They typed faster than people do, "
    "and drops, holds and offers were shortened to fit."
)


def as_text(figures: Figures) -> str:
    """For the terminal, at most 100 columns or so."""
    return "\n".join(_lines(figures))


def write_page(figures: Figures, to: Path, *, at: datetime) -> None:
    """The same as a page without anything outside it."""
    page = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(figures.title),
        address=escape(figures.address),
        when=f"{at:%d %B %Y, %H:%M} UTC",
        viewers=f"{figures.viewers:,}",
        lasted=seconds(figures.seconds),
        advice="".join(f"<li>{escape(said)}</li>" for said in advice(figures)),
        drops="".join(_card(drop, began=figures.drops[0].opened_at) for drop in figures.drops),
        answers="".join(_answer_row(name, times) for name, times in _answers(figures)),
        payments=escape(_payments(figures)),
        troubles="".join(f"<li>{count:,} got stuck: {escape(said)}</li>" for said, count in figures.troubles.items()),
        machine="".join(_share_row(name, share) for name, share in _machine(figures)),
        cores=str(figures.cores),
        invariants=escape(_invariants(figures)),
        is_well="good" if figures.is_well else "bad",
        honest=escape(HONEST),
    )
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(page, encoding="utf-8")


def _lines(figures: Figures) -> Iterator[str]:
    yield f"\n  {figures.title} ({figures.address}), {figures.viewers:,} viewers, {figures.seconds} s\n"
    for said in advice(figures):
        yield fill(said, WIDTH, initial_indent="  * ", subsequent_indent="    ")
    for drop in figures.drops:
        yield f"\n  {drop.title}"
        for name, value in _facts(drop, began=figures.drops[0].opened_at):
            yield f"    {name:<22}{value}"
    yield f"\n  {'answers':<36}{'count':>8}{'p50':>9}{'p95':>9}{'p99':>9}  errors"
    for name, times in _answers(figures):
        took = "".join(f"{ms(value):>9}" for value in (times.p50_ms, times.p95_ms, times.p99_ms))
        yield f"    {name:<34}{times.count:>8,}{took}  {_errors(times)}"
    yield f"\n  {_payments(figures)}"
    for said, count in figures.troubles.items():
        yield f"    {count:,} {'buyer' if count == 1 else 'buyers'} got stuck: {said}"
    if figures.processors:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in _machine(figures))
        said = f"Of this machine's {figures.cores} cores: {shares}."
        yield "\n" + fill(said, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield f"  {_invariants(figures)}"
    yield "\n" + fill(HONEST, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _facts(drop: DropFigures, *, began: float) -> Iterator[tuple[str, str]]:
    """What is told of a drop: name and value."""
    after = f"{seconds(drop.opened_at - began)} after the first" if drop.opened_at > began else "first"
    yield "opened", f"{after}, for {drop.lasts_s} s"
    yield "pieces", f"{drop.pieces:,}, at most {drop.per_person} a person"
    yield "sold out", f"after {seconds(drop.sold_out_s)}" if drop.sold_out_s is not None else "never"
    yield "asked", f"{drop.people:,} people; {drop.won:,} had a piece, {drop.empty_handed:,} went home empty"
    if drop.refused:
        yield "refused", ", ".join(f"{count:,} {WORDS.get(code, code)}" for code, count in drop.refused.items())
    if drop.unanswered:
        yield "no answer", f"{drop.unanswered:,} times; they asked again with the same key"
    yield "line", f"{drop.joined_line:,} joined, {drop.longest_line:,} at once, {drop.served_by_line:,} served"
    yield "paid", f"{drop.sold:,} of {drop.pieces:,} pieces"
    yield "came back", ", ".join(_endings(drop)) or "none"
    shortened = f" (planned: {drop.planned_hold_s} s)" if drop.hold_s != drop.planned_hold_s else ""
    yield "held for", f"{drop.hold_s} s{shortened}"


def _endings(drop: DropFigures) -> Iterator[str]:
    """Why pieces were not paid."""
    said = {"let_go": "let go", "expired": "not paid in time", "unpaid": "payment given up", "unfinished": "still held"}
    yield from (f"{drop.endings[why]:,} {word}" for why, word in said.items() if drop.endings.get(why))


def _answers(figures: Figures) -> Iterable[tuple[str, Times]]:
    return [(word, figures.times[name]) for name, word in ANSWERS.items() if name in figures.times]


def _errors(times: Times) -> str:
    return ", ".join(f"{count:,} × {what}" for what, count in times.errors.items()) or "none"


def _payments(figures: Figures) -> str:
    said = f"{figures.orders_paid:,} of {figures.orders:,} orders were paid"
    if figures.paying_ms.count:
        said += f"; from the card to “paid” it took {ms(figures.paying_ms.p50_ms)} (p95 {ms(figures.paying_ms.p95_ms)})"
    return f"{said}."


def _machine(figures: Figures) -> list[tuple[str, float]]:
    told = [(name, share) for name, share in figures.processors.items() if share >= LEAST_SHARE]
    return sorted(told, key=lambda part: -part[1])


def _invariants(figures: Figures) -> str:
    if figures.is_well:
        return "Every invariant held: nothing was sold twice, no money was lost (zero rows)."
    return "Invariants that did NOT hold: " + "; ".join(figures.broken)


def _card(drop: DropFigures, *, began: float) -> str:
    facts = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in _facts(drop, began=began)
    )
    return f"<article><h3>{escape(drop.title)}</h3>{_bar(drop.sold / drop.pieces)}<dl>{facts}</dl></article>"


def _answer_row(name: str, times: Times) -> str:
    cells = "".join(f"<td>{ms(value)}</td>" for value in (times.p50_ms, times.p95_ms, times.p99_ms, times.slowest_ms))
    return f"<tr><th>{escape(name)}</th><td>{times.count:,}</td>{cells}<td>{escape(_errors(times))}</td></tr>"


def _share_row(name: str, share: float) -> str:
    return f'<tr><th>{escape(name)}</th><td>{share:.0%}</td><td class="wide">{_bar(share)}</td></tr>'


def _bar(share: float) -> str:
    """So much of a line."""
    line = '<rect width="100" height="4" class="rest"/>'
    drawn = f'<rect width="{100 * min(1.0, share):.1f}" height="4"/>'
    return (
        f'<svg viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="{share:.0%}">{line}{drawn}</svg>'
    )
