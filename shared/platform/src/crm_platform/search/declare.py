"""What an aggregate says about how it is searched."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Column, Index, Table, bindparam, column, func, table, text
from sqlalchemy.dialects.postgresql import REAL, TSQUERY, TSVECTOR
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.expression import ColumnElement, TableClause

from crm_platform.sealing.members import SealedPart
from crm_platform.search.vector import Weight, tsvector

COLUMN = "search"
"""Where the words of a record are kept; null where an older version of the service has written it."""

SEARCHED = "searched"
"""In ``Table.info``: the columns that searching reads, and by which what was found is sorted."""

RELEVANCE = "relevance"
"""The sort key that only a search has."""

_OWNERSHIP = ("owner_id", "team_id")


def searchable() -> tuple[SchemaItem, ...]:
    """What the table of a searched aggregate has for it: the words, their index, and what is still without."""
    return (
        Column(COLUMN, TSVECTOR),
        Index(None, "tenant_id", COLUMN, postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index(None, "tenant_id", "id", postgresql_where=text(f"{COLUMN} IS NULL")),
    )


@dataclass(frozen=True, slots=True)
class Search:
    """The searched members of an aggregate's state, and how much a match in each counts.

    Names are best given the weight A: words there are also found with a typing error. Members may be texts, lists of
    texts, and models, all of whose texts are searched. Sealed members have no words, in records where they are sealed;
    but where what is searched for is, as a whole, a value of one of ``values``, the records that have it are found, by
    equality.

    Attributes:
        members: Their names and weights.
        values: Filter fields that are lists of sealed values, such as ``phones``.
    """

    members: Mapping[str, Weight]
    values: tuple[str, ...] = ()

    def words_of(self, state: Any, without: Collection[str] = ()) -> str:
        """The words of ``state``, as its row keeps them, but for those of members that are sealed."""
        return tsvector((weight, getattr(state, name)) for name, weight in self.members.items() if name not in without)


class SearchPart:
    """The search of one aggregate, bound to its table and its sort keys.

    Raises:
        TypeError: The declaration does not fit the state or the table.
    """

    def __init__(
        self,
        declared: Search,
        *,
        table: Table,
        state: type[BaseModel],
        sorts: Mapping[str, ColumnElement[Any]],
        sealed: SealedPart | None = None,
    ) -> None:
        never = sealed.members if sealed is not None and sealed.when is None else ()
        open_members = state.model_fields.keys() - set(never)
        problems = [f"no open member {name}" for name in declared.members if name not in open_members]
        problems += [f"no column {COLUMN}"] if COLUMN not in table.c else []
        problems += [f"sort key {name} is no column" for name, key in sorts.items() if not isinstance(key, Column)]
        if problems:
            message = f"{table.name}: cannot search: {'; '.join(problems)}"
            raise TypeError(message)
        self.members = tuple(declared.members)
        self.values = declared.values
        self.derived: dict[str, Callable[[Any], Any]] = {COLUMN: lambda state: _words_of(declared, sealed, state)}
        owners = [name for name in _OWNERSHIP if name in table.c]
        names = dict.fromkeys(["id", *owners, *(key.name for key in sorts.values() if isinstance(key, Column)), COLUMN])
        table.info[SEARCHED] = tuple(names)
        self.view: TableClause = _view(table)
        """Reads past row-level security, with the tenant of the session; see :mod:`crm_platform.search.access`."""
        question = bindparam("q", type_=TSQUERY)
        self.matches: ColumnElement[bool] = self.view.c[COLUMN].bool_op("@@")(question)
        self.relevance: ColumnElement[float] = func.ts_rank(self.view.c[COLUMN], question, type_=REAL)


def _words_of(declared: Search, sealed: SealedPart | None, state: Any) -> str:
    return declared.words_of(state, sealed.members if sealed is not None and sealed.seals(state) else ())


def view_name(name: str) -> str:
    """The view through which the table ``name`` is searched."""
    return f"{name}_searched"


def _view(source: Table) -> TableClause:
    columns = [column(name, source.c[name].type) for name in source.info[SEARCHED]]
    return table(view_name(source.name), *columns)
