"""`python -m config.local.stripe`: start the sandbox."""

import argparse
import sys

import uvicorn

from config.local.stripe.account import Account, Settings
from config.local.stripe.app import Application
from config.local.stripe.limits import RateLimits
from config.local.stripe.resources.webhook_endpoints import ensure_endpoint
from config.local.stripe.store import Store

GRACE_S = 1


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if bool(asked.webhook_url) != bool(asked.webhook_secret):
        parser.error("--webhook-url and --webhook-secret go together")
    store = Store(asked.state)
    settings = Settings(
        public_url=(asked.public_url or f"http://{asked.host}:{asked.port}").rstrip("/"),
        secret_key=asked.secret_key,
        merchant=asked.merchant,
    )
    account = Account(store=store, settings=settings)
    if asked.webhook_url:
        with account.change():
            ensure_endpoint(account, url=asked.webhook_url, secret=asked.webhook_secret)
    uvicorn.run(
        Application(account=account, limits=RateLimits(enforced=asked.enforce_rate_limits)),
        host=asked.host,
        port=asked.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    store.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config.local.stripe", description="A Stripe sandbox.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", required=True, metavar="FILE", help="the SQLite file that keeps everything")
    parser.add_argument("--public-url", metavar="URL", help="where buyers see the hosted pages, path prefix included")
    parser.add_argument("--secret-key", required=True, metavar="sk_test_…", help="the one API key")
    parser.add_argument("--merchant", default="Stagedoor", help="the seller's name on hosted pages")
    parser.add_argument("--webhook-url", metavar="URL", help="keep one endpoint here, for all events")
    parser.add_argument("--webhook-secret", metavar="whsec_…", help="what that endpoint's events are signed with")
    parser.add_argument("--enforce-rate-limits", action="store_true", help="100 requests/s, 25/s for one endpoint")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
