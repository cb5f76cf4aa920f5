"""Resources: what a record looks like to a client, and by which fields lists are filtered and sorted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, Table, Text, case, cast, func, literal_column, select
from sqlalchemy.sql.expression import FromClause

from crm_platform.aggregate import AggregateSpec
from crm_platform.cel import FieldMap
from crm_platform.words import Words

Represent = Callable[[FromClause], Sequence[Label[Any]]]


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort key; its expression is never NULL and should be backed by an index with ``tenant_id`` and ``id``."""

    column: ColumnElement[Any]
    parse: Callable[[Any], Any]
    """Turns the value in a cursor back into what the column holds; raises ValueError when it cannot."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of record as the API shows it.

    Attributes:
        name: Plural noun of the path.
        what: Singular noun for messages.
        table: Where it is kept; owner columns there limit who sees a record.
        represent: Maps a table (or a CTE with the same columns) to the labelled values of the JSON object.
        filters: Fields of the filter language.
        sorts: Sort keys by name.
        default_sort: Used when the client names none.
    """

    name: str
    what: Words
    table: Table
    represent: Represent
    filters: FieldMap = field(default_factory=dict)
    sorts: Mapping[str, Sort] = field(default_factory=dict)
    default_sort: str = "-created_at"

    def field_names(self) -> tuple[str, ...]:
        """Names of the JSON object's members, in order."""
        return tuple(label.name for label in self.represent(self.table))

    def json_of(self, source: FromClause, names: Sequence[str] | None = None) -> ColumnElement[str]:
        """An expression that renders one row of ``source`` as JSON text, all members or only ``names``."""
        labels = [label for label in self.represent(source) if names is None or label.name in names]
        row = select(*labels).correlate(source).lateral("r")
        rendered: Select[Any] = select(cast(func.row_to_json(literal_column("r")), Text)).select_from(row)
        return rendered.correlate(source).scalar_subquery()


def represent_state(spec: AggregateSpec[Any], **extra: Callable[[FromClause], ColumnElement[Any]]) -> Represent:
    """Show every field of the aggregate's state, in order, then the ``extra`` members."""

    def represent(source: FromClause) -> list[Label[Any]]:
        labels = [_member(spec, source, name) for name in spec.state.model_fields if name not in extra]
        return labels + [make(source).label(name) for name, make in extra.items()]

    return represent


def _member(spec: AggregateSpec[Any], source: FromClause, name: str) -> Label[Any]:
    if f"{name}_amount" in spec.columns:
        return money_json(source.c[f"{name}_amount"], source.c[f"{name}_currency"]).label(name)
    return source.c[name].label(name)


def money_json(amount: ColumnElement[Any], currency: ColumnElement[Any]) -> ColumnElement[Any]:
    """Money as ``{"amount": "12.50", "currency": "CNY"}``; null where there is none."""
    built = func.json_build_object(
        literal_column("'amount'"), cast(func.trim_scale(amount), Text), literal_column("'currency'"), currency
    )
    return case((amount.is_not(None), built))
