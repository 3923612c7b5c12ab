"""PostgreSQL's own load program: what the claim function gives when nothing stands in front of it."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from config.local.binaries import postgres_bin
from config.local.say import Trouble

# One ask of somebody new, from one of as many networks as the shoppers over HTTP have.
CLAIM: Final = """select * from claim_pieces({sale}, array[gen_random_uuid()], array[gen_random_uuid()], array[1],
    array[''], array[(random() * 60000)::bigint], 200);"""


def claim_singly(*, database_url: str, sale_id: int, clients: int, seconds: int) -> None:
    """Let so many connections claim single pieces, one statement after the other. Raises Trouble.

    The seconds begin before the first connection stands.
    """
    parts = urlsplit(database_url)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(CLAIM.format(sale=sale_id).replace("\n", " "))
        script.flush()
        options = ["-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), "-f", script.name]
        address = [
            "-h",
            parts.hostname or "",
            "-p",
            str(parts.port),
            "-U",
            parts.username or "",
            parts.path.lstrip("/"),
        ]
        command: list[str | Path] = [postgres_bin(None) / "pgbench", *options, *address]
        environment = dict(os.environ) | {"PGPASSWORD": unquote(parts.password or "")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode or "transactions actually processed" not in done.stdout:
        raise Trouble(f"pgbench failed: {done.stderr.strip()}")
