"""Use cases of the rules of data quality; what they come to is the business of the slice `quality_scores`."""

from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from crm_contracts.quality.v1 import QualityRuleCreated, QualityRuleDeleted, QualityRuleUpdated, Severity
from crm_platform.cel import CelError, FieldMap, check
from crm_platform.errors import AlreadyExists, FieldProblem, InvalidPayload
from crm_platform.http.fields import changes_of
from crm_platform.http.texts import BilingualText, Label
from crm_platform.ids import new_id
from crm_platform.reads import Reader, Rendered
from crm_platform.reads.field_access import refuse_asking
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from customer_svc.customers import service as customers
from customer_svc.quality_rules import repository
from customer_svc.quality_rules.domain import MAX_RULES, NOUN, READY_MADE, QualityRule, judges_otherwise
from customer_svc.quality_rules.errors import TooManyQualityRules
from customer_svc.quality_rules.models import CONTACT_FIELDS, QUALITY_RULES, SHARED, fields_with
from customer_svc.quality_rules.schemas import (
    Adoption,
    AdoptionRead,
    QualityRuleCreate,
    QualityRuleUpdate,
    ReadyMadeList,
    ReadyMadeRead,
)

__all__ = [
    "CONTACT_FIELDS",
    "RESOURCE",
    "SHARED",
    "QualityRule",
    "adopt",
    "check_expressions",
    "create_rule",
    "delete_rule",
    "enabled",
    "fields",
    "judges_otherwise",
    "ready_made",
    "update_rule",
]

RESOURCE = QUALITY_RULES.resource
"""All rules, for slices that show them beside what they come to."""

_NO_SUCH = Words("no ready-made rule has this code", "不存在该代码的预置规则")


async def fields(unit: UnitOfWork) -> FieldMap:
    """What expressions of rules can read at this moment: the company's custom fields are among it."""
    return fields_with(await customers.custom_fields(unit.connection, unit.caller.tenant_id))


async def enabled(unit: UnitOfWork) -> list[QualityRule]:
    """The rules that count at this moment."""
    return await repository.enabled(unit.connection)


async def create_rule(unit: UnitOfWork, body: QualityRuleCreate) -> Rendered:
    """Define a rule; the scores follow while all customers are looked at, which the event begins.

    Raises:
        InvalidPayload: An expression is none.
        AlreadyExists: Another rule has this code.
        TooManyQualityRules: There are as many as there can be.
    """
    await check_expressions(unit, expression=body.expression, applies_to=body.applies_to)
    await _make_room(unit, 1)
    rule = QualityRule(id=new_id(), **_told(body))
    try:
        return await unit.insert(QUALITY_RULES, rule, QualityRuleCreated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="code") from error


async def adopt(unit: UnitOfWork, body: Adoption) -> AdoptionRead:
    """Take over ready-made rules; those whose code there is already are left as they are.

    Raises:
        InvalidPayload: There is no such ready-made rule.
        TooManyQualityRules: There would be more than there can be.
    """
    known = {values["code"]: values for values in READY_MADE}
    wanted = list(known) if body.codes is None else list(dict.fromkeys(body.codes))
    if problems := [_no_such(unit, place) for place, code in enumerate(wanted) if code not in known]:
        raise InvalidPayload(count=len(problems), errors=problems)
    await repository.one_at_a_time(unit.connection)
    there = await repository.codes(unit.connection)
    rules = [QualityRule(id=new_id(), **known[code]) for code in wanted if code not in there]
    await _make_room(unit, len(rules))
    await unit.insert_many(QUALITY_RULES, rules, QualityRuleCreated)
    return AdoptionRead(adopted=[rule.code for rule in rules])


async def ready_made(reader: Reader) -> ReadyMadeList:
    """The ready-made rules."""
    async with reader.open() as connection:
        there = await repository.codes(connection)
    usual: dict[str, Any] = {"applies_to": None, "member": None, "weight": 10, "severity": Severity.WARNING}
    return ReadyMadeList(
        items=[ReadyMadeRead(**usual | values, adopted=values["code"] in there) for values in READY_MADE]
    )


async def update_rule(unit: UnitOfWork, id: UUID, body: QualityRuleUpdate, *, if_match: object) -> Rendered:
    """Change a rule.

    Raises:
        NotFound: No such rule.
        PreconditionRequired: No version was given.
        VersionMismatch: The rule has changed since.
        InvalidPayload: An expression is none.
    """
    before = await unit.load(QUALITY_RULES, id, if_match=if_match)
    after = before.with_(**_told(body))
    await check_expressions(unit, expression=after.expression, applies_to=after.applies_to)
    return await unit.update(QUALITY_RULES, before, after, QualityRuleUpdated)


async def delete_rule(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a rule; it counts no more.

    Raises:
        NotFound: No such rule.
        PreconditionRequired: No version was given.
        VersionMismatch: The rule has changed since.
    """
    before = await unit.load(QUALITY_RULES, id, if_match=if_match)
    await unit.delete(QUALITY_RULES, before, QualityRuleDeleted)


async def check_expressions(unit: UnitOfWork, **texts: str | None) -> None:
    """Refuse expressions, by member of the body, that are none.

    Raises:
        InvalidPayload: With the place in each.
        MemberNotSeen: One reads what the caller may not see: scores would tell.
    """
    problems, readable, names = [], await fields(unit), set[str]()
    for name, text in texts.items():
        try:
            names |= check(text or "true", readable)
        except CelError as error:
            problems.append(FieldProblem(f"/{name}", error.code, error.words().into(unit.caller.language)))
    if problems:
        raise InvalidPayload(count=len(problems), errors=problems)
    refuse_asking(customers.RESOURCE, unit.caller, sorted(names))


async def _make_room(unit: UnitOfWork, number: int) -> None:
    # One at a time, so that the limit holds.
    await repository.one_at_a_time(unit.connection)
    if await repository.count(unit.connection) + number > MAX_RULES:
        raise TooManyQualityRules(limit=MAX_RULES)


def _told(body: BaseModel) -> dict[str, Any]:
    return {
        name: value.told() if isinstance(value, (Label, BilingualText)) else value
        for name, value in changes_of(body).items()
    }


def _no_such(unit: UnitOfWork, place: int) -> FieldProblem:
    return FieldProblem(f"/codes/{place}", "unknown_ready_made_rule", _NO_SUCH.into(unit.caller.language))
