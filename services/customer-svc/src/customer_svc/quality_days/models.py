"""Table of the figures day by day, and how they are shown, filtered and sorted."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    Label,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    cast,
    func,
    literal_column,
)
from sqlalchemy.sql.expression import FromClause

from crm_contracts.quality.v1 import QualityDimension
from crm_platform.cel import Field, field_map
from crm_platform.db.schema import one_of, tenant_table
from crm_platform.reads.resource import Resource, Sort
from customer_svc.metadata import METADATA
from customer_svc.quality_days.domain import NOUN

_DIMENSIONS = tuple(dimension.value for dimension in QualityDimension)

quality_days: Table = tenant_table(
    "quality_days",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("records", Integer, nullable=False),
    Column("failing", Integer, nullable=False),
    Column("score_sum", BigInteger),
    one_of("dimension", _DIMENSIONS),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "dimension", "key", "day"),
    Index(None, "tenant_id", "day", "id"),
)

_of = quality_days.c


def _represent(source: FromClause) -> Sequence[Label[Any]]:
    shown = [source.c[name].label(name) for name in ("id", "day", "dimension", "key", "records", "failing")]
    average = func.round(cast(source.c.score_sum, Numeric) / func.nullif(source.c.records, literal_column("0")), 2)
    return [*shown, average.label("average")]


QUALITY_DAYS = Resource(
    name="quality-days",
    what=NOUN,
    table=quality_days,
    represent=_represent,
    filters=field_map(
        Field("day", _of.day, "date"),
        Field("dimension", _of.dimension, "enum", _DIMENSIONS),
        Field("key", _of.key, "string"),
        Field("records", _of.records, "int"),
        Field("failing", _of.failing, "int"),
    ),
    sorts={"day": Sort(_of.day, date.fromisoformat), "id": Sort(_of.id, UUID)},
    default_sort="-day",
)
