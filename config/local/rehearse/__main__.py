"""`./run rehearse EVENT`: a show as it would go, with a simulated audience, in a throw-away copy of the house."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from config.local.outside import Outside
from config.local.place import ROOT, Place
from config.local.rehearse.playing import MOST_VIEWERS, play, seconds_needed
from config.local.rehearse.report import as_text, write_page
from config.local.rehearse.script import Script, read_script, reading
from config.local.say import Progress, Trouble, answer_for
from config.local.stack import services

STATE: Final = ROOT / ".local"
REPORTS: Final = STATE / "rehearsals"
NOWHERE: Final = "redis://127.0.0.1:1/0"
LEAST_SECONDS: Final = 10
MOST_SECONDS: Final = 3600


def main() -> int:
    options, progress = _parse(), Progress(sys.stdout)
    script = find_script(options.event, progress)
    needed = seconds_needed(script)
    if options.seconds < needed:
        raise Trouble(
            f"{script.address} has {len(script.drops)} drops, and each needs 5 s: rehearse with --seconds {needed}."
        )
    figures = play(script, viewers=options.viewers, seconds=options.seconds, progress=progress)
    at = datetime.now(UTC)
    page = REPORTS / f"{script.address.replace('/', '-')}-{at:%Y%m%d-%H%M%S}.html"
    write_page(figures, page, at=at)
    progress.line(as_text(figures))
    progress.line(f"\n  The same to show around: {page}")
    return 0 if figures.is_well else 1


def find_script(wanted: str, progress: Progress) -> Script:
    """The show, read where the environment or .local has it; nothing is written there. Raises Trouble."""
    with _real_database(progress) as database_url, progress.step("reading the show"), reading(database_url) as house:
        return read_script(house, wanted)


@contextmanager
def _real_database(progress: Progress) -> Iterator[str]:
    """The URL of the real house's database; one that stands still is started for the length of the block."""
    place, outside = Place(STATE), Outside.from_environment()
    running = place.running()
    if outside.database_url:
        yield outside.database_url
    elif running:
        yield running.database_url
    elif not (place.postgres / "PG_VERSION").exists():
        raise Trouble("there is no show here yet; start `./run demo` once, or name a database with DATABASE_URL.")
    else:
        place.take()
        with services(place, progress=progress, outside=Outside(redis_url=NOWHERE)) as (database_url, _, _):
            yield database_url


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run rehearse", description=__doc__)
    parser.add_argument("event", metavar="EVENT", help="the show's slug, store/slug, address or number")
    parser.add_argument(
        "--viewers", type=_between(1, MOST_VIEWERS, "viewers"), default=200, help="how many watch (default 200)"
    )
    parser.add_argument(
        "--seconds",
        type=_between(LEAST_SECONDS, MOST_SECONDS, "seconds"),
        default=60,
        help="how long the drops take together (default 60)",
    )
    return parser.parse_args()


def _between(least: int, most: int, what: str) -> Callable[[str], int]:
    """Reads a whole number within these bounds."""

    def read(word: str) -> int:
        if not word.isascii() or not word.isdecimal() or len(word) > 12 or not least <= int(word) <= most:
            raise argparse.ArgumentTypeError(f"{word} is not a number of {what} from {least:,} to {most:,}")
        return int(word)

    return read


if __name__ == "__main__":
    sys.exit(answer_for(main))
