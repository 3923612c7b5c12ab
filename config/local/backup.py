"""`./run backup FILE`: the database and the files of the shop in one file, also while it runs."""

import argparse
import sys
from pathlib import Path

from config.local.archive import write_backup
from config.local.say import Progress, Trouble, answer_for
from config.local.shop import shop_as_it_is


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run backup", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    to: Path = parser.parse_args().file.absolute()
    if to.is_dir() or not to.parent.is_dir():
        raise Trouble(f"{to} is not the name of a file in a folder that exists.")
    progress = Progress(sys.stdout)
    with shop_as_it_is(progress) as shop, progress.step("backup"):
        size = write_backup(to, database=shop.database, files=shop.files)
    progress.line(f"  {to} ({size / 1e6:.1f} MB). It holds names and addresses: keep it where only you can read it.")
    return 0


if __name__ == "__main__":
    sys.exit(answer_for(main))
