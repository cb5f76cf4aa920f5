"""Table of the communications, and how they and their follow-ups are shown, filtered, sorted and searched."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Label,
    Table,
    Text,
    Uuid,
    and_,
    false,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import FromClause

from crm_contracts.communication.v1 import (
    CommunicationChannel,
    CommunicationDirection,
    CommunicationKind,
    CommunicationSnapshot,
    FollowUpStatus,
)
from crm_platform.cel import Field, field_map
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.external_refs import ExternalRefs, external_refs_table
from crm_platform.reads.resource import Resource, Sort
from crm_platform.sealing import InTrail, Sealed, sealed_column
from crm_platform.sealing.borrowed import BorrowedPart
from crm_platform.sealing.members import SealedPart
from crm_platform.sealing.tables import SEALED
from crm_platform.search.declare import Search, searchable
from crm_platform.store import Aggregate
from customer_svc.communications.domain import FOLLOW_UP_NOUN, NOUN, Communication
from customer_svc.metadata import METADATA

_NONE = text("'{}'::uuid[]")

communications: Table = aggregate_table(
    "communications",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Text),
    Column("direction", Text),
    Column("subject", Text, nullable=False),
    Column("content", Text),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("duration_minutes", Integer),
    Column("participants", ARRAY(Text), nullable=False),
    Column("participant_user_ids", ARRAY(Uuid), nullable=False, server_default=_NONE),
    Column("participant_contact_ids", ARRAY(Uuid), nullable=False, server_default=_NONE),
    Column("outcome", Text),
    Column("follow_up", JSONB),
    Column("follow_up_due_at", DateTime(timezone=True), comment="Of `follow_up`, as are the next two."),
    Column("follow_up_assignee_id", Uuid),
    Column("follow_up_status", Text),
    Column("external_refs", JSONB, nullable=False),
    Column("contents_sealed", Boolean, nullable=False, server_default=false()),
    sealed_column(),
    one_of("kind", [kind.value for kind in CommunicationKind]),
    one_of("channel", [channel.value for channel in CommunicationChannel]),
    one_of("direction", [direction.value for direction in CommunicationDirection]),
    belongs_to("customer_id", "customers"),
    Index(None, "tenant_id", "customer_id", "happened_at", "id"),
    Index(None, "tenant_id", "happened_at", "id"),
    Index(
        "ix_communications_follow_ups",
        "tenant_id",
        "follow_up_due_at",
        "id",
        postgresql_where=text("follow_up_due_at IS NOT NULL"),
    ),
    Index(
        "ix_communications_assigned",
        "tenant_id",
        "follow_up_assignee_id",
        "follow_up_due_at",
        postgresql_where=text("follow_up_assignee_id IS NOT NULL"),
    ),
    *searchable(),
    owned=True,
)

COMMUNICATION_REFS = ExternalRefs(
    external_refs_table("communication_refs", METADATA, column="communication_id", table="communications"),
    column="communication_id",
    what=NOUN,
)

_CONTENTS = ("subject", "content", "outcome")
_STATUSES = tuple(status.value for status in FollowUpStatus)

COMMUNICATIONS = Aggregate(
    name="communication",
    plural="communications",
    what=NOUN,
    table=communications,
    state=Communication,
    snapshot=CommunicationSnapshot,
    sort_by={"happened_at": communications.c.happened_at},
    default_sort="-happened_at",
    derived={
        "follow_up_due_at": lambda state: state.follow_up and state.follow_up.due_at,
        "follow_up_assignee_id": lambda state: state.follow_up and state.follow_up.assignee_id,
        "follow_up_status": lambda state: state.follow_up and state.follow_up.status.value,
    },
    filters=field_map(
        Field("follow_up.due_at", communications.c.follow_up_due_at, "timestamp"),
        Field("follow_up.assignee_id", communications.c.follow_up_assignee_id, "uuid"),
        Field("follow_up.status", communications.c.follow_up_status, "enum", _STATUSES),
    ),
    trail=InTrail(("subject", "content", "participants", "outcome", "follow_up"), subject="customer_id"),
    sealed=Sealed(_CONTENTS, subject="customer_id", when="contents_sealed", blank={"subject": ""}),
    search=Search({"subject": "A", "participants": "A", "outcome": "B", "content": "C"}),
)


def contents() -> SealedPart:
    """What communications say, for those who show it elsewhere.

    Raises:
        TypeError: They are not declared to be sealed.
    """
    if COMMUNICATIONS.sealed is None:
        message = "communications are never sealed"
        raise TypeError(message)
    return COMMUNICATIONS.sealed


_of = communications.c
_overdue = and_(_of.follow_up_status == FollowUpStatus.OPEN.value, _of.follow_up_due_at < func.now())
# A follow-up is seen by whoever has to do it, also where the communication is somebody else's.
_follow_ups = (
    select(
        _of.tenant_id,
        _of.id,
        _of.version,
        _of.customer_id,
        _of.follow_up_assignee_id.label("owner_id"),
        _of.team_id,
        *(_of[name] for name in (*_CONTENTS, "contents_sealed", SEALED)),
        _of.follow_up,
        _of.follow_up_due_at.label("due_at"),
        _of.follow_up_status.label("status"),
        _overdue.label("overdue"),
    )
    .where(_of.follow_up_due_at.is_not(None))
    .subquery("follow_ups")
)


def _represent(source: FromClause) -> list[Label[Any]]:
    column = source.c
    shown = [column[name].label(name) for name in ("id", "version", "customer_id")]
    told = ("due_at", "assignee_id", "subject", "status", "remind_at", "reminded_at", "settled_at", "settled_by")
    return [*shown, *(column.follow_up[name].label(name) for name in told), column.overdue.label("overdue")]


FOLLOW_UPS = Resource(
    name="follow-ups",
    what=FOLLOW_UP_NOUN,
    table=_follow_ups,
    represent=_represent,
    filters=field_map(
        Field("due_at", _follow_ups.c.due_at, "timestamp"),
        Field("assignee_id", _follow_ups.c.owner_id, "uuid"),
        Field("customer_id", _follow_ups.c.customer_id, "uuid"),
        Field("status", _follow_ups.c.status, "enum", _STATUSES),
        Field("overdue", _follow_ups.c.overdue, "bool"),
    ),
    sorts={"due_at": Sort(_follow_ups.c.due_at, datetime.fromisoformat), "id": Sort(_follow_ups.c.id, UUID)},
    default_sort="due_at",
    sealed=BorrowedPart(contents(), {"communication_subject": "subject"}),
)
"""The follow-ups of communications as a list of their own; each has the id of its communication."""
