"""Veiled views of a resource: some members of some rows look empty, to the eye and to every filter."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Label, and_, case, literal_column, not_, null
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import FromClause

from crm_platform.cel import Field, field_map
from crm_platform.reads.resource import Condition, Hides, Resource
from crm_platform.sealing.members import SealedPart

__all__ = ["Condition", "Hides", "veiled"]


class _VeiledPart(SealedPart):
    """Sealed members, in rows that are not hidden; in the others they look as if they had never been given."""

    def __init__(self, part: SealedPart, hides: Hides) -> None:
        self.__dict__.update(part.__dict__)
        self._hides = hides

    def columns(self, source: FromClause) -> list[Label[Any]]:
        """See :meth:`SealedPart.columns`."""
        sealed, *others = super().columns(source)
        return [case((self._hides(source), null()), else_=sealed.element).label(sealed.name), *others]


def veiled(resource: Resource, members: Mapping[str, Hides], *, sealed: Hides | None = None) -> Resource:
    """The view of ``resource`` for callers from whom some members are hidden.

    Build it once, in ``models.py``. Hidden members are null, or empty lists where null is impossible; filters see the
    same, so that no filter finds out what is hidden. What lists are sorted by cannot be hidden.

    Args:
        resource: What to veil.
        members: Open members, each with the rows in which it is hidden.
        sealed: Rows in which the personal data is hidden, all of it.

    Raises:
        TypeError: A member is a sort key, or is not there.
    """
    unknown = members.keys() - set(resource.field_names())
    if unknown or members.keys() & resource.sorts.keys():
        message = f"{resource.name}: cannot hide {sorted(unknown or members.keys() & resource.sorts.keys())}"
        raise TypeError(message)

    def represent(source: FromClause) -> list[Label[Any]]:
        return [_label(one, members.get(one.name), source) for one in resource.represent(source)]

    personal = resource.sealed.members if resource.sealed and sealed else ()
    return replace(
        resource,
        veils={**members, **dict.fromkeys(personal, sealed)} if sealed else dict(members),
        represent=represent,
        filters=field_map(*(_filter(one, members, resource) for one in resource.filters.values())),
        asked=field_map(*(_asked(one, sealed, resource) for one in resource.asked.values())),
        sealed=_VeiledPart(resource.sealed, sealed) if resource.sealed and sealed else resource.sealed,
    )


def _label(label: Label[Any], hides: Hides | None, source: FromClause) -> Label[Any]:
    if hides is None:
        return label
    return case((hides(source), _empty(label.element, label.name, source)), else_=label.element).label(label.name)


def _empty(element: ColumnElement[Any], name: str, source: FromClause) -> ColumnElement[Any]:
    if name in source.c and isinstance(element.type, JSONB) and not source.c[name].nullable:
        return literal_column("'[]'::jsonb")
    return null()


def _filter(one: Field, members: Mapping[str, Hides], resource: Resource) -> Field:
    hides = members.get(one.name.partition(".")[0])
    if hides is None or one.column is None:
        return one
    return replace(one, column=case((hides(resource.table), null()), else_=one.column))


def _asked(one: Field, hides: Hides | None, resource: Resource) -> Field:
    """What is hidden is not found either."""
    finder = one.finder
    if hides is None or finder is None:
        return one
    open_rows = not_(hides(resource.table))
    return replace(one, finder=replace(finder, condition=lambda keys: and_(finder.condition(keys), open_rows)))
