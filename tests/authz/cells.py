"""The columns of the matrix: who asks, whom that concerns, and what the answer must be."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.world.operations import OPERATIONS, PUBLIC, SIGNED_IN, Operation
from tests.world.worlds import Record, World

Told = tuple[int, str]
"""Status and code of a problem."""

UNAUTHENTICATED: Told = (401, "unauthenticated")
FORBIDDEN: Told = (403, "forbidden")
NOT_FOUND: Told = (404, "not_found")


@dataclass(frozen=True)
class Cell:
    """One way to ask that must be refused."""

    name: str
    headers: dict[str, str]
    expected: Told


def refused(world: World, operation: Operation, record: Record | None) -> Iterator[Cell]:
    """Every way to ask for ``operation`` that must be refused without a trace."""
    if operation.scope == PUBLIC:
        return
    yield from _without_a_good_token(world)
    if operation.scope != SIGNED_IN:
        yield Cell("missing scope", world.token(world.people.lacking(str(operation.scope))), FORBIDDEN)
    yield from _without_the_record(world, operation, record)


def _without_a_good_token(world: World) -> Iterator[Cell]:
    owner, now = world.people.owner, int(time.time())
    yield Cell("anonymous", {}, UNAUTHENTICATED)
    yield Cell("expired", world.token(owner, iat=now - 900, exp=now - 300), UNAUTHENTICATED)
    yield Cell("wrong issuer", world.token(owner, iss="https://elsewhere.test"), UNAUTHENTICATED)
    yield Cell("wrong audience", world.token(owner, aud="erp"), UNAUTHENTICATED)


def _without_the_record(world: World, operation: Operation, record: Record | None) -> Iterator[Cell]:
    """Who holds every scope but has no business with the record, or with the one that the body names."""
    if operation.name in SHOWN_TO_ALL:
        return
    if record is not None:
        expected = NOT_FOUND
    elif references := world.references(operation):
        expected = (409, f"unknown_{references[0].removesuffix('_id')}")
    else:
        return
    yield Cell("wrong tenant", world.token(world.people.stranger), expected)
    if operation.name in NAMES_WHAT_ALL_SEE:
        return
    if record is None or record.get("owner_id"):
        yield Cell("not visible (own)", world.token(world.people.blind("own")), expected)
        yield Cell("not visible (team)", world.token(world.people.blind("team")), expected)


SHOWN_TO_ALL = {one.name for one in OPERATIONS if one.explains} | {"report_customer"}
"""Operations on an id that answer nothing but figures: none for whoever may not see the record."""

NAMES_WHAT_ALL_SEE = {"take_segment_snapshot"}
"""Operations whose body names a record that belongs to the company, not to somebody in it."""

PUBLIC_ROUTES = {
    "gateway POST /api/v1/auth/sign-in",
    "gateway POST /api/v1/auth/refresh",
    "gateway POST /api/v1/auth/sign-out",
    "gateway POST /api/v1/oauth/token",
    "gateway GET /.well-known/jwks.json",
    "gateway GET /.well-known/openid-configuration",
    "customer-svc GET /v1/calendars/{name}.ics",
    "project-svc GET /v1/project-calendars/{name}.ics",
    "project-svc GET /v1/acceptances/{name}",
    "project-svc POST /v1/acceptances/{name}",
    "project-svc GET /v1/acceptances/{name}/document",
    "project-svc POST /v1/acceptances/{name}/decide",
}
"""Operations that need no token."""

UNDOCUMENTED_ROUTES = {
    *("/openapi.json", "/health/live", "/health/ready", "/metrics"),
    *("/", "/docs", "/docs/assets/{name}", "/events", "/events/catalogue.json", "/asyncapi.json"),
    "/openapi/gateway.json",
}
"""Paths that hold no data and are in no OpenAPI document: health, figures, the portal."""

KNOWS_THE_CALLER = {"show_me", "list_users"}
"""Reads that show everybody at least oneself."""

THE_SAME_FOR_ALL = {"list_scopes", "list_built_in_roles", "list_import_fields"}
"""Lists that are part of the program."""


ON_RECORD = {"get_subject_key": "subject_key.read", "get_bundle": "subject_access.downloaded"}
"""Reads that the audit trail notes, because what they give out opens more than itself."""


KEPT_OF_READS = {
    "export_customers": {"disclosed_files", "disclosed_pages"},
    "list_portfolio": {"project_standings"},
    "show_portfolio_totals": {"project_standings"},
    "show_capacity": {"project_standings"},
    "draw_capacity": {"project_standings"},
}
"""Tables in which reads keep something: who was given out, and how projects stand that nobody has looked at yet."""


def seeing(world: World, record: Record | None) -> Iterator[tuple[str, dict[str, str]]]:
    """Narrow but sufficient rights to see ``record``."""
    owner = world.people.owner
    if record is None or not record.get("owner_id"):
        return
    yield "visible (own)", world.token(replace(owner, visibility="own"))
    mate = replace(world.people.blind("team"), team_ids=owner.team_ids)
    yield "visible (team)", world.token(mate)
