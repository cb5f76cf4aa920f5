"""Rules of roles, and the roles that every tenant has."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm_contracts.identity.v1 import RoleField
from crm_platform.aggregate import AggregateState
from crm_platform.context import FieldLevel, FieldRule, Visibility
from crm_platform.words import Words
from gateway.scopes import ALL, BUSINESS, SCOPES, readable, widest, writable

NOUN = Words("role", "角色")

DEGREES: tuple[FieldLevel | None, ...] = ("hidden", "masked", "read", None)
"""What is left of a member, from nothing to all."""


class Role(AggregateState):
    """A named set of scopes that a tenant has put together."""

    name: str
    title: str
    scopes: tuple[str, ...]
    visibility: Visibility = "own"
    fields: tuple[RoleField, ...] = ()

    @property
    def rights(self) -> "Rights":
        """What it allows."""
        rules = (FieldRule(rule.resource, rule.member, rule.level) for rule in self.fields)
        return Rights(frozenset(self.scopes), self.visibility, tuple(sorted(rules)))


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A role that every tenant has and none can change; its scopes grow with the product."""

    name: str
    title: str
    title_zh: str
    scopes: frozenset[str]
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do, and whose records he or she sees."""

    scopes: frozenset[str] = frozenset()
    visibility: Visibility = "own"
    fields: tuple[FieldRule, ...] = ()
    """Members that may not be edited, or not be seen; all others may."""

    @classmethod
    def union(cls, parts: "Iterable[Rights]") -> "Rights":
        """Everything that any of ``parts`` allows."""
        listed = list(parts)
        scopes = frozenset(scope for part in listed for scope in part.scopes)
        level = widest(part.visibility for part in listed)
        return cls(frozenset({ALL}) if ALL in scopes else scopes, level, _left(listed))

    def level_of(self, resource: str, member: str) -> FieldLevel | None:
        """What is left of a member; None where all is."""
        told = (rule.level for rule in self.fields if (rule.resource, rule.member) == (resource, member))
        return next(told, None)

    def reaches(self, resource: str) -> bool:
        """Whether any of the scopes is about ``resource``."""
        noun = resource.replace("-", "_")
        return any(scope.partition(":")[0] in (noun, ALL) for scope in self.scopes)


def _left(parts: list[Rights]) -> tuple[FieldRule, ...]:
    """The rules that are left when parts add up: where one shows or allows more of a member, that counts.

    A part that does not reach a resource at all says nothing about its members.
    """
    levels: dict[tuple[str, str], FieldLevel | None] = {}
    for resource, member in {(rule.resource, rule.member) for part in parts for rule in part.fields}:
        told = [part.level_of(resource, member) for part in parts if part.reaches(resource)]
        levels[resource, member] = max(told, key=DEGREES.index, default="hidden")
    return tuple(sorted(FieldRule(*place, level) for place, level in levels.items() if level is not None))


ADMIN = "admin"

_DIRECTORY = readable("users", "teams", "roles")
_EVERYTHING_READ = frozenset(scope for scope in SCOPES if scope.endswith(":read"))

BUILT_IN: dict[str, BuiltInRole] = {
    role.name: role
    for role in (
        BuiltInRole(ADMIN, "Administrator", "管理员", frozenset({ALL}), "all"),
        BuiltInRole(
            "manager",
            "Team manager",
            "团队经理",
            writable(*BUSINESS, "contract_approvals", "change_approvals", "sync_conflicts")
            | readable("reports", "events", "access")
            | _DIRECTORY,
            "team",
        ),
        BuiltInRole("agent", "Agent", "业务人员", writable(*BUSINESS) | readable("reports") | _DIRECTORY, "own"),
        BuiltInRole("viewer", "Viewer", "只读用户", readable(*BUSINESS, "reports") | _DIRECTORY, "all"),
        BuiltInRole(
            "partner",
            "Partner",
            "合作伙伴",
            readable("products", "orders", "deliveries") | writable("customers", "opportunities", "tickets"),
            "own",
        ),
        BuiltInRole("auditor", "Auditor", "审计员", _EVERYTHING_READ, "all"),
    )
}
