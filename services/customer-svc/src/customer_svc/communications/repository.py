"""Queries of the communications beyond load, insert and update."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    not_,
    select,
    table,
)

from crm_contracts.communication.v1 import CommunicationKind
from crm_platform.db import Connection, Query
from crm_platform.sealing.tables import SUBJECT_KEYS
from crm_platform.sealing.vault import vault_of
from customer_svc.communications.models import communications, contents

_LAST = Query(
    select(communications.c.customer_id, func.max(communications.c.happened_at))
    .where(
        communications.c.customer_id == bindparam("customers", type_=ARRAY(Uuid)).any_(),
        communications.c.happened_at <= bindparam("until", type_=DateTime(True)),
    )
    .group_by(communications.c.customer_id)
)


async def last_contacts(
    connection: Connection, customer_ids: Sequence[UUID], *, until: datetime
) -> dict[UUID, datetime]:
    """When somebody last spoke with customers, up to a moment; what is planned for later does not count."""
    rows = await connection.fetch(_LAST.text, *_LAST.args(customers=list(customer_ids), until=until))
    return {row[0]: row[1] for row in rows}


_CUSTOMERS = table("customers", column("id", Uuid), column("name", Text))
_FOLLOW_UP = communications.c.follow_up
_OPEN = Query(
    select(
        *(communications.c[name] for name in ("id", "version", "updated_at", "follow_up_due_at", "tenant_id")),
        *(_FOLLOW_UP[name].astext.label(name) for name in ("subject", "remind_at", "reminded_at")),
        _CUSTOMERS.c.name.label("customer"),
        *contents().columns(communications),
    )
    .join(_CUSTOMERS, _CUSTOMERS.c.id == communications.c.customer_id)
    .where(
        communications.c.follow_up_assignee_id == bindparam("assignee", type_=Uuid),
        communications.c.follow_up_status == literal_column("'open'"),
    )
    .order_by(communications.c.follow_up_due_at, communications.c.id)
    .limit(1000)
)
_UNSETTLED = Query(
    select(communications.c.id)
    .where(
        communications.c.id > bindparam("after", type_=Uuid),
        communications.c.contents_sealed != (communications.c.kind == bindparam("kinds", type_=ARRAY(Text)).any_()),
        not_(
            exists().where(
                SUBJECT_KEYS.c.subject_id == communications.c.customer_id, SUBJECT_KEYS.c.destroyed_at.is_not(None)
            )
        ),
    )
    .order_by(communications.c.id)
    .limit(bindparam("row_limit", type_=Integer))
)


async def open_follow_ups(connection: Connection, assignee_id: UUID) -> list[tuple[Any, ...]]:
    """What a person still has to do, the earliest first.

    Returns:
        Of each: id and version of the communication, when it was changed, when the follow-up is due, what is to be
        done, with which customer, what was spoken of, and when to remind (None where that is over).
    """
    rows = await connection.fetch(_OPEN.text, *_OPEN.args(assignee=assignee_id))
    return [_open_one(connection, row) for row in rows]


def _open_one(connection: Connection, row: Any) -> tuple[Any, ...]:
    content, _ = contents().read(vault_of(connection), row["tenant_id"], row["id"], row)
    about = "" if content is None else orjson.loads(content)["subject"]
    remind_at = datetime.fromisoformat(row["remind_at"]) if row["reminded_at"] is None else None
    told = tuple(row[name] for name in ("id", "version", "updated_at", "follow_up_due_at", "subject", "customer"))
    return (*told, about, remind_at)


async def unsettled(
    connection: Connection, kinds: Collection[CommunicationKind], *, after: UUID, limit: int
) -> list[UUID]:
    """Communications behind ``after`` that are in the clear though of ``kinds``, which are sealed; or the other way.

    Those with erased customers stay as they are: there is no key any more.
    """
    given = {"kinds": [kind.value for kind in kinds], "after": after, "row_limit": limit}
    return [row[0] for row in await connection.fetch(_UNSETTLED.text, *_UNSETTLED.args(**given))]
