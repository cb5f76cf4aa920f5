"""Every route of every service and of the gateway, asked by everybody who must be refused, and by who may.

The routes come from the OpenAPI documents, so that a new one is in here by itself. A refusal leaves no trace in any
table; what is allowed leaves exactly its events and as many audit entries. Reads leave nothing, but for those few that
the audit trail notes.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.authz.cells import (
    KEPT_OF_READS,
    KNOWS_THE_CALLER,
    ON_RECORD,
    PUBLIC_ROUTES,
    SHOWN_TO_ALL,
    THE_SAME_FOR_ALL,
    UNDOCUMENTED_ROUTES,
    Told,
    refused,
    seeing,
)
from tests.world.answers import content, ids_in
from tests.world.operations import GATEWAY, OPERATIONS, PUBLIC, SERVICES, SIGNED_IN, Operation, document_of
from tests.world.recipes import RECIPES
from tests.world.worlds import Record, World

ALL = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
Note = Callable[[str, object], None]


def problem(answer: httpx.Response) -> Told:
    return answer.status_code, answer.json()["code"] if answer.content else ""


def test_every_route_names_its_scope_or_is_one_of_the_few_public_ones() -> None:
    scopes = {str(operation): operation.scope for operation in OPERATIONS}

    assert {name for name, scope in scopes.items() if scope is None} == set()
    assert {name for name, scope in scopes.items() if scope == PUBLIC} == PUBLIC_ROUTES
    assert all(scope in {PUBLIC, SIGNED_IN} or str(scope).count(":") == 1 for scope in scopes.values())


@pytest.mark.parametrize("service", [*SERVICES, GATEWAY])
async def test_there_is_no_route_beside_those_of_the_document(world_of: Any, service: str) -> None:
    world: World = await world_of(service)
    paths = {route.path for route in world.running.app.routes if hasattr(route, "path")}

    assert paths - document_of(service)["paths"].keys() <= UNDOCUMENTED_ROUTES


@ALL
async def test_a_refusal_is_exact_and_leaves_no_trace(
    world_of: Any, operation: Operation, record_property: Note
) -> None:
    world: World = await world_of(operation.service)
    record = await world.prepared(operation)
    body = await world.body(operation, record)
    before = await world.state()
    record_property("route", str(operation))
    told: dict[str, Told] = {}
    expected: dict[str, Told] = {}
    traces: dict[str, Any] = {}

    for cell in refused(world, operation, record):
        answer = await world.call(operation, record, as_=cell.headers, body=body)
        told[cell.name], expected[cell.name] = problem(answer), cell.expected
        if (after := await world.state()) != before:
            traces[cell.name] = {table: after[table] for table in after if after[table] != before.get(table)}
        record_property("cell", cell.name)

    assert told == expected
    assert traces == {}


@ALL
async def test_who_may_is_let_in(world_of: Any, operation: Operation, record_property: Note) -> None:
    world: World = await world_of(operation.service)
    record = await world.prepared(operation)
    body = await world.body(operation, record)
    events_before, entries_before = await world.written()
    before, notes_before = await world.state(), await world.notes()

    answer = await world.call(operation, record, body=body)

    assert answer.status_code == operation.status, answer.text
    record_property("cell", "allowed")
    events, entries = await world.written()
    assert events - events_before == entries - entries_before
    assert await world.notes() - notes_before == _noted(operation, record)
    if not operation.changes:
        after = await world.state()
        written = {table for table in after if after[table] != before[table]}
        assert written - KEPT_OF_READS.get(operation.name, set()) == (
            {"audit_entries"} if operation.name in ON_RECORD else set()
        )
    elif operation.versioned and record is not None:
        assert (record["id"], record["version"] + 1) in {
            (str(id), version) for _, id, version in events - events_before
        }
    else:
        assert await world.state() != before


def _noted(operation: Operation, record: Record | None) -> Counter[tuple[str, str]]:
    """What the audit trail is to note of a call."""
    if operation.name not in ON_RECORD or record is None:
        return Counter()
    return Counter({(record["id"], ON_RECORD[operation.name]): 1})


READS = [operation for operation in OPERATIONS if operation.method == "GET" and operation.scope not in {PUBLIC, None}]


@pytest.mark.parametrize("operation", [one for one in READS if one.parameter and one.scope != SIGNED_IN], ids=str)
async def test_narrow_visibility_is_enough_for_what_it_covers(
    world_of: Any, operation: Operation, record_property: Note
) -> None:
    world: World = await world_of(operation.service)
    record = await world.prepared(operation)
    told = {}
    for name, headers in seeing(world, record):
        told[name] = (await world.call(operation, record, as_=headers)).status_code
        record_property("cell", name)

    assert set(told.values()) <= {200}


@pytest.mark.parametrize("operation", [one for one in READS if not one.parameter], ids=str)
async def test_a_list_shows_nothing_of_another_tenant(
    world_of: Any, operation: Operation, record_property: Note
) -> None:
    world: World = await world_of(operation.service)
    await _fill(world, operation)
    await world.prepared(operation)
    people = world.people

    ours, theirs, nobodys = [
        await world.call(operation, None, as_=world.token(who))
        for who in (people.owner, people.stranger, people.nobody)
    ]

    assert [answer.status_code for answer in (ours, theirs, nobodys)] == [200, 200, 200]
    record_property("cell", "wrong tenant")
    mine, other, third = content(ours), content(theirs), content(nobodys)
    assert not ids_in(mine) & ids_in(other)
    if operation.name not in KNOWS_THE_CALLER:
        assert other == third
        assert (mine == other) is (operation.name in THE_SAME_FOR_ALL)


async def _fill(world: World, operation: Operation) -> Record | None:
    """Make something that the list or the report of ``operation`` would show."""
    if (recipe := RECIPES.get((world.service, operation.name))) is not None:
        return await recipe(world)
    collections = {one.collection for one in world.operations.values() if one.parameter}
    return await world.make(operation.path) if operation.path in collections else None


LISTS = [one for one in READS if one.answer.startswith("Page_") and not one.parameter]


@pytest.mark.parametrize("operation", LISTS, ids=str)
async def test_a_list_shows_nothing_that_is_not_visible(
    world_of: Any, operation: Operation, record_property: Note
) -> None:
    world: World = await world_of(operation.service)
    record = await _fill(world, operation)
    if record is None or not record.get("owner_id"):
        return
    for name, headers in (
        ("not visible (own)", world.token(world.people.blind("own"))),
        ("not visible (team)", world.token(world.people.blind("team"))),
    ):
        answer = await world.call(operation, None, as_=headers)
        owned = [item for item in answer.json()["items"] if item["owner_id"] or item["team_id"]]
        assert (answer.status_code, owned) == (200, []), name  # what nobody owns is everybody's
        record_property("cell", name)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.name in SHOWN_TO_ALL], ids=str)
async def test_who_may_not_see_a_record_is_told_the_figures_of_none(
    world_of: Any, operation: Operation, record_property: Note
) -> None:
    world: World = await world_of(operation.service)
    record = await world.prepared(operation)
    assert record is not None
    nothing = await world.call(operation, {"id": world.people.owner.id}, as_=world.token(world.people.nobody))
    asking = [("wrong tenant", world.people.stranger)]
    if record.get("owner_id", ...):  # what nobody owns is everybody's
        asking += [
            ("not visible (own)", world.people.blind("own")),
            ("not visible (team)", world.people.blind("team")),
        ]
    for name, who in asking:
        answer = await world.call(operation, record, as_=world.token(who))
        assert answer.json() | {"customer_id": ...} == nothing.json() | {"customer_id": ...}, name
        record_property("cell", name)
