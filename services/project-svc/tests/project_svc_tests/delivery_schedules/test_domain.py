from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.delivery.v1 import DeliveryScheduleStatus, Frequency
from crm_platform.ids import new_id
from project_svc.delivery_schedules.domain import LAST_DAY, DeliverySchedule


def schedule(first: date, frequency: str = "months", interval: int = 1, **fields: Any) -> DeliverySchedule:
    given = {"lead_days": 14, "count": 12, **fields}
    return DeliverySchedule(
        id=new_id(),
        project_id=new_id(),
        name="月报",
        frequency=Frequency(frequency),
        interval=interval,
        first_due_on=first,
        **given,
    ).started()


@pytest.mark.parametrize(
    ("first", "frequency", "interval", "days"),
    [
        ("2026-01-31", "months", 1, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2024-02-29", "years", 1, ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28"]),
        ("2026-01-01", "weeks", 2, ["2026-01-01", "2026-01-15", "2026-01-29", "2026-02-12"]),
        ("2026-11-30", "months", 3, ["2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30"]),
        ("2026-12-31", "days", 1, ["2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03"]),
    ],
)
def test_when_deliveries_are_due(first: str, frequency: str, interval: int, days: list[str]) -> None:
    recurring = schedule(date.fromisoformat(first), frequency, interval)

    assert [str(recurring.due_on(number)) for number in (1, 2, 3, 4)] == days


def test_what_is_due_within_the_lead_is_planned_once() -> None:
    recurring = schedule(date(2026, 1, 31), count=3)

    assert recurring.coming(date(2026, 1, 16), limit=9) == []
    assert recurring.coming(date(2026, 1, 17), limit=9) == [(1, date(2026, 1, 31))]
    assert recurring.coming(date(2026, 3, 1), limit=1) == [(1, date(2026, 1, 31))]
    later = recurring.advanced(1)
    assert (later.made, later.next_due_on, later.status) == (1, date(2026, 2, 28), DeliveryScheduleStatus.ACTIVE)
    assert [number for number, _ in later.coming(date(2030, 1, 1), limit=9)] == [2, 3]
    last = later.advanced(2)
    assert (last.made, last.next_due_on, last.status) == (3, None, DeliveryScheduleStatus.ENDED)


@given(
    st.dates(date(1970, 1, 1), LAST_DAY),
    st.sampled_from(list(Frequency)),
    st.integers(1, 366),
    st.integers(0, 4000),
)
def test_the_next_is_later_within_the_calendar_and_never_behind_the_end(
    first: date, frequency: Frequency, interval: int, span: int
) -> None:
    until = min(first + timedelta(days=min(span, (LAST_DAY - first).days)), LAST_DAY)
    recurring = schedule(first, frequency.value, interval, count=None, until=until)

    days = [recurring.due_on(number) for number in range(1, 30)]
    found = [day for day in days if day is not None]
    assert found[0] == first
    assert found == sorted(set(found))
    assert all(day <= until for day in found)
    assert days[len(found) :] == [None] * (len(days) - len(found))
