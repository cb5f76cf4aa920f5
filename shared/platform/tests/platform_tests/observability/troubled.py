"""The customer service with routes that fail in ways that a log could tell too much about."""

import logging

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.app import create_service_app
from crm_platform.http.dependencies import UnitOfWorkDep
from crm_platform.http.route import service_router, writes
from customer_svc.slices import SERVICE

SECRET = "13800138000"
"""Somebody's phone number, which must not be logged."""

router = service_router("Trouble")


@router.post("/trouble/row", **writes("trouble:write"))
async def row(unit: UnitOfWorkDep) -> Response:
    """Write a row that PostgreSQL refuses, and quotes in doing so."""
    await unit.connection.execute(
        "INSERT INTO customers SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),"
        f" 'kind', 'robot', 'name', '{SECRET}', 'phone', '{SECRET}'))).* FROM customers c"
    )
    return Response(status_code=204)


@router.post("/trouble/bug", **writes("trouble:write"))
async def bug(request: Request) -> Response:
    """Fail while the secret is in a local variable."""
    phone = (await request.body()).decode()
    return Response(str(int(phone) / 0))


@router.post("/trouble/warning", **writes("trouble:write"))
async def warning() -> Response:
    """Log something of a library's and something of ours."""
    structlog.get_logger("ours").warning("something", what="客户", number=1)
    logging.getLogger("library").warning("careful with %s", "客户")
    return Response(status_code=204)


def create_app() -> FastAPI:
    """The app, with settings from the environment."""
    app = create_service_app(SERVICE)
    app.include_router(router)
    return app
