"""Services under test with other settings."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

from asgi_lifespan import LifespanManager
from fastapi import APIRouter

from crm_platform.app import create_service_app
from crm_platform.settings import Group
from crm_platform.testing.plugin import RunningService


@asynccontextmanager
async def with_settings(
    running: RunningService, *routers: APIRouter, **groups: Group | Any
) -> AsyncIterator[RunningService]:
    """Another process of the service, with some groups of its settings replaced and with further routes."""
    settings = running.settings.model_copy(update=groups)
    app = create_service_app(running.service, settings)
    for router in routers:
        app.include_router(router)
    another = replace(running, settings=settings, app=app)
    async with LifespanManager(app), aclosing(another):
        yield another
