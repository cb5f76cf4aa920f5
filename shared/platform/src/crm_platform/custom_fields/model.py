"""The aggregate of the definitions, and what a service says about the records that have custom fields."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Label
from sqlalchemy.sql.expression import FromClause

from crm_contracts.base import DomainEvent
from crm_contracts.custom_field.v1 import CustomFieldSnapshot
from crm_platform.aggregate import AggregateSpec
from crm_platform.custom_fields.domain import NOUN, CustomField
from crm_platform.custom_fields.part import CustomPart
from crm_platform.custom_fields.tables import FIELDS
from crm_platform.reads.resource import Represent, represent_state
from crm_platform.store import Aggregate

_INTERNAL: Final = frozenset({"slot", "unique_slot", "generation"})


def _shown(spec: AggregateSpec[Any]) -> Represent:
    whole = represent_state(spec)

    def represent(source: FromClause) -> list[Label[Any]]:
        return [label for label in whole(source) if label.name not in _INTERNAL]

    return represent


CUSTOM_FIELDS = Aggregate(
    name="custom_field",
    plural="custom-fields",
    what=NOUN,
    table=FIELDS,
    state=CustomField,
    snapshot=CustomFieldSnapshot,
    sort_by={"key": FIELDS.c.key, "position": FIELDS.c.position},
    default_sort="position",
    represent=_shown,
)


class Customised(NamedTuple):
    """Records that have custom fields."""

    aggregate: Aggregate[Any]
    updated: type[DomainEvent[Any]]
    """What tells that their values follow a definition."""

    @property
    def part(self) -> CustomPart:
        """Where their fields are."""
        if self.aggregate.custom is None:
            raise TypeError(self.aggregate.name)
        return self.aggregate.custom


Customisable = Mapping[str, Customised]
"""The records of a service that have custom fields, by resource."""
