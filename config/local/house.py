"""The processes of the house on one machine: what each is told by its environment, and how each is started."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, urlsplit

from config.local import binaries
from config.local.outside import NOTHING, Outside
from config.local.place import ROOT, Place
from config.local.ready import answers, listens, lives_for, says
from config.local.supervisor import Program

WEB_WORKERS = 2
# More than pages may be inside and wait (128) and claims at their desk (96): some are left to send others away.
WEB_THREADS = 256
NEVER_PASSED_ON = ("DJANGO_SETTINGS_MODULE", "PYTEST_", "STRIPE_", "STAGEDOOR_", "PROMETHEUS_")


@dataclass(frozen=True)
class Ports:
    """Where each process listens on 127.0.0.1; `edge` is the only one people see."""

    edge: int
    web: int
    live: int
    sandbox: int
    web_metrics: int
    tick_metrics: int

    @classmethod
    def unused(cls) -> "Ports":
        """For commands that start none of the processes."""
        return cls(*(0 for _ in fields(cls)))


@dataclass(frozen=True)
class House:
    """Everything the processes of one copy have in common."""

    place: Place
    ports: Ports
    database_url: str
    redis_url: str
    outside: Outside = NOTHING
    payment_quiet_s: int = 60

    @property
    def site_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.edge}"

    @property
    def has_sandbox(self) -> bool:
        """Stripe is stood in for, unless a real key is given."""
        return self.outside.stripe_secret_key is None

    @property
    def private_root(self) -> Path:
        return Path(self.outside.private_root or self.place.folder / "private")

    @property
    def media_root(self) -> Path:
        return Path(self.outside.media_root or self.place.folder / "media")

    @property
    def static_root(self) -> Path:
        return self.place.folder / "static"

    def environment(self, *, metrics_port: int = 0) -> dict[str, str]:
        """What a process of this house finds in its environment."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith(NEVER_PASSED_ON)}
        secrets = self.place.secrets()
        return (
            mine
            | {
                "PYTHONPATH": str(ROOT),
                "PYTHONUNBUFFERED": "1",
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "STAGEDOOR_SECRET_KEY": secrets.secret_key,
                "STAGEDOOR_DEMO": "1",
                "SITE_URL": self.site_url,
                "DATABASE_URL": self.database_url,
                "REDIS_URL": self.redis_url,
                "PRIVATE_ROOT": str(self.private_root),
                "MEDIA_ROOT": str(self.media_root),
                "STATIC_ROOT": str(self.static_root),
                "EMAIL_URL": self.outside.email_url or f"filemail:///{quote(str(self.place.mail))}",
                "DEFAULT_FROM_EMAIL": os.environ.get("DEFAULT_FROM_EMAIL") or "Stagedoor <hello@stagedoor.example>",
                "PAYMENT_QUIET_S": str(self.payment_quiet_s),
                "LOG_FORMAT": os.environ.get("LOG_FORMAT") or "json",
                "TRUSTED_PROXIES": "127.0.0.1",
                "METRICS_PORT": str(metrics_port),
            }
            | self._stripe_environment()
        )

    def _stripe_environment(self) -> dict[str, str]:
        if not self.has_sandbox:
            return {name: value for name, value in os.environ.items() if name.startswith("STRIPE_")}
        secrets = self.place.secrets()
        return {
            "STRIPE_SECRET_KEY": secrets.stripe_secret_key,
            "STRIPE_WEBHOOK_SECRET": secrets.stripe_webhook_secret,
            "STRIPE_API_BASE": f"http://127.0.0.1:{self.ports.sandbox}",
        }

    @property
    def web_metrics(self) -> Path:
        """Where the web workers write their figures, for one of them to tell; those of dead workers do not count."""
        return self.place.folder / "metrics"

    def make_folders(self) -> None:
        shutil.rmtree(self.web_metrics, ignore_errors=True)
        for folder in (
            self.private_root,
            self.media_root,
            self.static_root,
            self.place.mail,
            self.place.caddy,
            self.web_metrics,
        ):
            folder.mkdir(parents=True, exist_ok=True)

    def before_the_curtain(self) -> list[Program]:
        """What a visitor meets, so it starts first: web, live, and the sandbox where Stripe is stood in for."""
        stand_in = [self._sandbox()] if self.has_sandbox else []
        return [self._web(), self._live(), *stand_in]

    def behind_the_curtain(self) -> list[Program]:
        """Tick, worker, beat."""
        return [self._tick(), self._worker(), self._beat()]

    def edge(self) -> Program:
        ports = self.ports
        environment = {
            "PATH": os.defpath,
            "SITE_ADDRESS": f"http://:{ports.edge}",
            "EDGE_BIND": "127.0.0.1",
            "WEB_UPSTREAM": f"127.0.0.1:{ports.web}",
            "CLAIM_UPSTREAM": f"127.0.0.1:{ports.web}",
            "LIVE_UPSTREAM": f"127.0.0.1:{ports.live}",
            "SANDBOX_UPSTREAM": f"127.0.0.1:{ports.sandbox}",
            "STATIC_ROOT": str(self.static_root),
            "MEDIA_ROOT": str(self.media_root),
            "PRIVATE_ROOT": str(self.private_root),
            "XDG_CONFIG_HOME": str(self.place.caddy),
            "XDG_DATA_HOME": str(self.place.caddy),
        }
        if self.has_sandbox:
            environment["SANDBOX_ROUTES"] = "sandbox.caddy"
        caddyfile = ROOT / "config" / "edge" / "Caddyfile"
        command = [str(binaries.caddy()), "run", "--config", str(caddyfile), "--adapter", "caddyfile"]
        return Program(
            name="caddy", command=command, env=environment, cwd=self.place.folder, is_ready=listens(ports.edge)
        )

    def show(self, *, has_audience: bool) -> Program:
        """Opens the demo's drops, with simulated viewers or without."""
        words = [] if has_audience else ["--no-audience"]
        return self._python("show", ["-m", "config.local.show", *words], is_ready=lives_for(0.1))

    def _web(self) -> Program:
        port = self.ports.web
        command = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
        command += ["--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS), "--backlog", "4096"]
        command += ["--backpressure", "4096", "--workers-kill-timeout", "3", "--respawn-failed-workers"]
        command += ["--no-access-log", "--log-level", "warning", "config.wsgi:application"]
        return self._python(
            "web",
            command,
            is_ready=answers(port, "/healthz", host=urlsplit(self.site_url).netloc),
            metrics_port=self.ports.web_metrics,
            more={"PROMETHEUS_MULTIPROC_DIR": str(self.web_metrics), "DATABASE_POOL": "1"},
        )

    def _live(self) -> Program:
        port = self.ports.live
        command = ["-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--loop", "uvloop", "--ws", "none", "--lifespan", "auto", "--timeout-graceful-shutdown", "2"]
        command += ["--no-access-log", "--log-level", "warning"]
        return self._python("live", command, is_ready=answers(port, "/live/healthz"))

    def _tick(self) -> Program:
        port = self.ports.tick_metrics
        return self._python("tick", ["-m", "config.tick"], is_ready=answers(port, "/healthz"), metrics_port=port)

    def _worker(self) -> Program:
        command = ["-m", "celery", "-A", "config.celery", "worker", "--concurrency", "2", "--loglevel", "info"]
        command += ["--without-gossip", "--without-mingle"]
        return self._python("worker", command, is_ready=says(self.place.logs / "worker.log", " ready."))

    def _beat(self) -> Program:
        command = ["-m", "celery", "-A", "config.celery", "beat", "--loglevel", "info"]
        command += ["--schedule", str(self.place.folder / "beat-schedule"), "--pidfile="]
        return self._python("beat", command, is_ready=says(self.place.logs / "beat.log", "beat: Starting"))

    def _sandbox(self) -> Program:
        port, secrets, state = self.ports.sandbox, self.place.secrets(), self.place.folder / "stripe.sqlite3"
        command = ["-m", "config.local.stripe", "--port", str(port), "--state", str(state)]
        command += ["--public-url", f"{self.site_url}/stripe-sandbox", "--secret-key", secrets.stripe_secret_key]
        command += ["--webhook-url", f"{self.site_url}/api/v1/webhooks/stripe/"]
        command += ["--webhook-secret", secrets.stripe_webhook_secret]
        return self._python("sandbox", command, is_ready=answers(port, "/_sandbox/healthz"))

    def _python(
        self,
        name: str,
        words: list[str],
        *,
        is_ready: Callable[[], bool],
        metrics_port: int = 0,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Program:
        return Program(
            name=name,
            command=[sys.executable, *words],
            env={**self.environment(metrics_port=metrics_port), **more},
            cwd=ROOT,
            is_ready=is_ready,
            stop_signal=signal.SIGTERM,
        )
