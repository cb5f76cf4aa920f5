"""What a person is told beside records: for what data is used, and who has got some."""

from collections.abc import Sequence
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
            " `known_by_number`: the other system knows the person by a number.",
        },
        "at": {"type": ["string", "null"], "format": "date-time"},
        "system": {"type": ["string", "null"], "description": "Through which system it was asked for."},
        "external_id": {"type": ["string", "null"], "description": "The number by which the system knows the person."},
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


async def tell(unit: UnitOfWork, _: SubjectKind, subject_id: UUID) -> Sequence[Section]:
    """For what personal data is used, and to whom that of a person went, as far as it is on record."""
    connection = unit.connection
    given = [
        {**dict(row), "external_id": None} for row in await repository.given_out(connection, subject_id, limit=MOST)
    ]
    given += [
        {"recipient": row["system"], "what": "known_by_number", "at": None, "system": None}
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
