"""What a person is told beside records: for what data is used, and who has got some."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from crm_contracts.privacy.v1 import SubjectKind
from crm_platform.privacy.gathering import MOST, Section
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from customer_svc.disclosures import repository

_TEXT: Final[dict[str, Any]] = {"type": "string"}
_RECIPIENTS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "recipient": {"type": "string", "description": "Who: a user, a client program, or another system."},
        "what": {
            "type": "string",
            "description": "`subject_key.read`: the key that opens personal data in events."
            " `subject_access.downloaded`: a bundle like this one."
            " `customers.exported`: a file of customers in which the person stood."
            " `known_by_number`: the other system knows the person by a number.",
        },
        "at": {"type": ["string", "null"], "format": "date-time"},
        "system": {"type": ["string", "null"], "description": "Through which system it was asked for."},
        "external_id": {"type": ["string", "null"], "description": "The number by which the system knows the person."},
        "columns": {"type": ["array", "null"], "items": _TEXT, "description": "What of the person stood in the file."},
    },
}
_PURPOSES: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "description": "What consents call the purpose."},
        "title_en": _TEXT,
        "title_zh": _TEXT,
        "basis": {"type": "string", "description": "The lawful basis (PIPL article 13, GDPR article 6)."},
        "channels": {"type": "array", "items": _TEXT, "description": "By which people are turned to."},
        "valid_days": {"type": ["integer", "null"], "description": "After how many days consent ends by itself."},
        "active": {"type": "boolean", "description": "Whether it is still pursued."},
    },
}


_NOTHING_MORE: Final[dict[str, Any]] = {"external_id": None, "columns": None}
KEPT: Final = timedelta(days=3 * 365)
"""How long it is kept who stood in which file: three years, as PIPL article 56 wants of records of handling."""


async def note_file(unit: UnitOfWork, file_id: UUID, columns: Sequence[str]) -> None:
    """Note that the caller is given a file of customers, and what of each stands in it."""
    caller = unit.caller
    await repository.add_file(
        unit.connection, file_id, at=unit.now, recipient=caller.actor, system=caller.system, columns=columns
    )


async def note_page(unit: UnitOfWork, file_id: UUID, ids: Sequence[UUID]) -> None:
    """Note who stands in the next part of a file; ``ids`` are in their order, and follow those of the part before."""
    if ids:
        await repository.add_page(unit.connection, file_id, ids)


async def forget_pages(unit: UnitOfWork, file_id: UUID) -> None:
    """Forget who was to stand in a file that nobody is given, or that is begun anew."""
    await repository.forget_pages(unit.connection, file_id)


async def forget_old(unit: UnitOfWork) -> None:
    """Forget files that went out longer ago than is kept."""
    await repository.forget_before(unit.connection, unit.now - KEPT)


async def tell(unit: UnitOfWork, _: SubjectKind, subject_id: UUID) -> Sequence[Section]:
    """For what personal data is used, and to whom that of a person went, as far as it is on record."""
    connection = unit.connection
    given = [_NOTHING_MORE | dict(row) for row in await repository.given_out(connection, subject_id, limit=MOST)]
    given += [
        _NOTHING_MORE | dict(row) | {"what": "customers.exported"}
        for row in await repository.exported(connection, subject_id, limit=MOST)
    ]
    given += [
        _NOTHING_MORE
        | {"recipient": row["system"], "what": "known_by_number", "at": None, "system": None}
        | {"external_id": row["external_id"]}
        for row in await repository.systems(connection, subject_id)
    ]
    used = [dict(row) for row in await repository.purposes(connection, subject_id)]
    return [
        Section(
            record="recipient",
            source="recipients",
            title=Words("who has received personal data", "个人信息接收方"),
            schema=_RECIPIENTS,
            items=given,
        ),
        Section(
            record="consent_purpose",
            source="purposes",
            title=Words("for what personal data is used", "个人信息使用目的"),
            schema=_PURPOSES,
            items=used,
        ),
    ]
