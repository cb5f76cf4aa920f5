"""Tables of the scores, and how they are shown, filtered and sorted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    Index,
    Integer,
    Label,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.expression import FromClause

from crm_platform.cel import Field, field_map
from crm_platform.db.schema import tenant_table
from crm_platform.reads.resource import Resource, Sort
from customer_svc.metadata import METADATA
from customer_svc.quality_rules import service as quality_rules
from customer_svc.quality_scores.domain import NOUN

quality_scores: Table = tenant_table(
    "quality_scores",
    METADATA,
    Column("id", Uuid, nullable=False, comment="The customer's."),
    Column("score", Integer, nullable=False),
    Column("failed", ARRAY(Uuid), nullable=False, comment="The rules that are broken."),
    Column("keys", ARRAY(Text), nullable=False, comment="By which others that share one are found when it goes."),
    Column("source", Text),
    Column("owner_id", Uuid, comment="Of the customer as it is now, as is the team."),
    Column("team_id", Uuid),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("look_again_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index(None, "tenant_id", "score", "id"),
    Index(None, "tenant_id", "look_again_at", postgresql_where=text("look_again_at IS NOT NULL")),
)

quality_marks: Table = tenant_table(
    "quality_marks",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
"""Customers to look at because of what others have become. Only ever added to and taken from: nobody waits here."""

_of = quality_scores.c


def _reasons(source: FromClause) -> Any:
    """The rules that a row of ``source`` breaks as JSON, the weightiest first."""
    rule = quality_rules.RESOURCE.table.c
    names = ("code", "member", "severity", "weight", "label", "message")
    parts = [part for name in names for part in (literal_column(f"'{name}'"), rule[name])]
    told = func.json_build_object(literal_column("'rule_id'"), rule.id, *parts)
    listed = func.json_agg(aggregate_order_by(told, rule.weight.desc(), rule.code))
    empty = func.coalesce(listed, literal_column("'[]'::json"))
    return select(empty).where(rule.id == func.any(source.c.failed)).correlate(source).scalar_subquery()


def _represent(source: FromClause) -> Sequence[Label[Any]]:
    names = ("id", "score", "source", "owner_id", "team_id", "changed_at")
    shown = [source.c[name].label(name) for name in names]
    return [*shown, _reasons(source).label("reasons")]


QUALITY_SCORES = Resource(
    name="quality-scores",
    what=NOUN,
    table=quality_scores,
    represent=_represent,
    filters=field_map(
        Field("id", _of.id, "uuid"),
        Field("score", _of.score, "int"),
        Field("failed", _of.failed, "uuid_list"),
        Field("source", _of.source, "string"),
        Field("owner_id", _of.owner_id, "uuid"),
        Field("team_id", _of.team_id, "uuid"),
        Field("changed_at", _of.changed_at, "timestamp"),
    ),
    sorts={"score": Sort(_of.score, int), "id": Sort(_of.id, UUID)},
    default_sort="score",
)
