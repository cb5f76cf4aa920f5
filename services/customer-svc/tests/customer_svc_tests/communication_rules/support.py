"""Somebody who talks with people, and says whether what was said is sealed."""

from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from crm_contracts.communication.v1 import CommunicationUpdated
from crm_contracts.sealing import opened
from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until

Record = dict[str, Any]

NEEDLES = ("报价针", "needle", "降价针")
SAID: Record = {"kind": "call", "subject": "报价针", "content": "needle in a haystack", "outcome": "降价针"}
CONTENTS = ("subject", "content", "outcome")


@dataclass
class Desk:
    """The service, asked by one person of one company."""

    service: RunningService
    who: Caller
    client: httpx.AsyncClient

    async def send(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """One request that is answered so; what it is answered."""
        answer = await self.client.request(method, f"/v1/{path}", **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def rule(self, *, seal: bool, kind: str | None = None) -> Record:
        """A new rule."""
        body = {"kind": kind, "seal_contents": seal}
        return dict(await self.send("POST", "communication-rules", 201, json=body))

    async def switch(self, rule: Record, *, seal: bool) -> Record:
        """The rule, the other way round."""
        headers = {"if-match": f'"{rule["version"]}"'}
        path = f"communication-rules/{rule['id']}"
        return dict(await self.send("PATCH", path, json={"seal_contents": seal}, headers=headers))

    async def person(self, name: str) -> str:
        """A person; returns the id."""
        made = await self.send("POST", "customers", 201, json={"name": name, "kind": "person"})
        return str(made["id"])

    async def say(self, customer_id: str, **values: Any) -> Record:
        """Put a communication on record."""
        body = SAID | {"customer_id": customer_id, "happened_at": "2026-03-02T09:00:00Z"} | values
        return dict(await self.send("POST", "communications", 201, json=body))

    async def shown(self, said: Record) -> Record:
        """It, as it is now."""
        return dict(await self.send("GET", f"communications/{said['id']}"))

    async def settled(self, said: Sequence[Record], *, sealed: bool) -> None:
        """Wait until these are sealed, or opened."""

        async def all_are() -> bool:
            rows = await self.sql("SELECT id FROM communications WHERE contents_sealed = $2", sealed)
            return {UUID(one["id"]) for one in said} <= {row[0] for row in rows}

        await until(all_are)

    async def sql(self, statement: str, *arguments: Any) -> list[Any]:
        """Rows of this company; ``statement`` ends in a condition, and its first parameter is ``$2``."""
        return list(await self.service.sql(f"{statement} AND tenant_id = $1", self.who.tenant_id, *arguments))

    async def in_the_clear(self, needles: Sequence[str] = NEEDLES) -> set[tuple[str, str]]:
        """Where something that was said stands in the clear: tables, with what was found."""
        columns = await self.service.sql(
            "SELECT DISTINCT table_name::text FROM information_schema.columns JOIN pg_class ON relname = table_name"
            " WHERE column_name = 'tenant_id' AND relkind = 'r' AND table_schema = current_schema()"
        )
        found = set()
        for (table,) in columns:
            what = "convert_from(payload, 'UTF8')" if table == "outbox" else "t::text"
            rows = await self.sql(f'SELECT {what} FROM "{table}" AS t WHERE true')
            found |= {(table, needle) for needle in needles if any(needle in str(row[0]) for row in rows)}
        return found

    async def found(self, q: str) -> list[str]:
        """Ids of the communications that are found by words."""
        page = await self.send("GET", "communications", params={"q": q})
        return [one["id"] for one in page["items"]]

    async def told(self, said: Record) -> list[Record]:
        """What the events of a communication told, opened with the customer's key."""
        query = "SELECT payload FROM outbox WHERE aggregate_id = $2 AND payload IS NOT NULL"
        rows = await self.sql(query, UUID(said["id"]))
        events = [CommunicationUpdated.parse(row[0]) for row in rows]
        keys = {one.sealed.subject_id: b"" for one in events if one.sealed is not None}
        for id in keys:
            text = (await self.send("GET", f"subject-keys/{id}"))["key"]
            keys[id] = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        states = [
            event.state
            if event.sealed is None
            else opened(event, tenant_id=self.who.tenant_id, key=keys[event.sealed.subject_id]).state
            for event in events
        ]
        return [{name: getattr(state, name) for name in CONTENTS} for state in states]
