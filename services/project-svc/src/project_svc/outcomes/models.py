"""Table of the outcomes, and how they are shown, filtered and sorted."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Index,
    Label,
    Numeric,
    Table,
    Text,
    Uuid,
    cast,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import FromClause

from crm_contracts.outcome.v1 import Direction, MeasureSource, OutcomeSnapshot, OutcomeStatus
from crm_platform.aggregate import AggregateSpec
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.reads.resource import Represent, represent_state
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.outcomes.domain import NOUN, Outcome

_DECIMALS = ("baseline", "target", "actual", "attainment", "benefit_cost_ratio")

outcomes: Table = aggregate_table(
    "outcomes",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("baseline", Numeric(20, 4), nullable=False),
    Column("baseline_on", Date),
    Column("target", Numeric(20, 4), nullable=False),
    Column("target_on", Date),
    Column("measure_on", ARRAY(Date), nullable=False),
    Column("measurements", JSONB, nullable=False),
    Column("actual", Numeric(20, 4)),
    Column("attainment", Numeric(20, 4)),
    Column("evaluation", JSONB),
    *money_columns("benefit"),
    *money_columns("cost"),
    Column("benefit_cost_ratio", Numeric(20, 4)),
    Column("review_on", Date),
    Column("review_due", Boolean, nullable=False),
    Column("reviews", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("drop_reason", Text),
    one_of("direction", [direction.value for direction in Direction]),
    one_of("source", [source.value for source in MeasureSource]),
    one_of("status", [status.value for status in OutcomeStatus]),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "customer_id"),
    Index("ix_outcomes_review_on", "tenant_id", "review_on", postgresql_where=text("review_on IS NOT NULL")),
    owned=True,
)


def _decimal(name: str, source: FromClause) -> ColumnElement[str]:
    return cast(func.trim_scale(source.c[name]), Text)


def _represent(spec: AggregateSpec[Outcome]) -> Represent:
    """Decimals as strings without trailing zeros, as in events."""
    whole = represent_state(spec)

    def represent(source: FromClause) -> list[Label[Any]]:
        return [_decimal(one.name, source).label(one.name) if one.name in _DECIMALS else one for one in whole(source)]

    return represent


OUTCOMES = Aggregate(
    name="outcome",
    plural="outcomes",
    what=NOUN,
    table=outcomes,
    state=Outcome,
    snapshot=OutcomeSnapshot,
    represent=_represent,
)
