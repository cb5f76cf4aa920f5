"""The members of records about which roles have rules."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from crm_contracts.identity.v1 import RoleField
from crm_contracts.registry import PRODUCERS
from crm_platform.context import Caller
from gateway.roles.domain import DEGREES, Rights

MAX_FIELDS: Final = 60
"""Rules of one role; they travel in the token of whoever has it."""

_KEY: Final = r"[a-z][a-z0-9_]{0,39}"
"""Of a custom field."""

_ALWAYS_SEEN = frozenset({"id", "version", "created_at", "updated_at"})


def _plural(aggregate: str) -> str:
    noun = aggregate.replace("_", "-")
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def _members() -> dict[str, frozenset[str]]:
    return {
        _plural(event.aggregate_type): frozenset(event.model_fields["state"].annotation.model_fields) - _ALWAYS_SEEN  # type: ignore[union-attr]
        for service, events in PRODUCERS.items()
        if service != "gateway"
        for event in events
    }


MEMBERS: Final[Mapping[str, frozenset[str]]] = _members()
"""By resource, as the path names it; events tell of the same members as records."""


def unknown_members(rules: Iterable[RoleField]) -> list[str]:
    """Those that do not exist, or stand there before."""
    places = [(rule.resource, rule.member) for rule in rules]
    return [
        f"{resource}.{member}"
        for index, (resource, member) in enumerate(places)
        if not _exists(resource, member) or (resource, member) in places[:index]
    ]


def _exists(resource: str, member: str) -> bool:
    """Whether records have such a member; which custom fields there are, only the company's definitions tell."""
    members = MEMBERS.get(resource, frozenset())
    whole, _, key = member.partition(".")
    return member in members or (whole == "custom" and "custom" in members and bool(re.fullmatch(_KEY, key)))


def beyond_fields(caller: Caller, rights: Rights) -> list[str]:
    """Members of which ``rights`` would leave more than ``caller`` has."""
    return [
        f"{rule.resource}.{rule.member}"
        for rule in caller.fields
        if rights.reaches(rule.resource)
        and DEGREES.index(rights.level_of(rule.resource, rule.member)) > DEGREES.index(rule.level)
    ]
