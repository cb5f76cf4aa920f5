"""The rules that let or stop a caller, in the order in which they are applied, each with what it says."""

from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import Select, Uuid, bindparam, select

from crm_platform.access.about import Asked
from crm_platform.context import Caller
from crm_platform.reads.field_access import rules_for
from crm_platform.reads.reader import Reader, statement_about
from crm_platform.reads.resource import Resource
from crm_platform.reads.visibility import visibility_args, visible

Action = Literal["read", "write"]
View = Callable[[Caller], Resource]
Step = dict[str, Any]

_OWNERS = ("owner_id", "team_id")


async def explain(
    reader: Reader,
    view: View,
    id: UUID,
    *,
    asked: Asked,
    noun: str,
    action: Action,
) -> bytes:
    """Which rule lets or stops whoever the question is about, as JSON.

    Of records that are not seen nothing is told, not even whether they exist: neither of those that the person in
    question does not see, nor, to who asks about another, of those that whoever asks does not see.

    Args:
        reader: Reads for whoever asks.
        view: How a caller sees the records.
        id: Of the record.
        asked: Who asks about whom.
        noun: Of the scopes.
        action: What is to be done.
    """
    about = asked.about
    shown = view(about)
    scope = f"{noun}:read"
    known = asked.oneself or await _seen(reader, view(asked.by), asked.by, id, scope=scope) is not None
    row = await _seen(reader, shown, about, id, scope=scope) if known else None
    steps = [*_account(asked), _scope(about, f"{noun}:{action}"), _visibility(about, row)]
    if row is not None and action == "write":
        steps.append(_pool(about, shown, row))
    hidden = [] if row is None else [name for name in shown.veils if row[f"hidden_{name}"]]
    fields = {"hidden_by_pool": hidden, "rules": dict(rules_for(about, shown))}
    decisive = next((step["rule"] for step in steps if not step["allows"]), None)
    told = {"action": action, "allowed": decisive is None, "stopped_by": decisive}
    return orjson.dumps({**told, "steps": steps, "fields": fields})


async def _seen(reader: Reader, view: Resource, caller: Caller, id: UUID, *, scope: str) -> Any:
    if not caller.may(scope):
        return None
    query = statement_about((view,), (caller.visibility, "explain"), lambda: _statement(view, caller))
    async with reader.open() as connection:
        return await connection.fetchrow(query.text, *query.bind(visibility_args(view.table, caller) | {"id": id}))


def _statement(view: Resource, caller: Caller) -> Select[Any]:
    table = view.table
    columns: list[Any] = [table.c.id, *(table.c[name] for name in _OWNERS if name in table.c)]
    columns += [hides(table).label(f"hidden_{name}") for name, hides in view.veils.items()]
    statement: Select[Any] = select(*columns).where(table.c.id == bindparam("id", type_=Uuid))
    condition = visible(table, caller.visibility)
    return statement if condition is None else statement.where(condition)


def _account(asked: Asked) -> list[Step]:
    """Nobody asks whose account is inactive; so there is only something to say about another."""
    return [] if asked.active else [{"rule": "account", "allows": False, "why": "inactive"}]


def _scope(caller: Caller, scope: str) -> Step:
    return {"rule": "scope", "allows": caller.may(scope), "why": scope}


def _visibility(caller: Caller, row: Any) -> Step:
    """How the record is seen; the tenant is part of every statement, so another tenant's is not there."""
    return {"rule": "visibility", "allows": row is not None, "why": "not_seen" if row is None else _how(caller, row)}


def _how(caller: Caller, row: Any) -> str:
    owner, team = (row.get(name) for name in _OWNERS)
    if "owner_id" not in row:
        return "everybody"
    if owner == caller.id:
        return "own"
    if team is not None and team in caller.team_ids and caller.visibility != "own":
        return "own_team" if team == caller.team_id else "team_below"
    if owner is None and team is None:
        return "pool"
    return "all" if caller.visibility == "all" else "through_another_record"


def _pool(caller: Caller, view: Resource, row: Any) -> Step:
    """What is in the pool is claimed before it is changed, where the pool hides something."""
    in_pool = "owner_id" in row and row["owner_id"] is None and row["team_id"] is None
    stops = bool(view.veils) and in_pool and caller.visibility != "all"
    return {"rule": "pool", "allows": not stops, "why": "claim_it_first" if stops else "not_in_pool"}
