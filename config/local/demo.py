"""`./run demo`: the whole house with a shop worth looking at, until Ctrl-C; with --check it proves itself and stops."""

import argparse
import os
import shutil
import sys
import time

from config.local.children import spawn
from config.local.outside import Outside
from config.local.place import ROOT
from config.local.say import Progress, Trouble, answer_for
from config.local.stack import Stack, stack

STATE = ROOT / ".local"
CHECK_STATE = STATE / "check"
DEFAULT_PORT = 8000
PAYMENT_QUIET_IN_CHECK_S = 3


def main() -> int:
    options = _parse()
    if options.check:
        return check(port=options.port)
    return demo(port=options.port or DEFAULT_PORT, fresh=options.fresh, has_audience=not options.no_audience)


def demo(*, port: int, fresh: bool, has_audience: bool) -> int:
    """Start everything, say where, and keep it alive until Ctrl-C. Raises Trouble."""
    progress, outside = Progress(sys.stdout), Outside.from_environment()
    outside.refuse_live_money()
    if fresh and outside.database_url:
        raise Trouble(
            "--fresh forgets only what .local holds, not the database that DATABASE_URL names; empty that one."
        )
    asked_to_stop_at: float | None = None
    try:
        with stack(
            STATE,
            port=port,
            outside=outside,
            fresh=fresh,
            has_audience=has_audience and outside.stripe_secret_key is None,
            progress=progress,
        ) as standing:
            _welcome(standing, progress)
            try:
                standing.supervisor.watch()
            finally:
                asked_to_stop_at = time.monotonic()
                progress.line("\n  stopping ...")
    except KeyboardInterrupt:
        if asked_to_stop_at is None:
            raise
        progress.took("stopped", time.monotonic() - asked_to_stop_at)
    return 0


def check(*, port: int | None) -> int:
    """Start beside the demo with a state of its own, drive the journey from outside, stop; its exit code.

    Its one line of JSON is all that goes to standard output. The state is kept when the journey failed. Raises Trouble.
    """
    progress = Progress(sys.stderr)
    quiet_s = PAYMENT_QUIET_IN_CHECK_S
    with stack(CHECK_STATE, port=port, fresh=True, payment_quiet_s=quiet_s, progress=progress) as standing:
        code = _journey(standing)
    if code:
        progress.line(f"  failed; the logs are in {CHECK_STATE / 'log'}")
    else:
        shutil.rmtree(CHECK_STATE)
    return code


def _journey(standing: Stack) -> int:
    process = spawn(
        [sys.executable, "-m", "config.local.journey", "--base-url", standing.base_url],
        env=standing.house.environment(),
        cwd=ROOT,
        log=sys.stdout.fileno(),
        errors=sys.stderr.fileno(),
    )
    standing.supervisor.watch(until=lambda: process.poll() is not None)
    return process.returncode


def _welcome(standing: Stack, progress: Progress) -> None:
    if started_at := os.environ.get("STAGEDOOR_STARTED_AT"):
        progress.took("everything", time.time() - float(started_at))
    progress.line(f"\n  Stagedoor is at  {standing.base_url}\n\n  Sign in as")
    for name, url in standing.sign_in_links:
        progress.line(f"    {name:<24}{url}")
    progress.line(f"\n  Mails are in {standing.house.place.mail}, logs in {standing.house.place.logs}. Ctrl-C stops.")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--port", type=_port, help=f"the port to open in a browser (default {DEFAULT_PORT})")
    parser.add_argument("--fresh", action="store_true", help="forget the data of earlier starts")
    parser.add_argument("--no-audience", action="store_true", help="no simulated viewers")
    parser.add_argument("--check", action="store_true", help="drive the whole journey, print one JSON line, stop")
    return parser.parse_args()


def _port(word: str) -> int:
    if not word.isdecimal() or not 1024 <= int(word) <= 65535:
        raise argparse.ArgumentTypeError(f"{word} is not a port between 1024 and 65535")
    return int(word)


if __name__ == "__main__":
    sys.exit(answer_for(main))
