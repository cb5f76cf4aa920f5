"""The statements behind a list of what was found.

The view through which a table is searched has the columns that decide what a caller sees and how a list is sorted. So
one page is found there alone, and its records are then read under row-level security like any others. Only where a list
is narrowed further, by a filter, are both joined before the page is cut.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Label, Select, bindparam, literal_column, select

from crm_platform.context import Visibility
from crm_platform.reads.page import PageParams, SortKey, after_condition
from crm_platform.reads.resource import Sort
from crm_platform.reads.visibility import visible
from crm_platform.search.declare import RELEVANCE, SearchPart

Narrow = Callable[[Select[Any]], Select[Any]]
"""Adds to a statement what else a list asks of its records, their visibility included."""


@dataclass(frozen=True, slots=True)
class Found:
    """The records of a list that are found by words.

    Attributes:
        part: How they are searched.
        table: Where they are kept.
        visibility: Whose records the caller sees.
        narrow: What else is asked of them, if anything.
    """

    part: SearchPart
    table: FromClause
    visibility: Visibility
    narrow: Narrow | None

    def page(self, params: PageParams, shown: Label[str], others: Sequence[Label[Any]]) -> Select[Any]:
        """One page: ``shown``, the sort keys, and ``others``."""
        order = [_of_view(key, self.part) for key in params.order]
        keys = [key.sort.column.label(f"k{index}") for index, key in enumerate(order)]
        if self.narrow is not None:
            return _cut(self._joined(self.narrow, shown, *keys, *others), params, order)
        page = _cut(self._seen(self.part.view.c.id, *keys), params, order).subquery("found")
        found = [page.c[key.name] for key in keys]
        statement = select(shown, *found, *others).select_from(self.table).join(page, page.c.id == self.table.c.id)
        return statement.order_by(*_directed(found, order))

    def rows(self) -> Select[Any]:
        """A row for each record, to be counted."""
        one: ColumnElement[Any] = literal_column("1")
        return self._seen(one) if self.narrow is None else self._joined(self.narrow, one)

    def _seen(self, *columns: ColumnElement[Any]) -> Select[Any]:
        view = self.part.view
        statement = select(*columns).select_from(view).where(self.part.matches)
        condition = visible(view, self.visibility, of=self.table)
        return statement if condition is None else statement.where(condition)

    def _joined(self, narrow: Narrow, *columns: ColumnElement[Any]) -> Select[Any]:
        view = self.part.view
        statement = select(*columns).select_from(self.table).join(view, view.c.id == self.table.c.id)
        return narrow(statement).where(self.part.matches)


def _of_view(key: SortKey, part: SearchPart) -> SortKey:
    if key.name == RELEVANCE:
        return key
    return SortKey(key.name, key.descending, Sort(part.view.c[str(key.sort.column.key)], key.sort.parse))


def _cut(statement: Select[Any], params: PageParams, order: Sequence[SortKey]) -> Select[Any]:
    if params.after is not None:
        statement = statement.where(after_condition(order))
    ordered = statement.order_by(*_directed([key.sort.column for key in order], order))
    return ordered.limit(bindparam("row_limit", type_=Integer))


def _directed(columns: Sequence[ColumnElement[Any]], order: Sequence[SortKey]) -> list[ColumnElement[Any]]:
    return [column.desc() if key.descending else column.asc() for column, key in zip(columns, order, strict=True)]
