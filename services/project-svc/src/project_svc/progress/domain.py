"""Rules of progress reports."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from crm_platform.aggregate import OwnedState
from crm_platform.errors import FieldProblem
from crm_platform.words import Words

NOUN = Words("progress report", "进度报告")

DONE = 100

_FUTURE = Words("Progress is of the past.", "进度只能报告已发生的情况。")
_ORDER = Words("A task does not end before it begins.", "任务不能在开始之前结束。")
_UNSTARTED = Words("A task has begun when something of it is done.", "已有进展的任务必须填写实际开始时间。")
_NOT_DONE = Words("A task that has ended is 100 per cent complete.", "已结束的任务完成百分比必须为 100。")
_LEFT = Words("Nothing is left of a task that has ended.", "已结束的任务没有剩余工时。")


class ProgressReport(OwnedState):
    """How far a task was as of some time; ``remaining`` is minutes of working time."""

    project_id: UUID
    task_id: UUID
    as_of: datetime
    percent_complete: int
    actual_start: datetime | None = None
    actual_finish: datetime | None = None
    remaining: int | None = None
    note: str | None = None

    def problems(self, now: datetime, language: str) -> list[FieldProblem]:
        """What is wrong with it, by member."""
        return [FieldProblem(f"/{member}", code, words.into(language)) for member, code, words in self._wrong(now)]

    def _wrong(self, now: datetime) -> Iterator[tuple[str, str, Words]]:
        if self.as_of > now:
            yield "as_of", "in_the_future", _FUTURE
        for member in ("actual_start", "actual_finish"):
            at: datetime | None = getattr(self, member)
            if at is not None and at > self.as_of:
                yield member, "after_the_report", _FUTURE
        if self.actual_start is None and (self.percent_complete or self.actual_finish is not None):
            yield "actual_start", "not_started", _UNSTARTED
        if self.actual_finish is None:
            return
        if self.actual_start is not None and self.actual_finish < self.actual_start:
            yield "actual_finish", "before_the_start", _ORDER
        if self.percent_complete != DONE:
            yield "percent_complete", "not_complete", _NOT_DONE
        if self.remaining:
            yield "remaining", "nothing_left", _LEFT
