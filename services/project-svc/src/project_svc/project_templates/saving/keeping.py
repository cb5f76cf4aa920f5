"""The content of a template as it is kept."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from crm_platform.db import Connection
from crm_platform.http.fields import STORED
from project_svc.project_templates import repository
from project_svc.project_templates.content.parts import TemplateContent


@dataclass(frozen=True, slots=True)
class Kept:
    """A content as JSON, and by what it is known."""

    content: dict[str, Any]
    fingerprint: str


def kept_as(content: TemplateContent) -> Kept:
    """A content as it is kept."""
    plain = content.model_dump(mode="json")
    return Kept(plain, sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest())


async def loaded(connection: Connection, id: UUID) -> TemplateContent:
    """The content of an edition."""
    kept = await repository.content_of(connection, id)
    return await asyncio.to_thread(TemplateContent.model_validate, kept, context=STORED)
