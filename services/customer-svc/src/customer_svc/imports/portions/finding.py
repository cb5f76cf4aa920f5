"""Finds the customers that have what the rows of a portion say, one statement for each rule."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from crm_contracts.imports.v1 import ImportMapping, MatchRule
from crm_platform.db import Connection
from crm_platform.sealing.vault import vault_of
from crm_platform.uow import UnitOfWork
from customer_svc.imports import repository
from customer_svc.imports.domain import usable_rules
from customer_svc.imports.portions.foreseeing import Foresight
from customer_svc.imports.rows.drafts import Draft
from customer_svc.imports.rows.matching import Found, Matching, is_only_a_name, values_of


async def looked_up(
    unit: UnitOfWork, mapping: ImportMapping, drafts: Sequence[Draft], foresight: Foresight | None
) -> Matching:
    """Whom the rows are about, as far as customers have the values that they say."""
    blind = vault_of(unit.connection).index.of(unit.caller.tenant_id)
    rules = usable_rules(mapping)
    said = {
        (draft.number, rule): values_of(draft.customer, rule)
        for draft in drafts
        if draft.customer is not None
        for rule in rules
    }
    wanted: dict[MatchRule, set[str]] = {}
    for draft in drafts:
        for rule in rules:
            if (draft.number, rule) in said and not is_only_a_name(draft, rule):
                wanted.setdefault(rule, set()).update(said[draft.number, rule])
    found = await find(unit, mapping, wanted, foresight)
    return Matching(rules, said, found, lambda kind, value: blind(f"import.{kind}", value))


async def find(
    unit: UnitOfWork,
    mapping: ImportMapping,
    wanted: Mapping[MatchRule, set[str]],
    foresight: Foresight | None,
) -> Found:
    """The customers that have these values, or in a dry run would by now."""
    system, tenant = mapping.system or "", unit.caller.tenant_id
    found = {
        rule: await having(unit.connection, rule, values, system, tenant) for rule, values in wanted.items() if values
    }
    return found if foresight is None else await foresight.as_left(wanted, found)


_FILED: Final = {MatchRule.EMAIL: "email", MatchRule.PHONE: "phone", MatchRule.REGISTRATION_ID: "alike.id"}
"""Under which kind of blind key customers are filed by what a rule compares."""


async def having(
    connection: Connection, rule: MatchRule, values: set[str], system: str, tenant: UUID
) -> dict[str, tuple[UUID, ...]]:
    """The customers that have these values, by which a rule knows them."""
    if rule in _FILED:
        blind, kind = vault_of(connection).index.of(tenant), _FILED[rule]
        by_key = {blind(kind, value): value for value in values}
        rows = await repository.by_key(connection, kind, by_key)
        pairs = [(by_key[row["value"]], row["id"]) for row in rows]
    elif rule is MatchRule.EXTERNAL_ID:
        pairs = [tuple(row) for row in await repository.by_external_id(connection, system, values)]
    else:
        pairs = [tuple(row) for row in await repository.by_name(connection, values)]
    found: dict[str, tuple[UUID, ...]] = {}
    for value, id in pairs:
        found[value] = (*found.get(value, ()), id)
    return found
