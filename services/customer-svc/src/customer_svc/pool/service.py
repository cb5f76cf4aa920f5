"""Use cases of the pool: claim, release, return."""

from datetime import timedelta
from uuid import UUID

from crm_contracts.customer.v1 import CustomerClaimed, CustomerReleased
from crm_platform.companies import today_of
from crm_platform.errors import NotFound
from crm_platform.reads import Reader, Rendered
from crm_platform.reads.field_access import refuse_asking
from crm_platform.uow import UnitOfWork
from customer_svc.communications import service as communications
from customer_svc.customers import service as customers
from customer_svc.customers.domain import NOUN, Customer
from customer_svc.pool import repository
from customer_svc.pool.domain import day_by, is_due, returns_before, rule_of
from customer_svc.pool.errors import AlreadyClaimed, AlreadyInPool, OnlyPeopleClaim, TooManyClaims, TooManyOwned
from customer_svc.pool_rules import service as pool_rules
from customer_svc.pool_rules.domain import PoolRule

PORTION = 200
"""Customers that one step looks at."""

REMEMBERED = timedelta(days=7)
"""How long the counts of a day's claims are kept."""


async def claim_customer(unit: UnitOfWork, id: UUID) -> Rendered:
    """Take a customer out of the pool; it belongs to the caller and the caller's own team from now on.

    Raises:
        OnlyPeopleClaim: The caller is a machine.
        NotFound: No such customer, or it was never in the pool and is not visible.
        AlreadyClaimed: It is not in the pool, or not any more.
        TooManyClaims: The caller's claims of the day are used up.
        TooManyOwned: The caller owns as many customers as the rule allows.
    """
    caller = unit.caller
    if caller.kind != "user":
        raise OnlyPeopleClaim
    customer = await _in_pool(unit, id)
    await _keep_limits(unit, await pool_rules.rule_for(unit, caller.team_id))
    return await customers.change_owner(unit, customer, (caller.id, caller.team_id), CustomerClaimed, reason=None)


async def release_customer(unit: UnitOfWork, id: UUID, reason: str, *, if_match: object) -> Rendered:
    """Give a customer back to the pool.

    Raises:
        NotFound: No such customer, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The customer has changed since.
        AlreadyInPool: Nobody owns it.
    """
    before = await customers.load_customer(unit, id, if_match=if_match, unowned=AlreadyInPool)
    return await customers.change_owner(unit, before, (None, None), CustomerReleased, reason=reason)


async def owners(reader: Reader, id: UUID) -> bytes:
    """To whom a customer has belonged, as JSON.

    Raises:
        NotFound: No such customer, or not visible.
        MemberNotSeen: The caller may not see who owns customers.
    """
    view = customers.view_for(reader.caller)
    await reader.get(view, id, fields=("id",))
    refuse_asking(view, reader.caller, ("owner_id", "team_id"))
    return await reader.document(repository.OWNERS, id)


async def return_portion(unit: UnitOfWork, after: UUID) -> tuple[UUID | None, int]:
    """Put the next customers whom nobody has followed up back into the pool.

    Returns:
        From where to go on (None at the end), and how many have returned.
    """
    rules = await pool_rules.all_rules(unit)
    moment = returns_before(rules, unit.now)
    if moment is None:
        return None, 0
    statuses = {status.value for rule in rules for status in rule.return_statuses}
    ids = await customers.owned_since_before(unit, moment, statuses, after=after, limit=PORTION)
    # Locked first: a communication that is being recorded waits, or is there to be seen.
    found = await customers.find_customers(unit, ids)
    contacts = await communications.last_contacts(unit, list(found))
    by_days: dict[int, list[Customer]] = {}
    for customer in found.values():
        rule = rule_of(customer, rules)
        if rule is not None and is_due(customer, rule, contacts.get(customer.id), unit.now):
            by_days.setdefault(rule.return_after_days or 0, []).append(customer)
    for days, due in by_days.items():
        await customers.return_to_pool(unit, due, reason=f"no follow-up for {days} days")
    return (ids[-1] if len(ids) == PORTION else None), sum(map(len, by_days.values()))


async def forget_claims(unit: UnitOfWork) -> None:
    """Remove the counts of days long past."""
    await repository.forget_claims(unit.connection, await today_of(unit) - REMEMBERED)


async def _in_pool(unit: UnitOfWork, id: UUID) -> Customer:
    customer = await customers.find_customer(unit, id)
    if customer is not None and customer.in_pool:
        return customer
    if customer is not None or await repository.was_in_pool(unit.connection, id):
        raise AlreadyClaimed(id=id)
    raise NotFound(what=NOUN, id=id)


async def _keep_limits(unit: UnitOfWork, rule: PoolRule) -> None:
    day = day_by(rule, unit.now)
    claims = await repository.count_claim(unit.connection, unit.caller.id, day)
    if rule.max_claims_per_day is not None and claims > rule.max_claims_per_day:
        raise TooManyClaims(limit=rule.max_claims_per_day, day=day.isoformat(), time_zone=rule.time_zone)
    if rule.max_owned is None:
        return
    owned = await customers.count_owned(unit, unit.caller.id)
    if owned >= rule.max_owned:
        raise TooManyOwned(owned=owned, limit=rule.max_owned)
