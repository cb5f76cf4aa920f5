"""Use cases of the pool's rules."""

from uuid import UUID

import asyncpg

from crm_contracts.customer.v1 import PoolRuleCreated, PoolRuleDeleted, PoolRuleUpdated, PoolSecret
from crm_platform.companies import zone_of
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.reads.veil import Condition
from crm_platform.uow import UnitOfWork
from customer_svc.pool_rules import repository
from customer_svc.pool_rules.domain import PoolRule
from customer_svc.pool_rules.errors import PoolRuleExists
from customer_svc.pool_rules.models import POOL_RULES
from customer_svc.pool_rules.schemas import PoolRuleCreate, PoolRuleUpdate
from customer_svc.values.problems import unacceptable
from customer_svc.values.refused import AllRefused


async def create_pool_rule(unit: UnitOfWork, body: PoolRuleCreate) -> Rendered:
    """Make a rule.

    Raises:
        InvalidPayload: A rule of a team says what is hidden.
        PoolRuleExists: The team, or everybody, has one.
    """
    zone = body.time_zone or (await zone_of(unit.connection)).key
    rule = _checked(unit, PoolRule(id=new_id(), **dict(body) | {"time_zone": zone}))
    try:
        return await unit.insert(POOL_RULES, rule, PoolRuleCreated)
    except asyncpg.UniqueViolationError as error:
        raise PoolRuleExists from error


async def update_pool_rule(unit: UnitOfWork, id: UUID, body: PoolRuleUpdate, *, if_match: object) -> Rendered:
    """Change a rule.

    Raises:
        NotFound: No such rule.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
        InvalidPayload: A rule of a team says what is hidden.
    """
    before = await unit.load(POOL_RULES, id, if_match=if_match)
    return await unit.update(POOL_RULES, before, _checked(unit, before.with_(**changes_of(body))), PoolRuleUpdated)


async def delete_pool_rule(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a rule; the one for everybody holds instead, or none."""
    before = await unit.load(POOL_RULES, id, if_match=if_match)
    await unit.delete(POOL_RULES, before, PoolRuleDeleted)


async def rule_for(unit: UnitOfWork, team_id: UUID | None) -> PoolRule:
    """What holds for a team; without any rule there are no limits."""
    found = await repository.find_for(unit.connection, team_id)
    return found or PoolRule(id=UUID(int=0), time_zone=(await zone_of(unit.connection)).key)


async def all_rules(unit: UnitOfWork) -> list[PoolRule]:
    """Every rule of the company, that for everybody last."""
    return await repository.find_all(unit.connection)


def hides(secret: PoolSecret) -> Condition:
    """The condition under which ``secret`` is hidden in the pool; for the views of what is in it."""
    return repository.hides(secret)


def _checked(unit: UnitOfWork, rule: PoolRule) -> PoolRule:
    try:
        return rule.checked()
    except AllRefused as refused:
        raise unacceptable(refused, unit.caller.language) from refused
