"""The OA system's book: approvals that wait or are decided, and meetings."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bridge import Book, Event

TOPIC = "crm.inbound.oa.v1"

_TABLES = """
CREATE TABLE IF NOT EXISTS approval (
  number INTEGER PRIMARY KEY, subject_id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, decision TEXT, decided_by TEXT);
CREATE TABLE IF NOT EXISTS meeting (
  number INTEGER PRIMARY KEY, customer_id TEXT NOT NULL, subject TEXT NOT NULL, held_at TEXT NOT NULL);
"""


class Office(Book):
    """Approvals and meetings."""

    def __init__(self, path: Path, *, approver: str | None = None) -> None:
        """With an ``approver`` every request is approved in that name as soon as it comes in."""
        super().__init__(path, _TABLES)
        self._approver = approver

    def take_in(self, event: Event) -> None:
        """Take in one event of the CRM; runs inside a transaction."""
        if event.type != "project.opened":
            return
        known = self.db.execute("SELECT 1 FROM approval WHERE subject_id = ?", (event.aggregate_id,)).fetchone()
        if known is not None:
            return
        self.db.execute(
            "INSERT INTO approval (subject_id, title) VALUES (?, ?)", (event.aggregate_id, event.state["name"])
        )
        if self._approver is not None:
            self._decide(event.aggregate_id, "approved", self._approver, None)

    def decide(self, subject_id: str, decision: str, by: str, comment: str | None = None) -> None:
        """Approve or refuse what waits; the CRM learns of it."""
        with self.transaction():
            self._decide(subject_id, decision, by, comment)

    def meet(
        self, customer_id: str, subject: str, *, minutes: str | None = None, participants: Sequence[str] = ()
    ) -> None:
        """Put a meeting with a customer on record; the CRM learns of it."""
        held_at = datetime.now(UTC).isoformat()
        with self.transaction():
            number = self.db.execute(
                "INSERT INTO meeting (customer_id, subject, held_at) VALUES (?, ?, ?)", (customer_id, subject, held_at)
            ).lastrowid
            content = {
                "meeting_id": f"M-{number:06}",
                "customer_id": customer_id,
                "subject": subject,
                "minutes": minutes,
                "held_at": held_at,
                "participants": list(participants),
            }
            self.enqueue(TOPIC, "oa.meeting_held", customer_id, content)

    def waiting(self) -> list[dict[str, Any]]:
        """Approvals that nobody has decided about."""
        return [dict(row) for row in self.db.execute("SELECT * FROM approval WHERE decision IS NULL ORDER BY number")]

    def _decide(self, subject_id: str, decision: str, by: str, comment: str | None) -> None:
        row = self.db.execute(
            "UPDATE approval SET decision = ?, decided_by = ? WHERE subject_id = ? AND decision IS NULL "
            "RETURNING number",
            (decision, by, subject_id),
        ).fetchone()
        if row is None:
            raise KeyError(subject_id)
        content = {
            "approval_id": f"A-{row['number']:06}",
            "subject_type": "project",
            "subject_id": subject_id,
            "decision": decision,
            "decided_by": by,
            "comment": comment,
        }
        self.enqueue(TOPIC, "oa.approval_decided", subject_id, content)
