"""The custom fields of a company, as what columns can be mapped to."""

from collections.abc import Iterable, Mapping
from typing import Final

from crm_contracts.custom_field.v1 import FieldType
from crm_platform.custom_fields.domain import CustomField
from crm_platform.mapping.targets import Target, TargetKind
from crm_platform.words import Words
from customer_svc.imports.rows.fields import CUSTOM

_KINDS: Final[Mapping[FieldType, TargetKind]] = {
    FieldType.NUMBER: TargetKind.DECIMAL,
    FieldType.MONEY: TargetKind.MONEY,
    FieldType.DATE: TargetKind.DATE,
    FieldType.BOOLEAN: TargetKind.BOOLEAN,
    FieldType.CHOICE: TargetKind.CHOICE,
}
"""What values look like; all other types look like any text."""


def custom_targets(fields: Iterable[CustomField]) -> tuple[Target, ...]:
    """What columns can be mapped to of these fields: not what is computed or retired."""
    return tuple(_target(one) for one in fields if one.active and not one.computed)


def _target(field: CustomField) -> Target:
    return Target(
        name=f"{CUSTOM}{field.key}",
        labels=Words(field.label.en, field.label.zh),
        synonyms=(field.key,),
        kind=_KINDS.get(field.type, TargetKind.TEXT),
        choices={one.value: Words(one.label.en, one.label.zh) for one in field.choices},
    )
