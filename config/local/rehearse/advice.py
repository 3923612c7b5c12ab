"""What a creator should know after a rehearsal, in sentences; what can be changed comes with what to change it to."""

from collections.abc import Iterator
from typing import Final

from config.local.rehearse.figures import OTHERS, DropFigures, Figures, Times

QUICK_S: Final = 15.0
GOOD_MS: Final = 250.0
BEARABLE_MS: Final = 1000.0
PAGE_MS: Final = 1500.0
MANY: Final = 0.2


def advice(figures: Figures) -> list[str]:
    """The most important first."""
    return [*_about_the_machine(figures), *(said for drop in figures.drops for said in _about_drop(drop, figures))]


def is_slow(figures: Figures) -> bool:
    """Whether people waited so long that what they did says little about a real audience."""
    claims, pages = figures.times.get("claim", Times()), figures.times.get("page", Times())
    return claims.p99_ms > BEARABLE_MS or pages.p99_ms > 2 * PAGE_MS


def _about_drop(drop: DropFigures, figures: Figures) -> Iterator[str]:
    """How one drop went and what would have gone better."""
    if drop.people == 0:
        yield f"Nobody asked for “{drop.title}”: the page or the machine did not keep up, or nobody came in."
    elif drop.sold_out_s is not None:
        yield from _sold_out(drop, figures)
    else:
        yield from _not_sold_out(drop, figures)
    if drop.came_back > MANY * drop.pieces and not is_slow(figures):
        yield (
            f"{_pieces(drop.came_back)} of “{drop.title}” came back: let go, or not paid in time. A real "
            "audience does that too. Whoever waits in the line gets them, so tell people to join it."
        )


def _sold_out(drop: DropFigures, figures: Figures) -> Iterator[str]:
    assert drop.sold_out_s is not None
    gone = f"Your {_pieces(drop.pieces)} of “{drop.title}” were gone in {seconds(drop.sold_out_s)} "
    gone += f"with {figures.viewers:,} {_plural(figures.viewers, 'viewer')}"
    if drop.empty_handed <= drop.pieces * MANY:
        yield f"{gone}, and nearly everybody who wanted one had one."
        return
    changes = [f"more pieces ({drop.people:,} people asked)"]
    if drop.per_person > 1:
        changes.append(f"a limit of 1 a person instead of {drop.per_person}")
    if drop.sold_out_s < QUICK_S:
        changes.append("a second drop later in the show, announced when the first is gone")
    people = f"{drop.empty_handed:,} {_plural(drop.empty_handed, 'person', 'people')} went home empty"
    yield f"{gone}: {people}. Consider {_or(changes)}."
    if drop.joined_line:
        yield (
            f"{drop.joined_line:,} of them joined the line of “{drop.title}” ({drop.longest_line:,} at once) and "
            f"{drop.served_by_line:,} were served from it."
        )


def _not_sold_out(drop: DropFigures, figures: Figures) -> Iterator[str]:
    if drop.audience == "followers" and drop.refused.get("follow"):
        yield (
            f"“{drop.title}” is for followers, and your store has {figures.followers:,}: "
            f"{drop.refused['follow']:,} people were refused. "
            "Ask people to follow before the show, or open it to everyone."
        )
    elif drop.audience == "code_word" and drop.refused.get("code_word"):
        yield (
            f"{drop.refused['code_word']:,} people did not know the code word of “{drop.title}”: "
            "say it twice, and show it."
        )
    if drop.people < figures.viewers / 2:
        yield f"Only {drop.people:,} of {figures.viewers:,} viewers came as far as asking for “{drop.title}”."
        return
    left = drop.pieces - drop.sold
    yield (
        f"{_pieces(left)} of {drop.pieces:,} of “{drop.title}” were not sold in the {drop.lasts_s} s that it was "
        "open here: fewer pieces, or more viewers."
    )


def _about_the_machine(figures: Figures) -> Iterator[str]:
    claims, pages = figures.times.get("claim", Times()), figures.times.get("page", Times())
    if (others := figures.processors.get(OTHERS, 0.0)) > MANY:
        yield (
            f"Other programs took {others:.0%} of this machine meanwhile: rehearse again when it has nothing else "
            "to do, before you believe the times."
        )
    how = "was too busy" if others > MANY else "is too small"
    failed = claims.errors.get("no answer", 0) + pages.failed
    if not claims.count:
        yield "No claim was made, so this says nothing about the machine."
    elif is_slow(figures) or failed:
        yield (
            f"This machine, which also played the audience, {how} for {figures.viewers:,} viewers at once: "
            f"p99 of claims was {ms(claims.p99_ms)}, of pages {ms(pages.p99_ms)}; {failed or 'none'} of them failed. "
            "Nothing was sold twice for that; people wait. Rehearse with fewer viewers "
            "to find its size, or give it more cores."
        )
    elif claims.p99_ms > GOOD_MS or pages.p99_ms > PAGE_MS:
        yield (
            f"p99 of claims was {ms(claims.p99_ms)} and of pages {ms(pages.p99_ms)}: this machine can do this show, "
            "and people will notice that it works hard."
        )
    else:
        yield f"p99 of claims was {ms(claims.p99_ms)}: this machine can do this show."
    if figures.broken:
        yield "Something that must always be true was not. Do not go on air with this version; the report names it."


def seconds(count: float) -> str:
    """2.4 s, 31 s."""
    return f"{count:.1f} s" if count < 10 else f"{count:.0f} s"


def ms(count: float) -> str:
    """38 ms, 1.2 s."""
    return f"{count:.0f} ms" if count < 1000 else f"{count / 1000:.1f} s"


def _pieces(count: int) -> str:
    return f"{count:,} {_plural(count, 'piece')}"


def _plural(count: int, one: str, more: str = "") -> str:
    return one if count == 1 else more or f"{one}s"


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
