"""The simple values of a file: what is written for each, and what is wrong where it is not that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from crm_platform.words import Words
from project_svc.scheduling.calendars.worktime import EARLIEST, LATEST

MAX_MINUTES = 100_000_000
"""Of a duration, a lag or work: 190 years by the clock."""
MAX_AMOUNT = Decimal(10) ** 13
MAX_TEXT, MAX_NOTES = 500, 20_000
MAX_PROBLEMS = 100

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d{1,9})D)?(?:T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,9})(?:\.\d+)?S)?)?"
)
_SECONDS_A_MINUTE, _HALF_A_MINUTE = 60, 30
_HUNDREDTHS = Decimal(100)


class Problem(NamedTuple):
    """One thing wrong with a file: where (`Task 7/Duration`), and what."""

    place: str
    message: Words


class MspdiError(ValueError):
    """A file that cannot be read.

    Attributes:
        problems: What is wrong with it, at most :data:`MAX_PROBLEMS`.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{one.place}: {one.message.en}" for one in problems))


@dataclass(frozen=True, slots=True)
class Problems:
    """What has been found so far."""

    found: list[Problem] = field(default_factory=list)

    def add(self, place: str, message: Words) -> None:
        """Note one more.

        Raises:
            MspdiError: There are enough of them.
        """
        self.found.append(Problem(place, message))
        if len(self.found) >= MAX_PROBLEMS:
            self.refuse()

    def refuse(self) -> None:
        """End here if anything is wrong.

        Raises:
            MspdiError: With all that is.
        """
        if self.found:
            raise MspdiError(tuple(self.found))


@dataclass(frozen=True, slots=True)
class Fields:
    """The simple children of one element; each reader notes what is wrong and gives its default then."""

    place: str
    texts: Mapping[str, str]
    problems: Problems

    def text(self, name: str, *, limit: int = MAX_TEXT) -> str:
        """A text without white space around it; empty if it is not there."""
        found = self.texts.get(name, "").strip()
        if len(found) > limit:
            self.wrong(name, Words(f"has more than {limit} characters", f"超过 {limit} 个字符"))
            return ""
        return found

    def flag(self, name: str) -> bool:
        """Whether something is so; no if it is not there."""
        return self.texts.get(name, "").strip() in {"1", "true"}

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number of a range."""
        found = self.decimal(name, Decimal(default))
        if found == found.to_integral_value() and least <= found <= most:
            return int(found)
        self.wrong(name, Words(f"is no whole number from {least} to {most}", f"不是 {least} 到 {most} 之间的整数"))
        return default

    def decimal(self, name: str, default: Decimal = Decimal(0)) -> Decimal:
        """A number."""
        written = self.texts.get(name, "").strip()
        if not written:
            return default
        try:
            found = Decimal(written)
        except InvalidOperation:
            found = Decimal("NaN")
        if found.is_finite() and abs(found) < MAX_AMOUNT:
            return Decimal(f"{found.normalize():f}") if found else Decimal(0)
        self.wrong(name, Words("is no number that can be used", "不是可用的数字"))
        return default

    def amount(self, name: str) -> Decimal:
        """Money, which is written in hundredths of the currency's unit."""
        return self.decimal(name) / _HUNDREDTHS

    def moment(self, name: str) -> datetime | None:
        """Date and time by the project's clock, to the minute."""
        written = self.texts.get(name, "").strip()
        if written in {"", "NA"}:
            return None
        try:
            found = datetime.fromisoformat(written).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            self.wrong(name, Words("is no date and time such as 2026-05-01T08:00:00", "不是日期时间"))
            return None
        if EARLIEST <= found.date() <= LATEST:
            return found
        message = Words(f"is not between {EARLIEST} and {LATEST}", f"不在 {EARLIEST} 与 {LATEST} 之间")
        self.wrong(name, message)
        return None

    def clock(self, name: str) -> int | None:
        """A time of day, in minutes after midnight."""
        try:
            found = time.fromisoformat(self.texts.get(name, "").strip())
        except ValueError:
            self.wrong(name, Words("is no time of day such as 08:00:00", "不是时刻"))
            return None
        return found.hour * 60 + found.minute

    def minutes(self, name: str) -> int | None:
        """A duration, such as `PT8H0M0S`, in minutes; never negative."""
        written = self.texts.get(name, "").strip()
        if not written:
            return None
        found = _DURATION.fullmatch(written)
        if found is None or written in {"P", "PT", "-P", "-PT"}:
            self.wrong(name, Words("is no duration such as PT8H0M0S", "不是时长（如 PT8H0M0S）"))
            return None
        days, hours, minutes, seconds = (int(found[part] or 0) for part in ("days", "hours", "minutes", "seconds"))
        total = (days * 24 + hours) * 60 + minutes + (seconds + _HALF_A_MINUTE) // _SECONDS_A_MINUTE
        if total > MAX_MINUTES or (found["sign"] and total):
            self.wrong(name, Words(f"is not from 0 to {MAX_MINUTES} minutes", f"不在 0 到 {MAX_MINUTES} 分钟之间"))
            return None
        return total

    def wrong(self, name: str, message: Words) -> None:
        """Note what is wrong with a child."""
        self.problems.add(f"{self.place}/{name}", message)
