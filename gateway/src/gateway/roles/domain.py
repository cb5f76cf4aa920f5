"""Rules of roles, and the roles that every tenant has."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm_platform.aggregate import AggregateState
from crm_platform.context import Visibility
from crm_platform.words import Words
from gateway.scopes import ALL, BUSINESS, SCOPES, readable, widest, writable

NOUN = Words("role", "角色")


class Role(AggregateState):
    """A named set of scopes that a tenant has put together."""

    name: str
    title: str
    scopes: tuple[str, ...]
    visibility: Visibility = "own"


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

    @classmethod
    def union(cls, parts: "Iterable[Rights]") -> "Rights":
        """Everything that any of ``parts`` allows."""
        listed = list(parts)
        scopes = frozenset(scope for part in listed for scope in part.scopes)
        return cls(frozenset({ALL}) if ALL in scopes else scopes, widest(part.visibility for part in listed))


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
            writable(*BUSINESS, "sync_conflicts") | readable("reports", "events") | _DIRECTORY,
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
