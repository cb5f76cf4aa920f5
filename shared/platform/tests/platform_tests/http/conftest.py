"""A small service with routes as services have them, and with some that they should not have."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import pytest
from fastapi import Query
from pydantic import BaseModel, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from crm_platform.http.dependencies import IfMatch, UnitOfWorkDep
from crm_platform.http.route import service_router, writes
from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE as CUSTOMERS

router = service_router("Experiments")

_COUNTERS = ("CREATE TABLE counters (value int)", "GRANT ALL ON counters TO customer_svc")
_COUNT = "UPDATE counters SET value = value + 1 RETURNING value"


@router.post("/experiments/stream", **writes("experiments:write"))
async def stream(unit: UnitOfWorkDep) -> Response:
    """Count, and tell in pieces."""
    value = await unit.connection.fetchval(_COUNT)

    async def pieces() -> AsyncIterator[str | bytes]:
        for piece in ("第", str(value).encode(), "次"):
            yield piece

    return StreamingResponse(pieces(), 202, {"etag": '"1"', "x-other": "no"}, media_type="text/plain")


@router.post("/experiments/colour", **writes("experiments:write"))
async def colour(colour: str, unit: UnitOfWorkDep) -> Response:
    """Count under a parameter of the query."""
    return JSONResponse({"colour": colour, "value": await unit.connection.fetchval(_COUNT)})


@router.post("/experiments/swallow", **writes("experiments:write"))
async def swallow(request: Request, unit: UnitOfWorkDep) -> Response:
    """Count, then go on as if a failed statement had not failed."""
    await unit.connection.execute(_COUNT)
    try:
        await unit.connection.execute("SELECT 1 / 0")
    except Exception:  # noqa: BLE001  (the mistake that the test is about)
        request.scope["swallowed"] = True
    return JSONResponse({})


class Thing(BaseModel):
    """What is counted."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=5)]
    count: int | None = None


Limit = Annotated[int, Query(le=9)]


@router.post("/experiments/{thing_id}/plain", **writes("experiments:write"))
async def plain(thing_id: UUID, body: Thing, unit: UnitOfWorkDep, if_match: IfMatch, limit: Limit = 3) -> Response:
    """Count, and tell what came; goes the short way."""
    value = await unit.connection.fetchval(_COUNT)
    return JSONResponse([str(thing_id), body.model_dump(), if_match, limit, value], headers={"etag": f'"{value}"'})


@router.post("/experiments/{thing_id}/resolved", response_model=None, **writes("experiments:write"))
async def resolved(
    thing_id: UUID, body: Thing, unit: UnitOfWorkDep, if_match: IfMatch, limit: Limit = 3
) -> JSONResponse:
    """Do the same; goes FastAPI's way, as it says something else about what it returns."""
    answer = await plain(thing_id, body, unit, if_match, limit)
    assert isinstance(answer, JSONResponse)
    return answer


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    experimental = replace(CUSTOMERS, routers=(*CUSTOMERS.routers, router))
    running = await start_service(experimental, tables=_COUNTERS)
    await running.sql("INSERT INTO counters VALUES (0)")
    return running
