"""What the gateway's worker does when nobody is asking, and what operators can ask of it."""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import asyncpg
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from crm_platform.clock import utc_now
from crm_platform.db import Database
from crm_platform.errors import DomainError
from crm_platform.http.problems import from_validation_error
from crm_platform.operator import OperatorCommand
from crm_platform.worker import Job, Worker
from gateway.passwords.service import purge_tries
from gateway.sessions.service import purge_sessions
from gateway.settings import GatewaySettings
from gateway.signing_keys import service as signing_keys

_log = structlog.get_logger(__name__)


class RotationOrder(BaseModel):
    """How to rotate the signing keys."""

    model_config = ConfigDict(extra="forbid")

    compromised: bool = False
    """The present key is in wrong hands: withdraw it, and every token that it signed, at once."""


def maintenance(settings: GatewaySettings) -> Job:
    """The job that rotates keys and forgets what is over; several copies may run."""

    async def maintain(database: Database, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await maintain_once(database, settings)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, DomainError) as error:
                _log.warning("maintenance_failed", error=f"{type(error).__name__}: {error}"[:300])
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), settings.identity.maintenance_seconds)

    return maintain


async def maintain_once(database: Database, settings: GatewaySettings) -> None:
    """One round."""
    await signing_keys.rotate_when_due(database, settings)
    async with database.system() as connection:
        await purge_sessions(connection, settings.identity)
        await purge_tries(connection, settings.identity)


async def _show_keys(worker: Worker, _: Request) -> dict[str, Any]:
    keys, now = await signing_keys.list_keys(worker.database), utc_now()
    return {"items": [asdict(signing_keys.describe(key, keys, now)) for key in keys]}


async def _rotate_keys(worker: Worker, request: Request) -> dict[str, Any]:
    try:
        order = RotationOrder.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise from_validation_error(found, "en") from error
    assert isinstance(worker.settings, GatewaySettings)  # noqa: S101  (made so in gateway.worker)
    keys = await signing_keys.rotate_now(worker.database, worker.settings, compromised=order.compromised)
    return {"items": [asdict(key) for key in keys]}


SHOW_KEYS = OperatorCommand("GET", "signing-keys", _show_keys)
ROTATE_KEYS = OperatorCommand("POST", "signing-keys/rotate", _rotate_keys)
