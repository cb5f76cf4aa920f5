"""A deployable in this process with somebody's records in it, and whoever may ask for them or not."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.identity import caller, colleague
from tests.world.bodies import change, smallest
from tests.world.operations import OPERATIONS, PUBLIC, Operation, document_of, operations_of
from tests.world.recipes import BODIES, QUERIES, RECIPES, TEXTS

Record = dict[str, Any]
State = dict[str, tuple[int, int]]
"""How many rows each table has, and a hash of them all; how many files there are, and their bytes."""

Sign = Callable[..., str]
"""Makes a token for a caller; claims override what it says."""

_MAX_STEPS = 3


@dataclass(frozen=True)
class People:
    """Whoever asks."""

    owner: Caller
    """Owns the records, and may do everything."""
    stranger: Caller
    """May do everything, in another tenant, where there is nothing."""
    nobody: Caller
    """As the stranger, in a third tenant."""

    @classmethod
    def of(cls, owner: Caller) -> "People":
        """Everybody else, beside ``owner``."""
        return cls(owner, caller(), caller())

    def lacking(self, scope: str) -> Caller:
        """Like the owner, with every other scope there is."""
        return replace(self.owner, scopes=every_scope() - {scope})

    def blind(self, visibility: Any) -> Caller:
        """A colleague with every right, who owns nothing and is in another team."""
        return colleague(self.owner, *self.owner.scopes, visibility=visibility, team_ids=(new_id(),))


@dataclass
class World:
    """A running deployable and its content."""

    service: str
    running: Any
    people: People
    sign: Sign
    client: httpx.AsyncClient
    connection: Any
    behind: Mapping[str, Any] = field(default_factory=dict)
    """Behind the gateway: the services, by name."""
    company: Any = None
    """In the gateway: the owner's tenant."""
    _steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _queries: dict[str, dict[str, str]] = field(default_factory=dict)
    _tables: str = ""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By operation id."""
        return {operation.name: operation for operation in operations_of(self.service)}

    def token(self, of: Caller, **claims: object) -> dict[str, str]:
        """The header with which ``of`` calls."""
        return {"authorization": f"Bearer {self.sign(of, **claims)}"}

    async def state(self) -> State:
        """Everything that is in the database of this deployable, and its files."""
        if not self._tables:
            names = await self.connection.fetch(
                "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
            )
            self._tables = " UNION ALL ".join(
                f"SELECT '{row['name']}', count(*), coalesce(sum(hashtextextended(t::text, 0) % 1000000007), 0)::bigint"
                f" FROM {row['name']} t"
                for row in names
            )
        tables = {name: (rows, content) for name, rows, content in await self.connection.fetch(self._tables)}
        return tables | {"files": self._files()}

    def _files(self) -> tuple[int, int]:
        """How many files are kept, and their bytes."""
        objects = getattr(self.running.settings, "objects", None)
        kept = Path(objects.url.removeprefix("file:")).rglob("*") if objects else ()
        sizes = [one.stat().st_size for one in kept if one.is_file()]
        return len(sizes), sum(sizes)

    async def written(self) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
        """Aggregate and version of every event in the outbox, and of every audit entry about a change."""
        query = "SELECT aggregate_type, aggregate_id, version FROM {}"
        events = await self.connection.fetch(query.format("outbox"))
        entries = await self.connection.fetch(query.format("audit_entries WHERE version > 0"))
        return {tuple(row) for row in events}, {tuple(row) for row in entries}

    async def notes(self) -> Counter[tuple[str, str]]:
        """What the audit trail says of doings that changed nothing: the id, and what was done."""
        rows = await self.connection.fetch("SELECT aggregate_id, action FROM audit_entries WHERE version = 0")
        return Counter((str(id), action) for id, action in rows)

    async def make(self, collection: str) -> Record:
        """A new record of the owner's in ``collection``."""
        recipe = RECIPES.get((self.service, collection))
        if recipe is not None:
            return await recipe(self)
        return await self.post(collection)

    async def post(self, collection: str, **fields: Any) -> Record:
        """A new record, made by a POST of the smallest body and ``fields``."""
        operation = next(one for one in self.operations.values() if (one.method, one.path) == ("POST", collection))
        return await self.done(operation, None, **fields)

    async def done(self, operation: Operation, record: Record | None, **fields: Any) -> Record:
        """What the owner's call of ``operation`` answers; it has to succeed."""
        await self._ask(operation, record)
        body = await self.body(operation, record)
        answer = await self.call(operation, record, body={**body, **fields} if isinstance(body, dict) else body)
        assert answer.is_success, (str(operation), answer.status_code, answer.text)
        return answer.json() if answer.content else {}

    async def body(self, operation: Operation, record: Record | None) -> Any:
        """The smallest body that fits, with records of the owner's where it names some."""
        if operation.body is None:
            return None
        _, schema = operation.body
        components = document_of(self.service)["components"]["schemas"]
        if operation.method == "PATCH":
            body = change(schema, components, record or {})
        else:
            body = smallest(schema, components)
        for name in self.references(operation):
            body[name] = (await self.make(self._collection_of(name)))["id"]
        if isinstance(body, str):
            return TEXTS[operation.name]
        extra = BODIES.get(operation.name, {})
        return body | (await extra(self) if callable(extra) else extra)

    def references(self, operation: Operation) -> list[str]:
        """Required members of the body that name a record of this same deployable."""
        if operation.body is None or operation.method == "PATCH":
            return []
        name = operation.body[1].get("$ref", "").rpartition("/")[2]
        required = document_of(self.service)["components"]["schemas"].get(name, {}).get("required", [])
        collections = {one.collection for one in self.operations.values() if one.path == one.collection}
        return [member for member in required if self._collection_of(member) in collections]

    def _collection_of(self, member: str) -> str:
        return f"/v1/{member.removesuffix('_id')}s" if member.endswith("_id") else ""

    async def call(
        self, operation: Operation, record: Record | None, *, as_: dict[str, str] | None = None, body: Any = None
    ) -> httpx.Response:
        """Call ``operation`` about ``record``, as the owner unless other headers are given."""
        mine = {} if operation.scope == PUBLIC else self.token(self.people.owner)
        headers = mine if as_ is None else dict(as_)
        if operation.versioned and record is not None:
            headers["if-match"] = f'"{record.get("version", 1)}"'
        path = operation.path if record is None else operation.at(record["id"])
        media = operation.body[0] if operation.body else ""
        content: dict[str, Any] = {} if body is None else {"data" if "form" in media else "json": body}
        if isinstance(body, str):
            headers["content-type"], content = media, {"content": body}
        params = self._queries.get(operation.name)
        return await self.client.request(operation.method, path, headers=headers, params=params, **content)

    async def prepared(self, operation: Operation) -> Record | None:
        """A new record in a state in which ``operation`` succeeds; None where it is about none.

        Calls of the operation then ask what its query has to say.

        Raises:
            AssertionError: No way of up to three other actions leads there.
        """
        if operation.parameter is None:
            await self._ask(operation, None)
            return None
        if operation.name not in self._steps:
            self._steps[operation.name] = await self._find_way(operation)
        record = await self._after(operation, self._steps[operation.name])
        assert record is not None
        return record

    async def _find_way(self, operation: Operation) -> tuple[str, ...]:
        actions = [
            one.name
            for one in self.operations.values()
            if one.collection == operation.collection and one.method == "POST" and one.versioned
        ]
        ways: list[tuple[str, ...]] = [()]
        last = ""
        for _ in range(_MAX_STEPS + 1):
            longer = []
            for way in ways:
                record = await self._after(operation, way)
                if record is None:
                    continue
                answer = await self.call(operation, record, body=await self.body(operation, record))
                if not answer.is_error and _moved(operation, record, answer):
                    return way
                last = answer.text
                longer += [(*way, name) for name in actions if operation.changes]
            ways = longer
        raise AssertionError(f"{operation}: nothing leads to where it succeeds; last: {last}")

    async def _after(self, operation: Operation, way: tuple[str, ...]) -> Record | None:
        """A new record after the steps of ``way``; None where one of them is refused."""
        recipe = RECIPES.get((self.service, operation.name))
        record = await (recipe(self) if recipe else self.make(operation.collection))
        for name in way:
            step = self.operations[name]
            answer = await self.call(step, record, body=await self.body(step, record))
            if not answer.is_success:
                return None
            record = answer.json()
        await self._ask(operation, record)
        return record

    async def _ask(self, operation: Operation, record: Record | None) -> None:
        """Let calls of ``operation`` ask what its query has to say."""
        if (question := QUERIES.get(operation.name)) is not None:
            self._queries[operation.name] = await question(self, record)


def _moved(operation: Operation, record: Record, answer: httpx.Response) -> bool:
    """Whether ``answer`` shows that something was changed, where something should be."""
    if not (operation.versioned and answer.content):
        return True
    return bool(answer.json().get("version", record["version"] + 1) > record["version"])


async def open_connection(admin_url: str, package: str) -> Any:
    """A connection that sees all tenants, for looking at what was really written."""
    connection = await asyncpg.connect(admin_url)
    await connection.execute(f"SET search_path TO {package}")
    return connection


def every_scope() -> frozenset[str]:
    """Every scope that a route of the five services or the gateway needs."""
    return frozenset(one.scope for one in OPERATIONS if one.scope and ":" in one.scope)
