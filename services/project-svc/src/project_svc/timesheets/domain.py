"""Rules of timesheets."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from crm_contracts.execution.v1 import TimeEntry, TimesheetStatus
from crm_platform.aggregate import OwnedState
from crm_platform.errors import FieldProblem
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.timesheets.errors import NotYourTimesheet, OwnTimesheet, TimesheetEmpty

NOUN = Words("timesheet", "工时表")

LIFE_CYCLE: StateMachine[TimesheetStatus] = StateMachine(
    what=NOUN,
    initial=TimesheetStatus.DRAFT,
    transitions={
        (TimesheetStatus.DRAFT, "update"): TimesheetStatus.DRAFT,
        (TimesheetStatus.DRAFT, "submit"): TimesheetStatus.SUBMITTED,
        (TimesheetStatus.SUBMITTED, "approve"): TimesheetStatus.APPROVED,
        (TimesheetStatus.SUBMITTED, "reject"): TimesheetStatus.REJECTED,
        (TimesheetStatus.REJECTED, "update"): TimesheetStatus.DRAFT,
        (TimesheetStatus.REJECTED, "submit"): TimesheetStatus.SUBMITTED,
    },
)

DAY_MINUTES = 24 * 60
_WEEK = timedelta(7)

_MONDAY = Words("A week starts on a Monday.", "一周从星期一开始。")
_OUTSIDE = Words("The day is not in the week of the timesheet.", "日期不在该工时表所属的一周内。")
_TOO_LONG = Words("More than 24 hours on one day.", "一天的工时超过 24 小时。")
_TASK = Words("There is no such task, or it is a summary.", "任务不存在，或为摘要任务。")


class Timesheet(OwnedState):
    """What one person worked on in one week; it belongs to that person."""

    user_id: UUID
    week_starts_on: date
    status: TimesheetStatus = LIFE_CYCLE.initial
    entries: tuple[TimeEntry, ...] = ()
    minutes: int = 0
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None

    def filled(self, entries: tuple[TimeEntry, ...]) -> "Timesheet":
        """The timesheet with these entries.

        Raises:
            InvalidTransition: It waits for approval, or is approved.
        """
        status = LIFE_CYCLE.after(self.status, "update")
        return self.with_(status=status, entries=entries, minutes=sum(one.minutes for one in entries))

    def problems(self, tasks: Collection[UUID], language: str) -> list[FieldProblem]:
        """What is wrong with it, given the tasks that time can be spent on."""
        return [FieldProblem(f"/{place}", code, words.into(language)) for place, code, words in self._wrong(tasks)]

    def _wrong(self, tasks: Collection[UUID]) -> Iterator[tuple[str, str, Words]]:
        if self.week_starts_on.weekday():
            yield "week_starts_on", "not_a_monday", _MONDAY
        spent: Counter[date] = Counter()
        for place, entry in enumerate(self.entries):
            if not self.week_starts_on <= entry.day < self.week_starts_on + _WEEK:
                yield f"entries/{place}/day", "outside_of_the_week", _OUTSIDE
            if entry.task_id not in tasks:
                yield f"entries/{place}/task_id", "unknown_task", _TASK
            spent[entry.day] += entry.minutes
            if spent[entry.day] > DAY_MINUTES:
                yield f"entries/{place}/minutes", "more_than_a_day", _TOO_LONG

    def move(self, action: str, *, at: datetime, by: str) -> "Timesheet":
        """The timesheet after it was submitted, approved or rejected.

        Raises:
            TimesheetEmpty: There is nothing to submit.
            InvalidTransition: Not possible in the present state.
        """
        changes: dict[str, Any] = {"status": LIFE_CYCLE.after(self.status, action)}
        if action == "submit":
            if not self.entries:
                raise TimesheetEmpty
            return self.with_(**changes, submitted_at=at, decided_at=None, decided_by=None)
        return self.with_(**changes, decided_at=at, decided_by=by)

    def expect_of(self, user_id: UUID) -> None:
        """Refuse to let others change it.

        Raises:
            NotYourTimesheet: It is somebody else's.
        """
        if self.user_id != user_id:
            raise NotYourTimesheet

    def expect_not_of(self, user_id: UUID) -> None:
        """Refuse to let its author decide about it.

        Raises:
            OwnTimesheet: It is whoever decides whose time it is.
        """
        if self.user_id == user_id:
            raise OwnTimesheet
