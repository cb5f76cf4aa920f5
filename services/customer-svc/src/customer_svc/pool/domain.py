"""When customers go back to the pool, and who owned them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from customer_svc.customers.domain import Customer
from customer_svc.pool_rules.domain import PoolRule


def day_of(moment: datetime, rule: PoolRule) -> date:
    """The day on which ``moment`` is, where the rule's people work."""
    return moment.astimezone(ZoneInfo(rule.time_zone)).date()


def rule_of(customer: Customer, rules: Iterable[PoolRule]) -> PoolRule | None:
    """The rule of the customer's team, or else that for everybody."""
    by_team = {rule.team_id: rule for rule in rules}
    return by_team.get(customer.team_id) or by_team.get(None)


def returns_before(rules: Iterable[PoolRule], now: datetime) -> datetime | None:
    """Since when a customer must have had its owner for any rule to return it at ``now``; None if none ever does."""
    days = [rule.return_after_days for rule in rules if rule.return_after_days is not None]
    return now - timedelta(days=min(days)) if days else None


def is_due(customer: Customer, rule: PoolRule | None, last_contact: datetime | None, now: datetime) -> bool:
    """Whether a customer goes back to the pool.

    Args:
        customer: Whom it is about.
        rule: What holds for it.
        last_contact: When somebody last spoke with it, by the records; None for never.
        now: The present moment.
    """
    if customer.owner_id is None or rule is None or rule.return_after_days is None:
        return False
    since = customer.owner_since or customer.created_at
    moments = [moment for moment in (since, last_contact) if moment is not None]
    followed_up = max(moments, default=now)
    return customer.status in rule.return_statuses and followed_up < now - timedelta(days=rule.return_after_days)
