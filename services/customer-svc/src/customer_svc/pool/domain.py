"""When customers go back to the pool, and who owned them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm_platform.days import begin_of, day_of
from customer_svc.customers.domain import Customer
from customer_svc.pool_rules.domain import PoolRule


def day_by(rule: PoolRule, moment: datetime) -> date:
    """The day on which ``moment`` is, where the rule's people work."""
    return day_of(moment, ZoneInfo(rule.time_zone))


def rule_of(customer: Customer, rules: Iterable[PoolRule]) -> PoolRule | None:
    """The rule of the customer's team, or else that for everybody."""
    by_team = {rule.team_id: rule for rule in rules}
    return by_team.get(customer.team_id) or by_team.get(None)


def returns_before(rules: Iterable[PoolRule], now: datetime) -> datetime | None:
    """Since when a customer must have had its owner for any rule to return it at ``now``; None if none ever does."""
    return max((moment for rule in rules if (moment := _ends_before(rule, now)) is not None), default=None)


def _ends_before(rule: PoolRule, now: datetime) -> datetime | None:
    """Whoever was followed up last before this moment returns.

    The days without a follow-up are whole ones of the rule: neither that of the follow-up counts nor the present one.
    """
    if rule.return_after_days is None:
        return None
    return begin_of(day_by(rule, now) - timedelta(days=rule.return_after_days), ZoneInfo(rule.time_zone))


def is_due(customer: Customer, rule: PoolRule | None, last_contact: datetime | None, now: datetime) -> bool:
    """Whether a customer goes back to the pool.

    Args:
        customer: Whom it is about.
        rule: What holds for it.
        last_contact: When somebody last spoke with it, by the records; None for never.
        now: The present moment.
    """
    before = None if rule is None else _ends_before(rule, now)
    if customer.owner_id is None or rule is None or before is None:
        return False
    since = customer.owner_since or customer.created_at
    moments = [moment for moment in (since, last_contact) if moment is not None]
    followed_up = max(moments, default=now)
    return customer.status in rule.return_statuses and followed_up < before
