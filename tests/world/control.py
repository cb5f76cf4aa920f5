"""Quality gates and change requests, as their routes need them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

Record = dict[str, Any]


async def _change_request(world: Any) -> Record:
    """A change that somebody else has asked for, so that it can be approved."""
    made: Record = await world.post("/v1/change-requests")
    statement = "UPDATE change_requests SET created_by = 'user:colleague' WHERE id = $1"
    await world.connection.execute(statement, UUID(made["id"]))
    return made


async def _closing_report(world: Any) -> Record:
    """The report of a project that is over, to be signed by the owner, whom a colleague has asked."""
    project = await world.post("/v1/projects")
    await world.done(world.operations["cancel_project"], project)
    made: Record = await world.post("/v1/closing-reports", project_id=project["id"])
    signatures = f'[{{"signer_id": "{world.people.owner.id}"}}]'
    statement = "UPDATE closing_reports SET signatures = $2::text::jsonb WHERE id = $1"
    await world.connection.execute(statement, UUID(made["id"]), signatures)
    return made


async def _closing_rule(world: Any) -> Record:
    """A rule that is not the ready-made one."""
    made: Record = await world.done(world.operations["define_closing_rule"], None)
    return made


async def _rule(world: Any) -> Record:
    """The rule in force for the company of all tests."""
    answer = await world.call(world.operations["get_closing_rule"], None)
    return dict(answer.json())


async def _other_rule(world: Any) -> dict[str, bool]:
    """Another rule than that in force."""
    return {"report_required": not (await _rule(world))["report_required"]}


async def _closable(world: Any) -> Record:
    """A project of a company that wants no report of it, whatever rule another test has left."""
    if (await _rule(world))["report_required"]:
        await world.done(world.operations["define_closing_rule"], None)
    made: Record = await world.post("/v1/projects")
    return made


async def _over(world: Any) -> dict[str, str]:
    """A project that was given up."""
    project = await world.post("/v1/projects")
    await world.done(world.operations["cancel_project"], project)
    return {"project_id": project["id"]}


RECIPES: dict[str, Callable[[Any], Awaitable[Record]]] = {
    "/v1/change-requests": _change_request,
    "/v1/closing-reports": _closing_report,
    "close_project": _closable,
    "get_closing_rule": _closing_rule,
}

BODIES: dict[str, dict[str, Any] | Callable[[Any], Awaitable[dict[str, Any]]]] = {
    "submit_closing_report": _over,
    "decide_change_request": {"decision": "approved"},
    "define_closing_rule": _other_rule,
    "review_quality_gate": {"verdict": "failed", "comment": "not yet"},
}
