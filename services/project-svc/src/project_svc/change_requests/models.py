"""Table of the change requests, and how they are shown, filtered and sorted."""

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    cast,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import FromClause

from crm_contracts.change_request.v1 import ChangeCategory, ChangeRequestSnapshot, ChangeStatus
from crm_platform.aggregate import AggregateSpec
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.reads.resource import Represent, represent_state
from crm_platform.store import Aggregate
from project_svc.change_requests.domain import NOUN, ChangeRequest
from project_svc.metadata import METADATA
from project_svc.plan import service as plans

change_requests: Table = aggregate_table(
    "change_requests",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("rationale", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("edits", JSONB, nullable=False),
    Column("steps", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("impact", JSONB),
    Column("agreed_finish", DateTime(timezone=True)),
    *money_columns("agreed_cost"),
    Column("submitted_at", DateTime(timezone=True)),
    Column("decided_at", DateTime(timezone=True)),
    Column("implemented_at", DateTime(timezone=True)),
    Column("baseline_id", Uuid),
    one_of("category", [category.value for category in ChangeCategory]),
    one_of("status", [status.value for status in ChangeStatus]),
    belongs_to("project_id", "projects"),
    belongs_to("baseline_id", "baselines"),
    UniqueConstraint("tenant_id", "project_id", "number"),
    owned=True,
)

_ENDED = (ChangeStatus.REJECTED, ChangeStatus.IMPLEMENTED, ChangeStatus.WITHDRAWN)


def _is_stale(source: FromClause) -> ColumnElement[Any]:
    """Whether the plan has moved on since the analysis of a request that is not over."""
    made_for = cast(source.c.impact.op("->>")(literal_column("'plan_revision'")), Integer)
    going_on = (source.c.status != literal_column(f"'{status.value}'") for status in _ENDED)
    return and_(source.c.impact.is_not(None), *going_on, made_for != plans.revision_of(source.c.project_id))


def _represent(spec: AggregateSpec[Any]) -> Represent:
    return represent_state(spec, impact_is_stale=_is_stale)


CHANGE_REQUESTS = Aggregate(
    name="change_request",
    plural="change-requests",
    what=NOUN,
    table=change_requests,
    state=ChangeRequest,
    snapshot=ChangeRequestSnapshot,
    represent=_represent,
)
