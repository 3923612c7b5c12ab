"""`./run manage WORDS`: Django's commands in the house that `./run demo` runs here, such as `check_invariants`."""

import subprocess
import sys

from config.local.demo import STATE
from config.local.house import House, Ports
from config.local.outside import Outside
from config.local.place import ROOT, Place
from config.local.say import Trouble, answer_for


def main() -> int:
    place = Place(STATE)
    running = place.running()
    if running is None:
        raise Trouble("nothing runs here; start ./run demo first.")
    house = House(place, Ports.unused(), running.database_url, running.redis_url, Outside.from_environment())
    return subprocess.call([sys.executable, "manage.py", *sys.argv[1:]], cwd=ROOT, env=house.environment())


if __name__ == "__main__":
    sys.exit(answer_for(main))
