"""The route by which consumers of events who may read personal data get the key for it."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from crm_contracts.sealing import to_text
from crm_platform.audit.notes import note
from crm_platform.errors import NotFound
from crm_platform.http.dependencies import UnitOfWorkDep
from crm_platform.http.responses import JSON
from crm_platform.http.route import SENSITIVE, reads, service_router
from crm_platform.sealing.errors import SubjectKeyGone
from crm_platform.sealing.subjects import find_keys
from crm_platform.sealing.vault import vault_of
from crm_platform.words import Words

SCOPE = "subject_keys:read"
_KEY = Words("subject key", "个人数据密钥")


class SubjectKeyRead(BaseModel):
    """The key that opens the sealed members of events about one subject."""

    subject_id: UUID
    algorithm: str = Field(description="`A256GCM`: AES-256 in Galois/Counter Mode.")
    key: str = Field(description="32 bytes in base64url without padding. Keep it no longer than the event is handled.")


def _options() -> dict[str, Any]:
    options = reads(SCOPE)
    options["openapi_extra"][SENSITIVE] = True
    return options | {"responses": {410: {"description": "The personal data of the subject is erased."}}}


def subject_keys_router() -> APIRouter:
    """The routes under ``/v1/subject-keys`` of a service that seals; every service that seals has them."""
    router = service_router("Subject keys")

    @router.get("/subject-keys/{subject_id}", response_model=SubjectKeyRead, **_options())
    async def get_subject_key(subject_id: UUID, unit: UnitOfWorkDep) -> Response:
        """Give out the key of a subject's personal data, for events; who got it is put on record in the audit trail."""
        stored = (await find_keys(unit.connection, [subject_id])).get(subject_id)
        if stored is None:
            raise NotFound(what=_KEY, id=subject_id)
        if stored.wrapped_key is None:
            raise SubjectKeyGone(id=subject_id)
        keys = vault_of(unit.connection).keys
        secret = keys.unwrap(unit.caller.tenant_id, subject_id, stored.kek_id, stored.wrapped_key)
        await note(unit, "subject_key", subject_id, "subject_key.read")
        shown = SubjectKeyRead(subject_id=subject_id, algorithm="A256GCM", key=to_text(secret))
        return Response(shown.model_dump_json(), headers={"cache-control": "no-store"}, media_type=JSON)

    return router
