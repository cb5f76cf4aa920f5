"""Custom fields of customers that are merged, each by itself."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from crm_contracts.duplicate.v1 import FieldChoice, MergeConflict
from crm_platform.words import Words
from customer_svc.customers.domain import Customer
from customer_svc.values.refused import Refused

SURVIVOR, NEWEST, FILLED, UNION = "survivor", "newest", "filled", "union"
PREFIX: Final = "custom."
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

_UNKNOWN = Words("none of the customers has such a field to choose", "所选客户均没有可选择的此字段")
_STAYS = Words(
    "this value does not go over: it is unique, computed, or against the rules of its field by now",
    "该值不能转移：唯一、由公式计算，或已不符合字段规则",
)
_CHOICE = Words(
    "`survivor`, `newest`, `filled`, for lists `union`, or the id of one of the customers",
    "应为 survivor、newest、filled、union（仅列表）或其中一个客户的 ID",
)


class Rules(Protocol):
    """What a company has defined."""

    def passes_on(self, key: str, value: Any) -> bool:
        """Whether a record may be given this value of another one."""

    def computes(self, key: str) -> bool:
        """Whether values come from a formula."""


class Taken(NamedTuple):
    """What comes of the custom fields of a merge: the survivor's values, and by field from whom they are."""

    values: dict[str, Any]
    choices: list[FieldChoice]
    origins: dict[str, tuple[UUID, ...]]


def taken(survivor: Customer, absorbed: Sequence[Customer], choices: Mapping[str, str], rules: Rules) -> Taken:
    """The custom fields of the survivor: what it lacks is taken from the newest that has it, and lists are joined.

    Values that cannot go over, such as unique ones, stay where they are, and so go with whoever goes.
    """
    others = [_passing(one, rules) for one in absorbed]
    found = Taken(dict(survivor.custom), [], {})
    for key in sorted({key for one in others for key in one.custom} | _chosen(choices)):
        everybody = [survivor, *others]
        is_list = any(isinstance(one.custom.get(key), list) for one in everybody)
        take = choices.get(PREFIX + key, UNION if is_list else FILLED)
        givers = _givers(key, take, everybody)
        found.values[key] = _joined(key, givers) if take == UNION else givers[0].custom.get(key)
        found.choices.append(FieldChoice(field=PREFIX + key, take=take))
        found.origins[PREFIX + key] = tuple(one.id for one in givers)
    kept = {key: value for key, value in found.values.items() if value is not None}
    return found._replace(values=kept)


def refusals(choices: Mapping[str, str], customers: Sequence[Customer], rules: Rules) -> list[Refused]:
    """What is wrong with choices of custom fields."""
    return [one for key in sorted(_chosen(choices)) for one in _refused(key, choices[PREFIX + key], customers, rules)]


def _refused(key: str, take: str, customers: Sequence[Customer], rules: Rules) -> list[Refused]:
    place = ("choices", PREFIX + key)
    held = {str(one.id): one.custom[key] for one in customers if key in one.custom}
    if not held:
        return [Refused("unknown_field", _UNKNOWN, place)]
    others = {id: value for id, value in held.items() if id != str(customers[0].id)}
    if take in others and not rules.passes_on(key, others[take]):
        return [Refused("not_passed_on", _STAYS, place)]
    known = {SURVIVOR, NEWEST, FILLED, *(str(one.id) for one in customers)}
    if take in known or (take == UNION and all(isinstance(value, list) for value in held.values())):
        return []
    return [Refused("unknown_choice", _CHOICE, place)]


def restored(
    before: Customer, merged: Customer, present: Customer, rules: Rules
) -> tuple[dict[str, Any], list[MergeConflict]]:
    """The custom fields of the survivor once a merge is undone, and those that stay: changed since, or by the rules."""
    values, conflicts = dict(present.custom), []
    for key in sorted(before.custom.keys() | merged.custom.keys()):
        was, then, now = (one.custom.get(key) for one in (before, merged, present))
        if was == then or rules.computes(key):
            continue
        if now == then and (was is None or rules.passes_on(key, was)):
            values[key] = was
        else:
            conflicts.append(MergeConflict(kind="customer", record_id=present.id, field=PREFIX + key))
    return {key: value for key, value in values.items() if value is not None}, conflicts


def _chosen(choices: Mapping[str, str]) -> set[str]:
    return {name.removeprefix(PREFIX) for name in choices if name.startswith(PREFIX)}


def _passing(one: Customer, rules: Rules) -> Customer:
    return one.with_(custom={key: value for key, value in one.custom.items() if rules.passes_on(key, value)})


def _givers(key: str, take: str, everybody: Sequence[Customer]) -> list[Customer]:
    survivor, having = everybody[0], [one for one in everybody if key in one.custom]
    if take == UNION:
        return [survivor, *(one for one in having if one is not survivor)]
    if take in {NEWEST, FILLED}:
        return [survivor if not having or (take == FILLED and survivor in having) else max(having, key=newest)]
    return [survivor] if take == SURVIVOR else [next(one for one in everybody if str(one.id) == take)]


def newest(customer: Customer) -> tuple[datetime, UUID]:
    """By when a customer was changed, the last one being the greatest."""
    return customer.updated_at or LONG_AGO, customer.id


def _joined(key: str, givers: Sequence[Customer]) -> list[Any] | None:
    values: dict[Any, None] = dict.fromkeys(value for one in givers for value in one.custom.get(key) or ())
    return list(values) or None
