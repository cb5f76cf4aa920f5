"""Sealed audit entries of a service, and what somebody with all rights in its database could do to them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import types

from crm_platform.audit.chain import GENESIS, entry_hash
from crm_platform.audit.checkpoints import Checkpoint, read_checkpoints
from crm_platform.audit.sealer import Sealer
from crm_platform.audit.verify import ChainVerifier, Finding, Report, verify_service
from crm_platform.context import Caller
from crm_platform.db.database import connect_dedicated
from crm_platform.mechanism import AUDIT_ENTRIES
from crm_platform.testing.plugin import RunningService

Row = dict[str, Any]

CALL = {"kind": "call", "subject": "Call", "happened_at": "2026-03-01T09:00:00Z"}

COLUMNS = tuple(column.name for column in AUDIT_ENTRIES.columns if column.name != "id")
"""Everything in a row that is content or chain; the number of the row is neither."""
_OTHERS = {types.Uuid: "gen_random_uuid()", types.DateTime: "\"{0}\" - interval '1 microsecond'"} | {
    types.Integer: '"{0}" - 1',
    types.LargeBinary: 'set_byte("{0}", 0, get_byte("{0}", 0) # 128)',
    types.Text: "coalesce(\"{0}\", '') || '!'",
}


def other_value(column: str) -> str:
    """An SQL expression for another value of a column than the one it has."""
    if column == "seq":
        return "seq + 1000000"
    if column in {"before", "after"}:
        return f"""coalesce("{column}", '{{}}') || '{{"forged": 1}}'"""
    kind = AUDIT_ENTRIES.c[column].type
    return next(text for of, text in _OTHERS.items() if isinstance(kind, of)).format(column)


def findings(rows: Sequence[Row], checkpoints: Sequence[Checkpoint]) -> list[Finding]:
    """What the verifier has to say about rows as the database would give them."""
    verifier = ChainVerifier(checkpoints)
    for row in sorted((row for row in rows if row["seq"] is not None), key=lambda row: (row["tenant_id"], row["seq"])):
        verifier.take(row)
    return verifier.finish().findings


def rechained(rows: Sequence[Row], start: int = 0) -> list[Row]:
    """The rows of one company, numbered and chained anew from the index ``start`` on, as the sealer would."""
    done = [dict(row) for row in rows[:start]]
    previous = done[-1]["hash"] if done else GENESIS
    for seq, row in enumerate(rows[start:], start + 1):
        content = {**row, "seq": seq, "previous_hash": previous}
        previous = content["hash"] = entry_hash(previous, row["tenant_id"], seq, row)
        done.append(content)
    return done


def swapped(rows: Sequence[Row], one: int, other: int) -> list[Row]:
    """The rows with the contents of two of them exchanged; places and hashes stay."""
    done = [dict(row) for row in rows]
    for column in set(COLUMNS) - {"tenant_id", "seq", "previous_hash", "hash"}:
        done[one][column], done[other][column] = done[other][column], done[one][column]
    return done


@dataclass(frozen=True)
class Chains:
    """The audit entries of a running service, reached as PostgreSQL's superuser."""

    service: RunningService

    @property
    def folder(self) -> Path:
        """Where the signed checkpoints are."""
        return self.service.settings.audit.checkpoint_dir

    @asynccontextmanager
    async def superuser(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection that no policy and no right binds."""
        connection = await connect_dedicated(self.service.admin_url, name="attacker")
        try:
            await connection.execute(f"SET search_path TO {self.service.service.package}")
            yield connection
        finally:
            await connection.close()

    async def seal(self) -> None:
        """Seal all there is, as the worker does."""
        sealer = Sealer(self.service.app.state.runtime.database, self.service.settings)
        while await sealer.seal_batch():
            pass

    async def rows(self) -> list[Row]:
        """All entries."""
        async with self.superuser() as connection:
            return [dict(row) for row in await connection.fetch("SELECT * FROM audit_entries ORDER BY tenant_id, seq")]

    def checkpoints(self) -> list[Checkpoint]:
        """The signed checkpoints."""
        return list(read_checkpoints(self.folder, self.service.service.name))

    async def verify(self, folder: Path | None = None) -> Report:
        """Verify as an auditor would, from the database and the files of checkpoints."""
        return await verify_service(self.service.settings.db.url, self.service.service.name, folder or self.folder)

    async def mutated(self, column: str) -> dict[int, Row]:
        """Each row, by its id, as it is in the database after one of its columns was changed; the change is undone."""
        async with self.superuser() as connection:
            change = connection.transaction()
            await change.start()
            try:
                found = await connection.fetch(
                    f'UPDATE audit_entries SET "{column}" = {other_value(column)} RETURNING *'
                )
            finally:
                await change.rollback()
        return {row["id"]: dict(row) for row in found}

    async def replace(self, rows: Sequence[Row]) -> None:
        """Make ``rows`` all entries that there are."""
        names = ["id", *COLUMNS]
        places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
        quoted = ", ".join(f'"{name}"' for name in names)
        insert = f"INSERT INTO audit_entries ({quoted}) OVERRIDING SYSTEM VALUE VALUES ({places})"
        async with self.superuser() as connection, connection.transaction():
            await connection.execute("TRUNCATE audit_entries")
            await connection.executemany(insert, [[row[name] for name in names] for row in rows])


async def history(service: RunningService, who: Caller, entries: int) -> None:
    """So many audit entries of one company, through the API: creations, changes, steps, removals."""
    async with service.as_(who) as client:

        async def post(path: str, body: Mapping[str, Any], version: int = 0) -> dict[str, Any]:
            headers = {"if-match": f'"{version}"'} if version else {}
            answer = await client.post(f"/v1/{path}", json=body, headers=headers)
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            return found

        for number in range(entries // 10):
            items = [
                {"name": f"{name} {number}", "tags": ["vip"]} for name in ("Acme", "北京科技", "Globex", "Initech")
            ]
            results = (await post("customers/batch?allow_duplicates=true", {"items": items}))["results"]
            first, second, third, fourth = (UUID(result["id"]) for result in results)
            await post(f"customers/{first}/activate", {"reason": "bought"}, 1)
            await post(f"customers/{first}/rest", {"reason": None}, 2)
            for id, body in ((second, {"employees": number}), (third, {"email": f"{uuid4()}@x.example"})):
                path = f"/v1/customers/{id}?allow_duplicates=true"
                changed = await client.patch(path, json=body, headers={"if-match": '"1"'})
                assert changed.status_code == 200, changed.text
            await post("communications", {**CALL, "customer_id": str(first)})
            gone = await client.delete(f"/v1/customers/{fourth}", headers={"if-match": '"1"'})
            assert gone.status_code == 204, gone.text
