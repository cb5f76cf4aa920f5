"""Use cases of purposes."""

from typing import Any
from uuid import UUID

import asyncpg

from crm_contracts.privacy.v1 import PurposeCreated, PurposeUpdated
from crm_platform.db import Connection
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from customer_svc.consent_purposes import repository
from customer_svc.consent_purposes.domain import Purpose
from customer_svc.consent_purposes.errors import PurposeExists
from customer_svc.consent_purposes.models import CONSENT_PURPOSES, consent_purposes
from customer_svc.consent_purposes.schemas import PurposeCreate, PurposeUpdate

TABLE = consent_purposes
"""For statements that ask about consent and purpose at once."""


async def create_purpose(unit: UnitOfWork, body: PurposeCreate) -> Rendered:
    """Define a purpose.

    Raises:
        PurposeExists: Its code is taken.
    """
    new = Purpose(id=new_id(), code=body.code, title_zh=body.title_zh, title_en=body.title_en)
    purpose = _changed(unit, new, dict(body))
    try:
        return await unit.insert(CONSENT_PURPOSES, purpose, PurposeCreated)
    except asyncpg.UniqueViolationError as error:
        raise PurposeExists(purpose=body.code) from error


async def update_purpose(unit: UnitOfWork, id: UUID, body: PurposeUpdate, *, if_match: object) -> Rendered:
    """Change a purpose; what people have agreed to before stays what it was.

    Raises:
        NotFound: No such purpose.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
    """
    before = await unit.load(CONSENT_PURPOSES, id, if_match=if_match)
    return await unit.update(CONSENT_PURPOSES, before, _changed(unit, before, changes_of(body)), PurposeUpdated)


async def find_purpose(connection: Connection, code: str) -> Purpose | None:
    """The purpose of this code."""
    return await repository.find(connection, code)


def _changed(unit: UnitOfWork, before: Purpose, changes: dict[str, Any]) -> Purpose:
    text = changes.pop("text", None)
    return before.changed(changes, zh=text and text.zh, en=text and text.en, at=unit.now)
