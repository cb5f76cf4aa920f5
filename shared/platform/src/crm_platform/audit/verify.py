"""Offline verification of audit chains: finds every changed, removed or reordered entry."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from crm_platform.audit.chain import CONTENT, GENESIS, entry_hash
from crm_platform.audit.checkpoints import BadCheckpoint, Checkpoint, checkpoint_file, read_checkpoints
from crm_platform.db.database import connect_dedicated

_ROWS = f"""
SELECT tenant_id, seq, previous_hash, hash, {", ".join(CONTENT)}
FROM audit_entries WHERE seq IS NOT NULL ORDER BY tenant_id, seq
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed."""

    kind: str
    """`changed`, `removed`, `reordered`, `truncated`, `rewritten` or `checkpoints`."""
    tenant_id: UUID | None
    seq: int
    detail: str


@dataclass(slots=True)
class Report:
    """What a verification found."""

    entries: int = 0
    tenants: int = 0
    unsealed: int = 0
    checkpoints: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether every entry is as it was sealed."""
        return not self.findings


class ChainVerifier:
    """Walks the entries in order of tenant and place; knows no database."""

    def __init__(self, checkpoints: Iterable[Checkpoint] = ()) -> None:
        self.report = Report()
        self._anchors: dict[UUID, dict[int, bytes]] = {}
        for checkpoint in checkpoints:
            self.report.checkpoints += 1
            self._anchor(checkpoint)
        self._tenant: UUID | None = None
        self._seq = 0
        self._previous = GENESIS

    def _anchor(self, checkpoint: Checkpoint) -> None:
        """Remember a checkpoint; the first one of a place counts.

        Entries that were removed from the end of a chain are followed by others with the same numbers,
        which the sealer signs as well: only two checkpoints that disagree tell of it then.
        """
        known = self._anchors.setdefault(checkpoint.tenant_id, {}).setdefault(checkpoint.seq, checkpoint.hash)
        if known != checkpoint.hash:
            detail = "two signed checkpoints have different hashes for it"
            self.report.findings.append(Finding("rewritten", checkpoint.tenant_id, checkpoint.seq, detail))

    def take(self, row: Mapping[str, Any]) -> None:
        """Check the next entry."""
        if row["tenant_id"] != self._tenant:
            self._finish_tenant()
            self._tenant, self._seq, self._previous = row["tenant_id"], 0, GENESIS
            self.report.tenants += 1
        self.report.entries += 1
        seq, previous, sealed = row["seq"], _hash(row["previous_hash"]), _hash(row["hash"])
        if seq != self._seq + 1:
            self._find("removed", self._seq + 1, f"entries {self._seq + 1} to {seq - 1} are missing")
        elif previous != self._previous:
            self._find("reordered", seq, "it is not chained to the entry before it")
        if entry_hash(previous, row["tenant_id"], seq, row) != sealed:
            self._find("changed", seq, f"{row['action']} of {row['aggregate_type']} {row['aggregate_id']}")
        anchored = self._anchors.get(row["tenant_id"], {}).pop(seq, None)
        if anchored is not None and anchored != sealed:
            self._find("rewritten", seq, "a signed checkpoint has another hash for it")
        self._seq, self._previous = seq, sealed

    def finish(self) -> Report:
        """Check what should have come but did not."""
        self._finish_tenant()
        for tenant_id, anchors in self._anchors.items():
            if anchors:
                self._tenant = tenant_id
                self._find("truncated", max(anchors), "a signed checkpoint knows entries that are gone")
        return self.report

    def _finish_tenant(self) -> None:
        anchors = self._anchors.get(self._tenant, {}) if self._tenant else {}
        if anchors and max(anchors) > self._seq:
            self._find("truncated", max(anchors), f"the chain ends at {self._seq}, a signed checkpoint is further")
        anchors.clear()

    def _find(self, kind: str, seq: int, detail: str) -> None:
        self.report.findings.append(Finding(kind, self._tenant, seq, detail))


def _hash(value: bytes | None) -> bytes:
    """A hash as it is stored; empty where somebody has removed it."""
    return bytes(value or b"")


async def verify_service(url: str, service: str, checkpoints: Path | None) -> Report:
    """Verify all chains of one service, reading as its own role; the service need not run.

    Args:
        url: Database of the service, as its role.
        service: Its name.
        checkpoints: Folder of the signed checkpoints; without it a cut-off end cannot be seen. Where one is
            named, it has to have some.
    """
    anchors, bad = _anchors(checkpoints, service)
    verifier = ChainVerifier(anchors)
    verifier.report.findings.extend(bad)
    async for row in _entries(url, verifier.report):
        verifier.take(row)
    report = verifier.finish()
    if checkpoints is not None and report.entries and not (report.checkpoints or bad):
        report.findings.append(Finding("checkpoints", None, 0, "there are sealed entries, but no signed checkpoints"))
    return report


def _anchors(folder: Path | None, service: str) -> tuple[list[Checkpoint], list[Finding]]:
    found: list[Checkpoint] = []
    if folder is None or not checkpoint_file(folder, service).exists():
        return found, []
    source: Iterator[Checkpoint] = read_checkpoints(folder, service)
    try:
        found.extend(source)
    except (BadCheckpoint, OSError, ValueError) as error:
        return found, [Finding("checkpoints", None, 0, str(error))]
    return found, []


async def _entries(url: str, report: Report) -> AsyncIterator[asyncpg.Record]:
    connection = await connect_dedicated(url, name="audit-verify")
    try:
        async with connection.transaction(readonly=True, isolation="repeatable_read"):
            await connection.execute("SET LOCAL crm.system = 'on'")
            report.unsealed = await connection.fetchval("SELECT count(*) FROM audit_entries WHERE seq IS NULL")
            async for row in connection.cursor(_ROWS, prefetch=1000):
                yield row
    finally:
        await connection.close()
