"""`./run bench`: see the package. The last line is one JSON object, and a full run is kept in `bench/results/`."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from config.local.bench.report import keep, newest, said_of, surroundings, table, write_readme
from config.local.bench.stage import stage
from config.local.say import Progress, answer_for


def main() -> int:
    options, progress = _parse(), Progress(sys.stdout)
    if options.readme:
        write_readme(newest())
        return 0
    about = surroundings(is_quick=options.quick, note=options.note)
    with (
        tempfile.TemporaryDirectory(prefix="stagedoor-bench-") as folder,
        stage(Path(folder), progress=progress) as standing,
    ):
        from config.local.bench.plan import FULL, QUICK, measure  # Django stands only now

        result = about | measure(standing, pace=QUICK if options.quick else FULL, progress=progress)
    if options.keep or not options.quick:
        progress.line(f"  kept in {keep(result, name=options.keep)}")
    progress.line(f"\n{said_of(result)}\n\n{table(result)}\n")
    print(json.dumps(result))
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same in less than a minute; kept only with --keep")
    parser.add_argument("--keep", metavar="NAME", help="keep the result under this name (default: date and commit)")
    parser.add_argument("--note", default="", help="what a reader of the result should know, a sentence")
    parser.add_argument("--readme", action="store_true", help="measure nothing: write the newest result into README.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(answer_for(main))
