"""Use cases of the rules about duplicates."""

from uuid import UUID

import asyncpg

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.duplicate.v1 import DuplicateRuleCreated, DuplicateRuleDeleted, DuplicateRuleUpdated
from crm_platform.db import Connection
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from customer_svc.duplicate_rules import repository
from customer_svc.duplicate_rules.domain import DuplicateRule, rule_of
from customer_svc.duplicate_rules.errors import DuplicateRuleExists
from customer_svc.duplicate_rules.models import DUPLICATE_RULES
from customer_svc.duplicate_rules.schemas import DuplicateRuleCreate, DuplicateRuleUpdate
from customer_svc.values.problems import told

DEFAULT = DuplicateRule(id=UUID(int=0))
"""What holds without any rule."""


async def create_duplicate_rule(unit: UnitOfWork, body: DuplicateRuleCreate) -> Rendered:
    """Make a rule.

    Raises:
        InvalidPayload: What is likely is less than what is possible.
        DuplicateRuleExists: This kind of customers, or everybody, has one.
    """
    with told(unit.caller.language):
        rule = DuplicateRule(id=new_id(), **dict(body)).checked()
    try:
        return await unit.insert(DUPLICATE_RULES, rule, DuplicateRuleCreated)
    except asyncpg.UniqueViolationError as error:
        raise DuplicateRuleExists from error


async def update_duplicate_rule(unit: UnitOfWork, id: UUID, body: DuplicateRuleUpdate, *, if_match: object) -> Rendered:
    """Change a rule.

    Raises:
        NotFound: No such rule.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
        InvalidPayload: What is likely is less than what is possible.
    """
    before = await unit.load(DUPLICATE_RULES, id, if_match=if_match)
    with told(unit.caller.language):
        after = before.with_(**changes_of(body)).checked()
    return await unit.update(DUPLICATE_RULES, before, after, DuplicateRuleUpdated)


async def delete_duplicate_rule(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a rule; the one for everybody holds instead, or what holds without any."""
    before = await unit.load(DUPLICATE_RULES, id, if_match=if_match)
    await unit.delete(DUPLICATE_RULES, before, DuplicateRuleDeleted)


async def rules_by_kind(connection: Connection) -> dict[CustomerKind, DuplicateRule]:
    """What holds for each kind of customers."""
    rules = await repository.find_all(connection)
    return {kind: rule_of(rules, kind, DEFAULT) for kind in CustomerKind}
