"""A resource: how much of it there is, from when on, and what it costs."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_contracts.plan.v1 import ResourceCapacity, ResourceKind, ResourceRate
from crm_platform.aggregate import AggregateState
from crm_platform.errors import FieldProblem
from crm_platform.words import Words
from project_svc.resources.errors import ImpossibleResource

NOUN = Words("resource", "资源")
ALWAYS = date(1970, 1, 1)
FULL_TIME = (ResourceCapacity(since=ALWAYS, units=100),)

_UNORDERED = Words("It does not begin after the one before it.", "起始日期不晚于前一项。")


class Resource(AggregateState):
    """Who or what tasks need; capacity and rates hold from a day until the next one."""

    name: str
    kind: ResourceKind
    user_id: UUID | None = None
    skills: tuple[str, ...] = ()
    capacity: tuple[ResourceCapacity, ...] = FULL_TIME
    rates: tuple[ResourceRate, ...] = ()
    calendar_id: UUID | None = None
    active: bool = True
    external_id: str | None = None

    def changed(self, **changes: Any) -> "Resource":
        """The resource with other fields, made of the contract's types so that equal values are equal."""
        return Resource.model_validate(self.with_(**changes).model_dump())

    def checked(self, language: str) -> "Resource":
        """The resource itself.

        Raises:
            ImpossibleResource: Capacities or rates are not in the order of time.
        """
        problems = [
            FieldProblem(pointer, "not_in_order", _UNORDERED.into(language))
            for pointer in (*self._disorder("capacity"), *self._disorder("rates"))
        ]
        if problems:
            raise ImpossibleResource(count=len(problems), errors=problems)
        return self

    def rate_on(self, day: date, currency: str) -> Decimal | None:
        """What it costs on a day, for an hour or a unit; None where nothing is said in this currency."""
        found = [one.rate.amount for one in self.rates if one.since <= day and one.rate.currency == currency]
        return found[-1] if found else None

    def _disorder(self, name: str) -> Iterator[str]:
        """Rates in different currencies run beside each other, each in order."""
        last: dict[str, date] = {}
        entries: Sequence[ResourceCapacity | ResourceRate] = getattr(self, name)
        for place, one in enumerate(entries):
            series = one.rate.currency if isinstance(one, ResourceRate) else ""
            if series in last and one.since <= last[series]:
                yield f"/{name}/{place}/since"
            last[series] = one.since
