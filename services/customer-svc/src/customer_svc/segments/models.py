"""Table of the segments, and the fields that their expressions can read."""

from dataclasses import replace
from functools import lru_cache

from sqlalchemy import Column, DateTime, Integer, Table, Text, UniqueConstraint

from crm_contracts.segment.v1 import SegmentSnapshot, SegmentStatus
from crm_platform.cel import FieldMap, field_map
from crm_platform.custom_fields.fieldset import FieldSet
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.reads import Resource
from crm_platform.reads.derived import Derived
from crm_platform.store import Aggregate
from customer_svc.customers import service as customers
from customer_svc.facts import service as facts
from customer_svc.metadata import METADATA
from customer_svc.segments.domain import NOUN, Segment

segments: Table = aggregate_table(
    "segments",
    METADATA,
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("expression", Text, nullable=False),
    Column("definition", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("evaluated_at", DateTime(timezone=True)),
    one_of("status", [status.value for status in SegmentStatus]),
    UniqueConstraint("tenant_id", "name"),
)

SEGMENTS = Aggregate(
    name="segment",
    plural="segments",
    what=NOUN,
    table=segments,
    state=Segment,
    snapshot=SegmentSnapshot,
    sort_by={"name": segments.c.name},
)

_FACTS = facts.fact_fields(customers.RESOURCE.table)


def _with_facts(fields: FieldMap) -> FieldMap:
    """The open ones of ``fields``, and the facts: sealed personal data is not evaluated on every change."""
    return field_map(*(field for field in fields.values() if field.finder is None), *_FACTS.values())


FIELDS: FieldMap = _with_facts(customers.RESOURCE.filters)
"""What expressions of segments can read: the open fields of customers, and the facts about them."""


@lru_cache(256)
def fields_with(custom: FieldSet) -> FieldMap:
    """What expressions of segments can read in a company with these custom fields."""
    return field_map(*FIELDS.values(), *custom.own) if custom.own else FIELDS


_CANDIDATES = Derived(lambda view: replace(view, filters=_with_facts(view.filters)))


def candidates(view: Resource) -> Resource:
    """``view`` of the customers, filtered by all that expressions of segments can read."""
    return _CANDIDATES.of(view)
