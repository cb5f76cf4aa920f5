"""Use cases of the rule about the end of projects."""

from uuid import UUID

from crm_contracts.closing.v1 import ClosingRuleDefined, ClosingRuleUpdated
from crm_platform.db import Connection
from crm_platform.reads import Reader
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.closing_rules import repository
from project_svc.closing_rules.domain import ClosingRule
from project_svc.closing_rules.models import CLOSING_RULES
from project_svc.closing_rules.schemas import ClosingRuleDefinition, ClosingRuleRead

__all__ = ["define", "in_force", "shown"]

_READY_MADE = ClosingRule(id=UUID(int=0))


async def in_force(connection: Connection) -> ClosingRule:
    """What the company wants before a project is closed."""
    return await repository.find(connection) or _READY_MADE


async def shown(reader: Reader) -> bytes:
    """The rule, to be looked at."""
    async with reader.open() as connection:
        return _told(await in_force(connection))


async def define(unit: UnitOfWork, body: ClosingRuleDefinition) -> bytes:
    """Put a rule in the place of the one there is; what is closed already stays so."""
    await repository.alone(unit.connection)
    id = unit.caller.tenant_id
    if await repository.find(unit.connection) is None:
        await unit.insert(CLOSING_RULES, ClosingRule(id=id, **dict(body)), ClosingRuleDefined)
    else:
        before = await unit.load(CLOSING_RULES, id, if_match=ANY_VERSION)
        await unit.update(CLOSING_RULES, before, before.with_(**dict(body)), ClosingRuleUpdated)
    return _told(await unit.load(CLOSING_RULES, id, if_match=ANY_VERSION))


def _told(rule: ClosingRule) -> bytes:
    return ClosingRuleRead.model_validate(rule, from_attributes=True).model_dump_json().encode()
