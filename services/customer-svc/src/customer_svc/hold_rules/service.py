"""Use cases of rules of holds."""

from uuid import UUID

import asyncpg

from crm_contracts.privacy.v1 import Hold, HoldRuleCreated, HoldRuleUpdated
from crm_platform.db import Connection
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from customer_svc.hold_rules import repository
from customer_svc.hold_rules.domain import HoldRule
from customer_svc.hold_rules.errors import HoldRuleExists
from customer_svc.hold_rules.models import HOLD_RULES
from customer_svc.hold_rules.schemas import HoldRuleCreate, HoldRuleUpdate


async def create_hold_rule(unit: UnitOfWork, body: HoldRuleCreate) -> Rendered:
    """Make a rule.

    Raises:
        HoldRuleExists: There is one for these records.
    """
    try:
        return await unit.insert(HOLD_RULES, HoldRule(id=new_id(), **dict(body)), HoldRuleCreated)
    except asyncpg.UniqueViolationError as error:
        raise HoldRuleExists(record=body.record) from error


async def update_hold_rule(unit: UnitOfWork, id: UUID, body: HoldRuleUpdate, *, if_match: object) -> Rendered:
    """Change a rule; erasures that have begun go by the rule as it was.

    Raises:
        NotFound: No such rule.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
    """
    before = await unit.load(HOLD_RULES, id, if_match=if_match)
    return await unit.update(HOLD_RULES, before, before.with_(**changes_of(body)), HoldRuleUpdated)


async def active_holds(connection: Connection) -> tuple[Hold, ...]:
    """The rules that count now."""
    return await repository.active(connection)
