"""One request id through every process that had to do with it, and no secret in any log."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from config.local.journey.buying import DECLINED, GOOD, WITH_3DS
from config.local.journey.story import STORE
from config.local.stack import Stack
from config.local.world import CODE, World, wait_until
from tests.journeys.buyer import Buyer

pytestmark = pytest.mark.stack


def test_one_request_id_leads_from_the_checkout_through_web_tick_and_worker(house: Stack, buyer: Buyer) -> None:
    logs = house.supervisor.logs
    buyer.takes_a_file()
    buyer.checks_out()

    checkouts = [line for line in _lines(logs / "web.log") if line.get("request") == f"POST /s/{STORE}/checkout/"]
    request_id = checkouts[-1]["request_id"]

    def told_by(process: str) -> set[str]:
        return {line["event"] for line in _lines(logs / f"{process}.log") if line.get("request_id") == request_id}

    assert "request_finished" in told_by("web")
    wait_until(lambda: "task_enqueued" in told_by("tick"), "tick hands out what the request left to do")
    wait_until(lambda: "task_succeeded" in told_by("worker"), "a worker does it")


def test_no_log_holds_a_card_a_key_a_session_or_a_code(house: Stack, world: World, buyer: Buyer) -> None:
    vera = world.sign_in("vera@stagedoor.example")
    letter = vera.get(world.letters("vera@stagedoor.example")[0][0])
    code = CODE.search(re.sub(r"<[^>]+>", "\n", letter.text))
    assert code is not None
    buyer.takes_a_file()
    buyer.checks_out()
    page = world.payment_page(buyer.browser, buyer.order_url)
    declined = world.pay(buyer.browser, page, card=DECLINED, email=buyer.email)
    bank = world.pay(buyer.browser, declined, card=WITH_3DS, email=buyer.email)
    buyer.browser.press(bank.form("/"), "outcome", "complete")
    buyer.waits_until_it_is_paid()
    environment = house.house.environment()

    secrets = {
        *(DECLINED, WITH_3DS, GOOD, code[1]),
        *(environment[name] for name in ("STAGEDOOR_SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")),
        *(cookie.value or "-" for person in (vera, buyer.browser) for cookie in person.cookies),
    }
    logs = {path.name: path.read_text(errors="replace") for path in house.supervisor.logs.iterdir()}

    assert {"web.log", "tick.log", "worker.log", "sandbox.log", "caddy.log"} <= logs.keys()
    assert [(name, secret) for name, text in logs.items() for secret in secrets if secret in text] == []


def _lines(log: Path) -> list[dict[str, Any]]:
    """What a process said in JSON."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
