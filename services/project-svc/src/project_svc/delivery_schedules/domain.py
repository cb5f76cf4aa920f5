"""A schedule of deliveries: when each is due."""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from crm_contracts.delivery.v1 import DeliveryScheduleStatus, Frequency
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("schedule of deliveries", "交付计划")

LIFE_CYCLE: StateMachine[DeliveryScheduleStatus] = StateMachine(
    what=NOUN,
    initial=DeliveryScheduleStatus.ACTIVE,
    transitions={(DeliveryScheduleStatus.ACTIVE, "end"): DeliveryScheduleStatus.ENDED},
)

LAST_DAY = date(2199, 12, 31)
"""Behind it nothing is planned, as with every day that this API takes."""

_MONTHS: Mapping[Frequency, int] = {Frequency.MONTHS: 1, Frequency.YEARS: 12}
_DAYS: Mapping[Frequency, int] = {Frequency.DAYS: 1, Frequency.WEEKS: 7}


class DeliverySchedule(OwnedState):
    """Deliveries of one project that are alike, each due some time after the other."""

    project_id: UUID
    name: str
    acceptance_criteria: tuple[str, ...] = ()
    frequency: Frequency
    interval: int
    first_due_on: date
    count: int | None = None
    until: date | None = None
    lead_days: int
    status: DeliveryScheduleStatus = LIFE_CYCLE.initial
    made: int = 0
    next_due_on: date | None = None

    def started(self) -> "DeliverySchedule":
        """The schedule with its first delivery to come."""
        return self.with_(next_due_on=self.due_on(1))

    def due_on(self, occurrence: int) -> date | None:
        """When a delivery is due, counted from 1; None where the schedule has ended before.

        Months and years count from the first day, so that the 31st comes back after a shorter month (RFC 5545 leaves
        such months out; a customer who waits for a monthly report does not).
        """
        if self.count is not None and occurrence > self.count:
            return None
        steps = (occurrence - 1) * self.interval
        day = _after(self.first_due_on, self.frequency, steps)
        return None if day is None or day > (self.until or LAST_DAY) else day

    def coming(self, today: date, *, limit: int) -> list[tuple[int, date]]:
        """The deliveries that are to be planned now: number and due date, those behind the lead left for later."""
        horizon = today + timedelta(days=self.lead_days)
        found: list[tuple[int, date]] = []
        while len(found) < limit:
            number = self.made + len(found) + 1
            day = self.due_on(number)
            if day is None or day > horizon:
                break
            found.append((number, day))
        return found

    def advanced(self, number: int) -> "DeliverySchedule":
        """The schedule after so many deliveries more were planned; with the last one it has ended."""
        made = self.made + number
        following = self.due_on(made + 1)
        status = self.status if following else LIFE_CYCLE.after(self.status, "end")
        return self.with_(made=made, next_due_on=following, status=status)

    def ended(self) -> "DeliverySchedule":
        """The schedule as it plans nothing any more.

        Raises:
            InvalidTransition: It has ended already.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "end"), next_due_on=None)


def _after(first: date, frequency: Frequency, steps: int) -> date | None:
    """The day so many days, weeks, months or years after the first; None behind the end of time."""
    if frequency in _DAYS:
        days = steps * _DAYS[frequency]
        return first + timedelta(days=days) if days <= (LAST_DAY - first).days else None
    months = first.month - 1 + steps * _MONTHS[frequency]
    year, month = first.year + months // 12, months % 12 + 1
    if year > LAST_DAY.year:
        return None
    return date(year, month, min(first.day, calendar.monthrange(year, month)[1]))
