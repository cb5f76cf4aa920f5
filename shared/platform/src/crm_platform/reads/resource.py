"""Resources: what a record looks like to a client, and by which fields lists are filtered and sorted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, Text, case, cast, func, literal_column, select
from sqlalchemy.sql.expression import FromClause

from crm_platform.aggregate import AggregateSpec
from crm_platform.cel import FieldMap
from crm_platform.custom_fields.part import CustomPart
from crm_platform.reads.sorting import Sort
from crm_platform.sealing.members import SealedPart
from crm_platform.sealing.reading import SealedReading
from crm_platform.search.declare import RELEVANCE, SearchPart
from crm_platform.words import Words

Represent = Callable[[FromClause], Sequence[Label[Any]]]

Condition = ColumnElement[bool]

Hides = Callable[[FromClause], Condition]
"""The condition on a row of a table, or of a view of it, under which something is hidden."""

__all__ = ["Condition", "Hides", "Represent", "Resource", "Sort", "money_json", "represent_state"]


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
        sealed: Its personal data, where it has some.
        search: Its search by words, where it has one.
        asked: Fields of the filter language that ask for sealed values; of lists only, as nobody can evaluate them.
        veils: Members that look empty in some rows, with the condition on those; see :mod:`crm_platform.reads.veil`.
        custom: Its custom fields, where companies define some; None in a view for one company, which knows them.
        members: Of members that are objects, the names in them that can be chosen by themselves.
        joins: For fields and sort keys that stand in another table, what joins its row to that of the record.
    """

    name: str
    what: Words
    table: FromClause
    represent: Represent
    filters: FieldMap = field(default_factory=dict)
    sorts: Mapping[str, Sort] = field(default_factory=dict)
    default_sort: str = "-created_at"
    sealed: SealedPart | None = None
    search: SearchPart | None = None
    asked: FieldMap = field(default_factory=dict)
    veils: Mapping[str, Hides] = field(default_factory=dict)
    custom: CustomPart | None = None
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    joins: Mapping[str, Condition] = field(default_factory=dict)
    listed_by: FieldMap = field(init=False, repr=False)
    """All fields of the filters of lists."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "listed_by", {**self.filters, **self.asked} if self.asked else self.filters)

    def joined(self, names: Iterable[str]) -> tuple[Condition, ...]:
        """What joins the tables in which fields and sort keys are that stand in another one."""
        return tuple(dict.fromkeys(self.joins[name] for name in names if name in self.joins))

    def sort_keys(self, *, found: bool) -> Mapping[str, Sort]:
        """What its lists are sorted by; ``found`` ones by relevance too."""
        if self.search is None or not found:
            return self.sorts
        return {**self.sorts, RELEVANCE: Sort(self.search.relevance, float)}

    def field_names(self) -> tuple[str, ...]:
        """Names of the JSON object's members, in order."""
        sealed = self.sealed.shown if self.sealed else ()
        parts = (f"{member}.{name}" for member, names in self.members.items() for name in names)
        return (*(label.name for label in self.represent(self.table)), *sealed, *parts)

    def sealed_reading(self, names: Sequence[str] | None) -> SealedReading | None:
        """How the sealed members get into the JSON, all or only ``names``; None where none is wanted."""
        if self.sealed is None or not (names is None or set(self.sealed.shown).intersection(names)):
            return None
        return SealedReading(self.sealed, names)

    def json_of(self, source: FromClause, names: Sequence[str] | None = None) -> ColumnElement[str]:
        """An expression that renders one row of ``source`` as JSON text, all open members or only ``names``."""
        members = [self._chosen(label, names) for label in self.represent(source)]
        labels = [label for label in members if label is not None]
        if not labels:
            return cast(literal_column("'{}'"), Text)
        row = select(*labels).correlate(source).lateral("r")
        rendered: Select[Any] = select(cast(func.row_to_json(literal_column("r")), Text)).select_from(row)
        return rendered.correlate(source).scalar_subquery()

    def _chosen(self, label: Label[Any], names: Sequence[str] | None) -> Label[Any] | None:
        """A member as it is shown: all of it, parts of it, or not at all."""
        if names is None or label.name in names:
            return label
        parts = [name for name in self.members.get(label.name, ()) if f"{label.name}.{name}" in names]
        if not parts:
            return None
        each: list[tuple[Any, Any]] = [
            (literal_column(f"'{name}'"), label.element.op("->")(literal_column(f"'{name}'"))) for name in parts
        ]
        built = func.jsonb_strip_nulls(func.jsonb_build_object(*(part for pair in each for part in pair)))
        return built.label(label.name)


def represent_state(spec: AggregateSpec[Any], **extra: Callable[[FromClause], ColumnElement[Any]]) -> Represent:
    """Show every field of the aggregate's state, in order, then the ``extra`` members."""

    def represent(source: FromClause) -> list[Label[Any]]:
        shown = [name for name in spec.state.model_fields if name not in extra and name not in spec.sealed]
        labels = [_member(spec, source, name) for name in shown]
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
