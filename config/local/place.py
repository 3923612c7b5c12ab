"""The folder that holds everything one copy of the house knows: `.local/`, or a temporary one for tests."""

import fcntl
import json
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from config.local.say import Trouble

ROOT = Path(__file__).resolve().parents[2]
KEPT_WHEN_FORGETTING = {"lock", "installing", "check", "chaos"}


@dataclass(frozen=True)
class Secrets:
    """Made once for each place; worth nothing outside this machine."""

    secret_key: str
    service_password: str
    stripe_secret_key: str
    stripe_webhook_secret: str


@dataclass(frozen=True)
class Running:
    """What another command must know about the copy that runs here."""

    pid: int
    site_url: str
    database_url: str
    redis_url: str


class Place:
    """Names the parts of the folder, keeps its secrets, and lets one copy run in it at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.postgres = self.folder / "postgres"
        self.valkey = self.folder / "valkey"
        self.logs = self.folder / "log"
        self.mail = self.folder / "mail"
        self.caddy = self.folder / "caddy"
        self.prepared = self.folder / "prepared"
        self._lock: IO[str] | None = None

    def take(self) -> None:
        """Make the folder ours until this process ends. Raises Trouble when another copy runs in it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / "lock").open("w")
            (self.folder / "running.json").touch(mode=0o600)
        except PermissionError as refused:
            raise Trouble(
                f"{refused.filename} belongs to another user (was this once started with sudo?); give it back with "
                f"`sudo chown -R $(id -u) '{self.folder}'`, or delete it."
            ) from refused
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise Trouble(
                f"another `./run` of this folder is already running ({self._other()}); stop it first, or clone the "
                "project to a second folder to run two."
            ) from held

    def is_taken(self) -> bool:
        """Whether some process runs a copy in this folder."""
        try:
            with (self.folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def forget(self) -> None:
        """Delete everything but the lock."""
        for path in self.folder.iterdir():
            if path.name in KEPT_WHEN_FORGETTING:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def secrets(self) -> Secrets:
        path = self.folder / "secrets.json"
        if not path.exists():
            made = Secrets(
                secret_key=secrets.token_urlsafe(48),
                service_password=secrets.token_urlsafe(24),
                stripe_secret_key=f"sk_test_{secrets.token_hex(24)}",
                stripe_webhook_secret=f"whsec_{secrets.token_hex(24)}",
            )
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".unfinished")
            unfinished.touch(mode=0o600)
            unfinished.write_text(json.dumps(asdict(made)))
            unfinished.replace(path)
        return Secrets(**json.loads(path.read_text()))

    def tell(self, running: Running) -> None:
        """Leave word for `./run backup` and the like."""
        (self.folder / "running.json").write_text(json.dumps(asdict(running)))

    def running(self) -> Running | None:
        """The copy that runs here now, if one does and has come far enough to say so."""
        said = self.folder / "running.json"
        if not self.is_taken() or not said.exists() or not said.read_text():
            return None
        return Running(**json.loads(said.read_text()))

    def _other(self) -> str:
        said = (self.folder / "running.json").read_text()
        return f"{json.loads(said)['site_url']}, process {json.loads(said)['pid']}" if said else "it is still starting"
