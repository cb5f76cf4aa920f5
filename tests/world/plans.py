"""Plans, their baselines, and what is found about them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from tests.world.working import worked_at

Record = dict[str, Any]


async def _project_with_work(world: Any) -> Record:
    """A project with somebody at work on a task."""
    project: Record = await world.post("/v1/projects")
    person = await world.post("/v1/resources")
    await world.post("/v1/tasks", project_id=project["id"], duration=480, assignments=[{"resource_id": person["id"]}])
    return project


async def _optimised(world: Any) -> Record:
    """A project whose schedule an operation has found."""
    project = await _project_with_work(world)
    begun = await world.done(world.operations["optimise_schedule"], project, effort=1)
    await worked_at(world, begun["id"])
    return project


async def _baseline(world: Any) -> Record:
    project = await world.post("/v1/projects")
    made: Record = await world.done(world.operations["set_baseline"], project)
    return made


async def _project_with_baseline(world: Any) -> Record:
    project: Record = await world.post("/v1/projects")
    await world.done(world.operations["set_baseline"], project)
    return project


RECIPES: dict[str, Callable[[Any], Awaitable[Record]]] = {
    "optimise_schedule": _project_with_work,
    "get_optimised_schedule": _optimised,
    "show_capacity": _project_with_work,
    "draw_capacity": _project_with_work,
    "/v1/baselines": _baseline,
    "list_baselines": _project_with_baseline,
}


async def _some_code(_: Any) -> dict[str, Any]:
    """A code that no template has yet."""
    return {"code": f"t{uuid4().hex}"}


BODIES: dict[str, dict[str, Any] | Callable[[Any], Awaitable[dict[str, Any]]]] = {
    "create_project_template": _some_code,
    "create_resource": {"kind": "person"},
    "try_plan": {"calendar_id": None},
    "try_project": {"demands": [{"skill": "x", "hours": [1]}]},
}
