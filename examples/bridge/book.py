"""The partner's SQLite file: positions, outgoing messages, and whatever tables the partner adds."""

import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS position (
  topic TEXT, partition INTEGER, next_offset INTEGER NOT NULL, epoch INTEGER NOT NULL, PRIMARY KEY (topic, partition));
CREATE TABLE IF NOT EXISTS outgoing (
  id INTEGER PRIMARY KEY, message_id TEXT NOT NULL, topic TEXT NOT NULL, type TEXT NOT NULL, key TEXT NOT NULL,
  payload TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS outgoing_pending ON outgoing (id) WHERE sent = 0;
"""


class Book:
    """One SQLite file; a writer that finds it locked by another process waits."""

    def __init__(self, path: Path, tables: str) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.executescript(_TABLES + tables)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; other writers wait."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def enqueue(self, topic: str, type_: str, key: str, content: Mapping[str, Any]) -> None:
        """Have a message sent; call it in the transaction of the change that it tells of."""
        self.db.execute(
            "INSERT INTO outgoing (message_id, topic, type, key, payload) VALUES (?, ?, ?, ?, ?)",
            (str(uuid.uuid4()), topic, type_, key, json.dumps(content, ensure_ascii=False)),
        )

    def pending(self, limit: int) -> list[sqlite3.Row]:
        """The oldest messages that are not sent."""
        return self.db.execute("SELECT * FROM outgoing WHERE sent = 0 ORDER BY id LIMIT ?", (limit,)).fetchall()

    def position(self, topic: str, partition: int) -> tuple[int, int]:
        """Where to read on, and in which epoch of the log."""
        row = self.db.execute(
            "SELECT next_offset, epoch FROM position WHERE topic = ? AND partition = ?", (topic, partition)
        ).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def move(self, topic: str, partition: int, next_offset: int, epoch: int) -> None:
        """Remember where to read on."""
        self.db.execute(
            "INSERT INTO position VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "next_offset = excluded.next_offset, epoch = excluded.epoch",
            (topic, partition, next_offset, epoch),
        )
