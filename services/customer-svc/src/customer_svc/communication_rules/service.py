"""Use cases of rules of communications."""

from uuid import UUID

import asyncpg

from crm_contracts.communication.v1 import CommunicationKind, CommunicationRuleCreated, CommunicationRuleUpdated
from crm_platform.db import Connection
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from customer_svc.communication_rules import repository
from customer_svc.communication_rules.domain import CommunicationRule, sealed_kinds
from customer_svc.communication_rules.errors import CommunicationRuleExists
from customer_svc.communication_rules.models import COMMUNICATION_RULES
from customer_svc.communication_rules.schemas import CommunicationRuleCreate, CommunicationRuleUpdate


async def create_rule(unit: UnitOfWork, body: CommunicationRuleCreate) -> Rendered:
    """Make a rule; who writes a communication after this goes by it, and no one who goes by an older one is left.

    Raises:
        CommunicationRuleExists: There is one for these communications.
    """
    await repository.change(unit.connection)
    rule = CommunicationRule(id=new_id(), **dict(body))
    try:
        return await unit.insert(COMMUNICATION_RULES, rule, CommunicationRuleCreated)
    except asyncpg.UniqueViolationError as error:
        raise CommunicationRuleExists from error


async def update_rule(unit: UnitOfWork, id: UUID, body: CommunicationRuleUpdate, *, if_match: object) -> Rendered:
    """Change a rule, as :func:`create_rule` makes one.

    Raises:
        NotFound: No such rule.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
    """
    await repository.change(unit.connection)
    before = await unit.load(COMMUNICATION_RULES, id, if_match=if_match)
    return await unit.update(COMMUNICATION_RULES, before, before.with_(**changes_of(body)), CommunicationRuleUpdated)


async def kinds_to_seal(connection: Connection) -> frozenset[CommunicationKind]:
    """The kinds of communications whose contents are sealed; this stays so until the end of the transaction."""
    await repository.hold(connection)
    return sealed_kinds(await repository.find_all(connection))


async def has_rules(connection: Connection) -> bool:
    """Whether the company has ever said anything about it."""
    return bool(await repository.find_all(connection))
