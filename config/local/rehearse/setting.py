"""`python -m config.local.rehearse.setting FOLDER`: fill the throw-away house from FOLDER/script.json.

Twice: `fill` migrates, collects static files and writes the copy; `announce` gives the drops their hours, when all
processes are up. What the audience must know comes as JSON: FOLDER/bill.json.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from config.local.rehearse.stage import BILL, SCRIPT


def main() -> int:
    what, folder = sys.argv[1], Path(sys.argv[2])
    django.setup()
    if what == "fill":
        fill(folder)
    else:
        announce_all(folder)
    return 0


def fill(folder: Path) -> None:
    """The whole house, with every drop planned; bill.json tells which, in what slots, and the audience's cookies."""
    from config.local.rehearse import copying, seats
    from shop.core import clock

    said = json.loads((folder / SCRIPT).read_text())
    viewers, seconds, lead_s = said["viewers"], said["seconds"], said["lead_s"]
    script = copying.script_from(said["script"])
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    event = copying.write_catalogue(script, at=clock.now())
    bill: dict[str, Any] = {"drops": [], "cookies": []}
    for drop, slot in zip(script.drops, copying.slots(script.drops, seconds=seconds, lead_s=lead_s), strict=True):
        planned = copying.write_drop(drop, event=event, slot=slot)
        bill["drops"].append({"id": planned.pk, "slot": vars(slot)})
    if any(drop.allotment["audience"] in seats.NEED_AN_ACCOUNT for drop in script.drops):
        followers = min(viewers, script.followers)
        bill["cookies"] = seats.take_seats(store_id=event.store_id, people=viewers, followers=followers)
    (folder / BILL).write_text(json.dumps(bill))


def announce_all(folder: Path) -> None:
    """Each drop in its slot, counted from now; bill.json then also tells when each opens (seconds since 1970)."""
    from config.local.rehearse.copying import Slot, announce
    from liveevents.drops.models import Drop

    bill = json.loads((folder / BILL).read_text())
    drops = Drop.objects.select_related("allotment", "offer", "event").in_bulk([one["id"] for one in bill["drops"]])
    opening = announce((drops[one["id"]], Slot(**one["slot"])) for one in bill["drops"])
    for one in bill["drops"]:
        one["opens_at"] = opening[one["id"]].timestamp()
    (folder / BILL).write_text(json.dumps(bill))


if __name__ == "__main__":
    sys.exit(main())
