"""Operations and their results as clients see them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Label, literal_column
from sqlalchemy.sql.expression import FromClause, func

from crm_platform.cel import Field as FilterField
from crm_platform.cel import field_map
from crm_platform.context import Caller
from crm_platform.db.schema import CURRENT_TENANT
from crm_platform.http.problems import ProblemField
from crm_platform.mechanism import OPERATION_RESULTS, OPERATIONS
from crm_platform.operations.lifecycle import OPERATION, OperationStatus, Wish
from crm_platform.reads.resource import Resource, Sort
from crm_platform.words import Words


class ProgressRead(BaseModel):
    """How far an operation is."""

    done: int
    total: int | None = Field(description="Null while nobody knows.")
    unit: str = Field(description="What is counted, such as `records`.")


class ProblemRead(BaseModel):
    """What went wrong, in the language of whoever asked."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[ProblemField] | None = None


class OperationRead(BaseModel):
    """Long work, and how far it is."""

    id: UUID
    version: int = Field(description="Counts changes, those of the progress included.")
    kind: str
    status: OperationStatus
    wish: Wish | None = Field(description="Asked for, but not heeded yet: a step is under way.")
    progress: ProgressRead
    counters: dict[str, int] = Field(description="What became of the records, by outcome.")
    input: dict[str, Any]
    result: Any = None
    problem: ProblemRead | None
    attempt: int = Field(description="Which attempt at the present step this is; from 1.")
    requested_by: str
    correlation_id: UUID
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None


class ResultRead(BaseModel):
    """What became of one record."""

    number: int
    outcome: str
    subject_id: UUID | None
    problem: ProblemRead | None
    detail: Any = None


def _operation(source: FromClause) -> list[Label[Any]]:
    column = source.c
    progress = func.json_build_object(
        *(literal_column("'done'"), column.done),
        *(literal_column("'total'"), column.total),
        *(literal_column("'unit'"), column.unit),
    )
    plain = {name: column[name].label(name) for name in ("id", "version", "kind", "status", "wish")}
    return [
        *plain.values(),
        progress.label("progress"),
        *(column[name].label(name) for name in ("counters", "input", "result", "problem")),
        (column.failures + column.deaths + 1).label("attempt"),
        *(column[name].label(name) for name in ("requested_by", "correlation_id", "created_at")),
        *(column[name].label(name) for name in ("started_at", "heartbeat_at", "finished_at")),
    ]


def _result(source: FromClause) -> list[Label[Any]]:
    return [source.c[name].label(name) for name in ("number", "outcome", "subject_id", "problem", "detail")]


_of = OPERATIONS.c
OPERATIONS_RESOURCE = Resource(
    name="operations",
    what=OPERATION,
    table=OPERATIONS,
    represent=_operation,
    filters=field_map(
        FilterField("kind", _of.kind, "string"),
        FilterField("status", _of.status, "enum", tuple(OperationStatus)),
        FilterField("requested_by", _of.requested_by, "string"),
        FilterField("created_at", _of.created_at, "timestamp"),
        FilterField("finished_at", _of.finished_at, "timestamp"),
    ),
    sorts={"created_at": Sort(_of.created_at, datetime.fromisoformat), "id": Sort(_of.id, UUID)},
)

_result_of = OPERATION_RESULTS.c
_BY_NUMBER = Sort(_result_of.number, int)
RESULTS_RESOURCE = Resource(
    name="operation-results",
    what=Words("result", "结果"),
    table=OPERATION_RESULTS,
    represent=_result,
    filters=field_map(
        FilterField("outcome", _result_of.outcome, "string"),
        FilterField("number", _result_of.number, "int"),
        FilterField("subject_id", _result_of.subject_id, "uuid"),
    ),
    sorts={"number": _BY_NUMBER, "id": _BY_NUMBER},
    default_sort="number",
)

# The policy also lets workers see all tenants, and so is no condition that an index could serve.
OF_TENANT = _of.tenant_id == literal_column(f"(SELECT {CURRENT_TENANT})")
SHOWN = ~_of.internal


def sees_all(caller: Caller) -> bool:
    """Whether operations of others are shown to this caller too."""
    return caller.may("operations:read")


def controls_all(caller: Caller) -> bool:
    """Whether this caller may stop operations of others too."""
    return caller.may("operations:write")
