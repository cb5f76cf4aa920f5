"""Tables of the memberships, and the views of customers that are asked about them."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Label,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    bindparam,
    cast,
    select,
    text,
)
from sqlalchemy.sql.expression import FromClause

from crm_contracts.segment.v1 import SegmentMemberSnapshot
from crm_platform.cel import Field
from crm_platform.db.schema import tenant_table
from crm_platform.reads import Resource
from crm_platform.reads.derived import Derived
from crm_platform.store import Aggregate
from customer_svc.customers import service as customers
from customer_svc.metadata import METADATA
from customer_svc.segment_members.domain import NOUN, SegmentMember
from customer_svc.segments import service as segments

# Not an `aggregate_table`: lists of memberships are lists of customers, and there may be millions of rows.
segment_members: Table = tenant_table(
    "segment_members",
    METADATA,
    Column("id", Uuid, nullable=False, comment="Computed from segment and customer."),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("segment_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("member", Boolean, nullable=False, comment="False once the customer has left; versions go on."),
    Column("since", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "segment_id"], ["segments.tenant_id", "segments.id"], ondelete="CASCADE"),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "segment_id", "customer_id", postgresql_where=text("member")),
)

SEGMENT_MEMBERS = Aggregate(
    name="segment_member",
    plural="segment-members",
    what=NOUN,
    table=segment_members,
    state=SegmentMember,
    snapshot=SegmentMemberSnapshot,
)

segment_watches: Table = tenant_table(
    "segment_watches",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("look_again_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant_id", "customer_id"),
    Index(None, "tenant_id", "look_again_at"),
)

_CUSTOMERS = customers.RESOURCE.table

OF_SEGMENT = (
    select(segment_members.c.id)
    .where(
        segment_members.c.segment_id == bindparam("segment_id", type_=Uuid),
        segment_members.c.customer_id == _CUSTOMERS.c.id,
        segment_members.c.member,
    )
    .correlate(_CUSTOMERS)
    .exists()
)
"""Condition of a list of customers: the members of one segment."""


def values_of(view: Resource) -> Resource:
    """What expressions read of one customer, as ``view`` shows it: each field under its dotted name."""
    return _VALUES.of(view)


def _values_of(view: Resource) -> Resource:
    fields = segments.candidates(view).filters.values()

    def represent(_: FromClause) -> list[Label[object]]:
        return [_value(field) for field in fields]

    return Resource(name=view.name, what=view.what, table=view.table, represent=represent)


_VALUES = Derived(_values_of)


def _value(field: Field) -> Label[object]:
    if field.column is None:
        raise TypeError(field.name)
    # A JSON number would lose digits of a decimal.
    column = cast(field.column, Text) if field.kind == "decimal" else field.column
    return column.label(field.name)
