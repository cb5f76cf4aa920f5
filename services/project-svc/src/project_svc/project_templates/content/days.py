"""Days and moments of a project as distances from its first day, and back."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.worktime import EARLIEST, LATEST, OutOfCalendarError

_FIRST_STRETCH = 400
_MINUTE = timedelta(minutes=1)


class Distance(NamedTuple):
    """How far a day is from the start: by the calendar on the wall, or in working days.

    Attributes:
        days: Negative before the start. Of working days, 0 is the first one from the start on.
        working: Which of both.
    """

    days: int
    working: bool


class Days:
    """Counts from the first day of one project, by the calendar of its plan."""

    def __init__(self, starts_on: date, rules: Rules) -> None:
        """``rules`` say which days are worked, and in which time zone days begin."""
        self._start, self._rules, self._zone = starts_on, rules, ZoneInfo(rules.zone)
        self._back: list[date] = []
        self._forth: list[date] = []
        self._first, self._after = starts_on, starts_on
        """What is known: the working days from the one to before the other."""

    def day(self, distance: Distance) -> date:
        """The day so far from the start.

        Raises:
            OutOfCalendarError: No calendar reaches it.
        """
        days, working = distance
        if not working:
            return self._start + timedelta(days)
        while len(self._forth) <= days:
            self._reach_forth()
        while len(self._back) < -days:
            self._reach_back()
        return self._forth[days] if days >= 0 else self._back[-days - 1]

    def plain_distance(self, day: date) -> Distance:
        """How far a day is by the calendar on the wall: for what happens after the work, such as a review in a year."""
        return Distance((day - self._start).days, False)

    def distance(self, day: date) -> Distance:
        """How far a day is: in working days where it is one, so that it is one of another project too."""
        while self._after <= day < LATEST:
            self._reach_forth()
        while EARLIEST <= day < self._first:
            self._reach_back()
        if day >= self._start:
            place = bisect_left(self._forth, day)
            found = place < len(self._forth) and self._forth[place] == day
            return Distance(place, True) if found else self.plain_distance(day)
        place = bisect_left(self._back, -day.toordinal(), key=lambda one: -one.toordinal())
        found = place < len(self._back) and self._back[place] == day
        return Distance(-place - 1, True) if found else self.plain_distance(day)

    def moment(self, distance: Distance, minutes: int) -> datetime:
        """The moment so many minutes after the midnight with which a day begins; raises what :meth:`day` raises."""
        return self._midnight(self.day(distance)) + minutes * _MINUTE

    def distance_of(self, when: datetime) -> tuple[Distance, int]:
        """How far the day of a moment is, and how many minutes of it have gone; :meth:`moment` gives just that back."""
        day = when.astimezone(self._zone).date()
        while when < (midnight := self._midnight(day)):
            day -= timedelta(1)
        return self.distance(day), (when - midnight) // _MINUTE

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self._zone).astimezone(UTC)

    def _reach_forth(self) -> None:
        first, length = self._after, max(_FIRST_STRETCH, (self._after - self._start).days)
        if first >= LATEST:
            raise OutOfCalendarError(f"there are not so many working days before {LATEST}")
        self._after = min(first + timedelta(length), LATEST)
        self._forth += self._rules.working_days(first, self._after - timedelta(1))

    def _reach_back(self) -> None:
        after, length = self._first, max(_FIRST_STRETCH, (self._start - self._first).days)
        if after <= EARLIEST:
            raise OutOfCalendarError(f"there are not so many working days after {EARLIEST}")
        self._first = max(after - timedelta(length), EARLIEST)
        self._back += reversed(self._rules.working_days(self._first, after - timedelta(1)))
