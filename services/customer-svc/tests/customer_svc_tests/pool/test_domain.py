from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.customer.v1 import CustomerStatus
from customer_svc.customers.domain import Customer
from customer_svc.pool.domain import day_by, is_due, returns_before, rule_of
from customer_svc.pool_rules.domain import PoolRule

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
OWNER = uuid4()


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def owned(since: datetime, status: CustomerStatus = CustomerStatus.PROSPECT, team: UUID | None = None) -> Customer:
    customer = Customer(id=uuid4(), name="甲", status=status, created_at=days_ago(100))
    return customer.owned_by(OWNER, team, at=since)


def rule(days: int | None, team: UUID | None = None, *statuses: CustomerStatus) -> PoolRule:
    return PoolRule(
        id=uuid4(), team_id=team, return_after_days=days, return_statuses=statuses or (CustomerStatus.PROSPECT,)
    )


@pytest.mark.parametrize(
    ("since", "last_contact", "due"),
    [(31, None, True), (30, None, False), (29, None, False), (31, 1, False), (31, 31, True), (1, 90, False)],
)
def test_a_customer_returns_when_the_days_since_claim_and_contact_are_over(
    since: float, last_contact: float | None, due: bool
) -> None:
    contact = None if last_contact is None else days_ago(last_contact)

    assert is_due(owned(days_ago(since)), rule(30), contact, NOW) is due


def test_what_no_rule_speaks_of_stays() -> None:
    old = owned(days_ago(99))

    assert is_due(old, rule(30), None, NOW)
    assert not is_due(old, None, None, NOW)
    assert not is_due(old, rule(None), None, NOW)
    assert not is_due(old, rule(30, None, CustomerStatus.DORMANT), None, NOW)
    assert not is_due(old.owned_by(None, None, at=NOW), rule(30), None, NOW)
    assert is_due(old.with_(owner_since=None), rule(30), None, NOW)  # entered 100 days ago, before this was kept


@given(st.lists(st.none() | st.integers(1, 3650)), st.floats(0, 4000), st.none() | st.floats(0, 4000))
def test_whoever_is_due_by_any_rule_is_among_those_that_are_looked_at(
    days: list[int | None], since: float, last_contact: float | None
) -> None:
    rules = [rule(one, uuid4()) for one in days]
    customer = owned(days_ago(since))
    contact = None if last_contact is None else days_ago(last_contact)
    moment = returns_before(rules, NOW)

    if any(is_due(customer, one, contact, NOW) for one in rules):
        assert moment is not None
        assert customer.owner_since is not None
        assert customer.owner_since < moment


def test_a_team_s_own_rule_comes_before_that_for_everybody() -> None:
    team = uuid4()
    mine, everybody = rule(1, team), rule(2)

    assert rule_of(owned(NOW, team=team), [everybody, mine]) is mine
    assert rule_of(owned(NOW, team=uuid4()), [everybody, mine]) is everybody
    assert rule_of(owned(NOW), [mine]) is None


def test_a_day_begins_where_people_work() -> None:
    late = datetime(2026, 3, 31, 17, tzinfo=UTC)

    assert day_by(rule(None).with_(time_zone="Asia/Shanghai"), late).isoformat() == "2026-04-01"
    assert day_by(rule(None).with_(time_zone="America/New_York"), late).isoformat() == "2026-03-31"


@pytest.mark.parametrize(
    ("zone", "followed_up", "now"),
    [
        ("UTC", "2026-03-01T10:00", "2026-03-09T00:00"),
        ("Asia/Shanghai", "2026-03-01T15:59", "2026-03-08T16:00"),
        ("Asia/Shanghai", "2026-03-01T16:00", "2026-03-09T16:00"),
        ("America/New_York", "2026-03-01T05:00", "2026-03-09T04:00"),  # clocks went on at 02:00 on the 8th
        ("America/New_York", "2026-03-01T04:59", "2026-03-08T05:00"),
    ],
)
def test_a_customer_returns_when_whole_days_have_passed(zone: str, followed_up: str, now: str) -> None:
    weekly = rule(7).with_(time_zone=zone)
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    customer = owned(datetime.fromisoformat(followed_up).replace(tzinfo=UTC))

    assert is_due(customer, weekly, None, moment)
    assert not is_due(customer, weekly, None, moment - timedelta(microseconds=1))
