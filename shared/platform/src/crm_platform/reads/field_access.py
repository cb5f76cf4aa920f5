"""What single members of records are to a caller: hidden, masked, read only; decided here and nowhere else.

The rules come with the caller (see :class:`crm_platform.context.FieldRule`). Lists and records are read through a view
of their resource from which hidden members are left out and in which masked ones are masked by SQL; it is made once per
resource and set of rules, so that its statements are compiled once. Callers without rules pay nothing.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, ColumnElement, Label, String, Text, case, func, literal_column, null
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import FromClause

from crm_platform.cel import FieldMap, check
from crm_platform.context import Caller, FieldLevel
from crm_platform.custom_fields.columns import CUSTOM
from crm_platform.errors import MemberNotEditable, MemberNotSeen
from crm_platform.reads.page import PageParams
from crm_platform.reads.resource import Resource
from crm_platform.sealing.members import SealedPart
from crm_platform.sealing.vault import Vault

Rules = Mapping[str, FieldLevel]

ALWAYS_SEEN = frozenset({"id", "version", "created_at", "updated_at"})
"""Without these no client could read or change a record at all."""

_VIEWS: OrderedDict[tuple[int, tuple[tuple[str, FieldLevel], ...]], tuple[Resource, Resource]] = OrderedDict()
_MOST = 256
_EMAIL, _NUMBER = r"^[^@\s]+@", r"^\+?[0-9A-Za-z][0-9A-Za-z ()-]{6,}$"


def rules_for(caller: Caller, resource: Resource) -> Rules:
    """The rules about the members of a resource; members without one may be edited."""
    if not caller.fields:
        return {}
    return {
        rule.member: rule.level
        for rule in caller.fields
        if rule.resource == resource.name and rule.member not in ALWAYS_SEEN
    }


def permitted(resource: Resource, caller: Caller) -> Resource:
    """The resource as ``caller`` may see it."""
    if not caller.fields:
        return resource
    rules = unseen_members(caller, resource)
    if not rules:
        return resource
    key = (id(resource), tuple(sorted(rules.items())))
    if key not in _VIEWS:
        # The resource stays alive with its view: another one at the same address would be taken for it.
        _VIEWS[key] = resource, _view(resource, rules)
        if len(_VIEWS) > _MOST:
            _VIEWS.popitem(last=False)
    _VIEWS.move_to_end(key)
    return _VIEWS[key][1]


def _view(resource: Resource, rules: Rules) -> Resource:
    def represent(source: FromClause) -> list[Label[Any]]:
        labels = [label for label in resource.represent(source) if rules.get(label.name) != "hidden"]
        return [_masked(label) if label.name in rules else _partly(label, rules) for label in labels]

    return replace(
        resource,
        represent=represent,
        veils={name: hides for name, hides in resource.veils.items() if rules.get(name) != "hidden"},
        sealed=_PermittedPart(resource.sealed, rules) if resource.sealed else None,
    )


def refuse_unseen(resource: Resource, caller: Caller, params: PageParams, keys: Mapping[str, Any]) -> None:
    """Refuse a list that would tell what it does not show: by its order, its filter, its words or its ``keys``.

    Raises:
        MemberNotSeen: Names the member.
    """
    rules = unseen_members(caller, resource)
    if not rules:
        return
    used = [key.name for key in params.order]
    used += _filtered(params.filter, resource.listed_by)
    used += [name.removesuffix("_key") for name in keys if name.endswith("_key")]
    if params.question is not None and resource.search is not None:
        used += resource.search.members
    used += [name for name in params.fields or () if "hidden" in levels_of(name, rules).values()]
    refuse_asking(resource, caller, used)


def refuse_asking(resource: Resource, caller: Caller, names: Iterable[str]) -> None:
    """Refuse an expression that reads what the caller may not see: what it comes to would tell.

    Args:
        resource: Whose fields the expression reads.
        caller: Who has written it, or asks what it comes to.
        names: The fields that it reads.

    Raises:
        MemberNotSeen: Names the member.
    """
    rules = unseen_members(caller, resource)
    for name in names if rules else ():
        for member in levels_of(name, rules):
            raise MemberNotSeen(member=member)


def unseen_members(caller: Caller, resource: Resource) -> Rules:
    """The rules about members of which the caller sees nothing, or only the shape."""
    return {name: level for name, level in rules_for(caller, resource).items() if level != "read"}


def levels_of(name: str, rules: Rules) -> Rules:
    """The rules about a field: about the member that it is, or is a part of."""
    words = name.split(".")
    members = (".".join(words[: number + 1]) for number in range(len(words)))
    return {member: rules[member] for member in members if member in rules}


def _filtered(text: str | None, fields: FieldMap) -> frozenset[str]:
    return frozenset() if text is None else check(text, fields)


def refuse_uneditable(resource: Resource, caller: Caller, changed: Mapping[str, Any]) -> None:
    """Refuse a change of members that the caller may not edit; ``changed`` are their new values.

    Raises:
        MemberNotEditable: Names the member.
    """
    rules = rules_for(caller, resource)
    own = {"owner_id": caller.id, "team_id": caller.team_id}
    for name, value in changed.items():
        if levels_of(name, rules) and not (name in own and own[name] == value):
            raise MemberNotEditable(member=name)


def shown_to(caller: Caller, resource: Resource, body: bytes) -> bytes:
    """The JSON of a whole record, as ``caller`` may see it."""
    rules = rules_for(caller, resource)
    return orjson.dumps(_restricted(orjson.loads(body), rules)) if rules else body


def _restricted(members: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    shown = {
        name: masked(value) if rules.get(name) == "masked" else value
        for name, value in members.items()
        if rules.get(name) != "hidden"
    }
    inner = _inner(CUSTOM, rules)
    if inner and isinstance(shown.get(CUSTOM), dict):
        shown[CUSTOM] = {name: value for name, value in _restricted(shown[CUSTOM], inner).items() if value is not None}
    return shown


def _inner(member: str, rules: Rules) -> Rules:
    """The rules about what is in a member that is an object."""
    start = f"{member}."
    return {name.removeprefix(start): level for name, level in rules.items() if name.startswith(start)}


def _partly(label: Label[Any], rules: Rules) -> Label[Any]:
    """A member that is an object, without what is hidden in it, and masked where it has to be."""
    inner = _inner(label.name, rules) if label.name == CUSTOM else {}
    if not inner:
        return label
    shown: ColumnElement[Any] = label.element.op("-")(literal_column(f"'{{{','.join(sorted(inner))}}}'::text[]"))
    for key in sorted(name for name, level in inner.items() if level == "masked"):
        text = label.element.op("->>", return_type=Text())(literal_column(f"'{key}'"))
        is_text = func.jsonb_typeof(label.element.op("->")(literal_column(f"'{key}'"))) == literal_column("'string'")
        built = func.jsonb_build_object(literal_column(f"'{key}'"), _masked_sql(text))
        shown = case((is_text, shown.op("||")(built)), else_=shown)
    return shown.label(label.name)


def masked(value: Any) -> Any:
    """What is left of a value: of texts what fits their shape, such as ``138****8000``, ``z***@example.com``, ``王**``.

    Lists are empty, everything else is null.
    """
    if isinstance(value, str):
        return _masked_text(value)
    return [] if isinstance(value, list) else None


def _masked_text(text: str) -> str:
    if re.match(_EMAIL, text):
        return f"{text[0]}***{text[text.index('@') :]}"
    if re.match(_NUMBER, text):
        digits = text.removeprefix("+86")
        return f"{digits[:3]}****{digits[-4:]}"
    return f"{text[:1]}**"


def _masked(label: Label[Any]) -> Label[Any]:
    """The member of a row, masked as :func:`masked` does."""
    element = label.element
    if isinstance(element.type, ARRAY):
        return literal_column("'{}'::text[]").label(label.name)
    if isinstance(element.type, JSONB):
        return case((func.jsonb_typeof(element) == "array", literal_column("'[]'::jsonb"))).label(label.name)
    return (_masked_sql(element) if isinstance(element.type, String) else null()).label(label.name)


def _masked_sql(text: ColumnElement[Any]) -> ColumnElement[Any]:
    digits = func.regexp_replace(text, r"^\+86", "")
    return case(
        (text.is_(None), null()),
        (text.regexp_match(_EMAIL), func.left(text, 1) + "***" + func.substring(text, "@.*")),
        (text.regexp_match(_NUMBER), func.left(digits, 3) + "****" + func.right(digits, 4)),
        else_=func.left(text, 1) + "**",
    )


class _PermittedPart(SealedPart):
    """Sealed members without the hidden ones, and with the masked ones masked."""

    def __init__(self, part: SealedPart, rules: Rules) -> None:
        self.__dict__.update(part.__dict__)
        self._part, self._rules = part, rules
        self.members = tuple(name for name in part.members if rules.get(name) != "hidden")
        self.empty = self._restrict(part.empty)

    def columns(self, source: FromClause) -> list[Label[Any]]:
        """See :meth:`SealedPart.columns`."""
        return self._part.columns(source)

    def read(
        self, vault: Vault, tenant_id: UUID, id: UUID, row: Mapping[str, Any]
    ) -> tuple[bytes | None, datetime | None]:
        """See :meth:`SealedPart.read`."""
        content, erased_at = self._part.read(vault, tenant_id, id, row)
        return (None if content is None else self._restrict(content)), erased_at

    def _restrict(self, content: bytes) -> bytes:
        return orjson.dumps(_restricted(orjson.loads(content), self._rules))


__all__ = [
    "Rules",
    "levels_of",
    "masked",
    "permitted",
    "refuse_asking",
    "refuse_uneditable",
    "refuse_unseen",
    "rules_for",
    "shown_to",
    "unseen_members",
]
