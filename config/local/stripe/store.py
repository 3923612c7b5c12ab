"""Everything the sandbox remembers, in one SQLite file: objects, idempotency keys, deliveries, faults."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from config.local.stripe.shapes import Fields

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    body TEXT NOT NULL, private TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS object_by_kind ON object (kind, seq);
CREATE INDEX IF NOT EXISTS object_by_age ON object (kind, body ->> '$.created');
CREATE INDEX IF NOT EXISTS object_by_intent ON object (kind, body ->> '$.payment_intent');
CREATE INDEX IF NOT EXISTS object_by_customer ON object (kind, body ->> '$.customer');
CREATE INDEX IF NOT EXISTS session_by_end ON object (body ->> '$.expires_at')
    WHERE kind = 'checkout.session' AND body ->> '$.status' = 'open';
CREATE INDEX IF NOT EXISTS refund_by_end ON object (private ->> '$.settles_at') WHERE kind = 'refund';
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, params TEXT NOT NULL, request TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS idempotency_by_age ON idempotency (at);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS delivery_by_event ON delivery (event);
CREATE TABLE IF NOT EXISTS fault (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, rule TEXT NOT NULL, remaining INTEGER);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """One connection behind one lock: whoever holds a `transaction` is alone, and has committed when it ends."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Not nestable."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Inside a transaction: undo only this part when it fails."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO part")
            raise
        finally:
            self._connection.execute("RELEASE part")

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute one statement; returns how many rows it touched."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def insert(self, *, id: str, kind: str, body: Fields, private: Fields) -> None:
        """Remember a new object."""
        self.run(
            "INSERT INTO object (id, kind, body, private) VALUES (?, ?, ?, ?)",
            (id, kind, json.dumps(body), json.dumps(private)),
        )

    def update(self, *, id: str, column: str, value: Fields) -> None:
        """Replace the `body` or the `private` part of an object."""
        sql = {
            "body": "UPDATE object SET body = ? WHERE id = ?",
            "private": "UPDATE object SET private = ? WHERE id = ?",
        }
        self.run(sql[column], (json.dumps(value), id))

    def read(self, *, id: str) -> tuple[str, Fields, Fields] | None:
        """Kind, body and private part of an object, or None where there is none."""
        found = self.rows("SELECT kind, body, private FROM object WHERE id = ?", (id,))
        return (found[0][0], json.loads(found[0][1]), json.loads(found[0][2])) if found else None

    def delete(self, *, id: str) -> None:
        """Forget an object."""
        self.run("DELETE FROM object WHERE id = ?", (id,))

    def setting(self, name: str, *, default: str) -> str:
        """A remembered setting."""
        found = self.rows("SELECT value FROM setting WHERE name = ?", (name,))
        return str(found[0][0]) if found else default

    def set(self, name: str, value: str) -> None:
        """Remember a setting."""
        self.run(
            "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
        )

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()
