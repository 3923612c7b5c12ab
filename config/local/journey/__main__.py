"""`python -m config.local.journey --base-url URL`: drive the journey, say in one line of JSON how it went."""

import argparse
import json
import sys
import time
import traceback

from config.local.journey.chapters import begin, end
from config.local.world import World


def main() -> int:
    """0 when everything is as promised, else 1 with the reason."""
    parser = argparse.ArgumentParser(prog="python -m config.local.journey", description=__doc__)
    parser.add_argument("--base-url", required=True)
    world, began = World.from_environment(parser.parse_args().base_url), time.monotonic()
    try:
        story = end(begin(world))
    except (AssertionError, OSError, LookupError, ValueError) as failure:
        traceback.print_exc()
        print(json.dumps({"ok": False, "failed": f"{type(failure).__name__}: {failure}", "seconds": _since(began)}))
        return 1
    print(json.dumps({"ok": True, "checked": story.seen, "seconds": _since(began)}))
    return 0


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)


if __name__ == "__main__":
    sys.exit(main())
