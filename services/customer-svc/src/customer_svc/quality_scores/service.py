"""Keeps scores in step with customers and facts, one customer for all rules at a time.

The order is that of memberships in segments: work on a customer is done under the lock of its facts, and what it is
judged by is read behind that lock, so the last event leaves the score that a full evaluation would find.
"""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

import structlog

from crm_platform.cel import CelError, FieldMap, compile_program
from crm_platform.clock import utc_now
from crm_platform.reads import Reader
from crm_platform.reads.states import look_at as states_of
from crm_platform.uow import UnitOfWork
from customer_svc.customers import service as customers
from customer_svc.facts import service as facts
from customer_svc.quality_rules import service as quality_rules
from customer_svc.quality_scores import repository
from customer_svc.quality_scores.domain import Judge, assess, contact_figures
from customer_svc.quality_scores.repository import Keys
from customer_svc.segments import service as segments

_log = structlog.get_logger(__name__)

PORTION = 200
"""Customers that are looked at in one transaction."""

EXAMPLES = 20
"""Customers that a trial names."""

Values = dict[UUID, dict[str, Any]]


async def look_at(unit: UnitOfWork, customer_ids: Collection[UUID]) -> int:
    """Bring the scores of customers up to date; returns how many customers there are."""
    if not customer_ids:
        return 0
    ids = sorted(customer_ids)
    await facts.lock(unit, ids)
    judges, read = _judges(await quality_rules.enabled(unit), await quality_rules.fields(unit))
    if not judges:
        await repository.forget(unit.connection, ids)
        return 0
    values = await _values(unit, ids, read)
    keys = await _keys(unit, ids, values) if quality_rules.SHARED in read else {}
    now = utc_now()
    rows = [_row(id, found, keys.get(id, Keys()), judges, now) for id, found in values.items()]
    await repository.keep(unit.connection, rows, now)
    await repository.forget(unit.connection, [id for id in ids if id not in values])
    return len(rows)


async def evaluate_portion(unit: UnitOfWork, after: UUID) -> tuple[UUID | None, int]:
    """Look at the next portion of all customers.

    Returns:
        The last of them, or None where there are no more; and how many they were.
    """
    ids = await segments.following_customers(unit, after, PORTION)
    await look_at(unit, ids)
    return (ids[-1] if len(ids) == PORTION else None), len(ids)


async def look_again_portion(unit: UnitOfWork) -> tuple[bool, int]:
    """Look at a portion of the customers whose score may be another by time alone, or by what others have become.

    Returns:
        Whether there may be more, and how many they were.
    """
    marked = await repository.take_marked(unit.connection, PORTION)
    late = await repository.due(unit.connection, utc_now(), PORTION)
    await look_at(unit, marked.union(late))
    return max(len(marked), len(late)) == PORTION, len(marked.union(late))


async def try_portion(
    unit: UnitOfWork, expression: str, applies_to: str | None, after: UUID, *, examples: int
) -> tuple[UUID | None, dict[str, int], list[UUID]]:
    """Hold a rule against the next customers that the caller may see, without any effect.

    Returns:
        From where to go on (None at the end); how many it holds of, how many break it, and how many it is not about;
        and up to ``examples`` of those that break it.
    """
    ids = await segments.following_customers(unit, after, PORTION)
    seen = await states_of(unit.connection, customers.AGGREGATE, unit.caller, ids)
    judge, read = _judge(UUID(int=0), 1, expression, applies_to, await quality_rules.fields(unit))
    values = await _values(unit, list(seen), read)
    if quality_rules.SHARED in read:
        for id, keys in (await repository.keys(unit.connection, list(values))).items():
            values[id][quality_rules.SHARED] = keys.shared
    now = utc_now()
    concerned = {id: found for id, found in values.items() if judge.applies(found, now)}
    broken = [id for id, found in concerned.items() if not judge.expression.evaluate(found, now=now)]
    counts = {
        "holds": len(concerned) - len(broken),
        "broken": len(broken),
        "not_concerned": len(values) - len(concerned),
    }
    return (ids[-1] if len(ids) == PORTION else None), counts, broken[:examples]


async def quality_of(reader: Reader, customer_id: UUID) -> bytes:
    """The score of a customer and its reasons, as JSON in the caller's language.

    Raises:
        NotFound: There is no such customer, or the caller may not see it.
    """
    await reader.get(customers.view_for(reader.caller), customer_id, fields=("id",))
    return await reader.document(repository.OF_CUSTOMER, customer_id, reader.caller.language)


async def _values(unit: UnitOfWork, ids: list[UUID], read: AbstractSet[str]) -> Values:
    """What rules read of customers; what is sealed is opened only where one reads it."""
    values = await segments.values(unit, ids)
    if not read.isdisjoint(quality_rules.CONTACT_FIELDS):
        for id, state in (await states_of(unit.connection, customers.AGGREGATE, unit.caller, values)).items():
            values[id] |= contact_figures(state)
    return values


async def _keys(unit: UnitOfWork, ids: Sequence[UUID], values: Values) -> dict[UUID, Keys]:
    """What customers may share with others, put into their values; those others are marked where that has changed."""
    before = await repository.known_keys(unit.connection, ids)
    keys = await repository.keys(unit.connection, ids)
    changed: set[str] = set()
    for id in ids:
        changed.update(set(keys.get(id, Keys()).keys).symmetric_difference(before.get(id, ())))
    await repository.mark_sharers(unit.connection, changed, ids)
    for id, found in values.items():
        found[quality_rules.SHARED] = keys.get(id, Keys()).shared
    return keys


def _row(id: UUID, values: dict[str, Any], keys: Keys, judges: Sequence[Judge], now: Any) -> dict[str, Any]:
    score = assess(judges, values, now)
    return {
        "id": id,
        "score": score.score,
        "failed": score.failed,
        "keys": keys.keys,
        "look_again_at": score.look_again_at,
        **{name: values[name] for name in ("source", "owner_id", "team_id")},
    }


def _judges(rules: Sequence[quality_rules.QualityRule], readable: FieldMap) -> tuple[list[Judge], set[str]]:
    """The rules, ready to be used, and the fields that they read."""
    judges: list[Judge] = []
    read: set[str] = set()
    for rule in rules:
        try:
            judge, names = _judge(rule.id, rule.weight, rule.expression, rule.applies_to, readable)
        except CelError as error:
            # A field that it reads is gone. It counts no more until somebody changes it.
            _log.warning("quality_rule_cannot_be_evaluated", rule_id=str(rule.id), error=error.code)
            continue
        judges.append(judge)
        read |= names
    return judges, read


def _judge(
    rule_id: UUID, weight: int, expression: str, applies_to: str | None, readable: FieldMap
) -> tuple[Judge, frozenset[str]]:
    program = compile_program(expression, readable)
    if applies_to is None:
        return Judge(rule_id, weight, program, None), program.fields
    condition = compile_program(applies_to, readable)
    return Judge(rule_id, weight, program, condition), program.fields | condition.fields
