"""What can be wrong with a plan."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from crm_platform.errors import Conflict

_SHOWN = 12


class PlanRefused(Conflict):
    """An edit contradicts the plan or itself; ``errors`` says where and why."""

    code = "plan_refused"
    title, title_zh = "Plan refused", "计划被拒绝"
    en = "The plan cannot be so in {count} place(s)."
    zh = "计划有 {count} 处不成立。"


class TaskCycle(Conflict):
    """Tasks that wait for each other, or are inside each other."""

    code = "task_cycle"
    title, title_zh = "Tasks in a circle", "任务循环依赖"
    en = "These tasks wait for each other, or are part of each other: {path}."
    zh = "以下任务相互等待或相互包含：{path}。"

    def __init__(self, *, tasks: Sequence[Mapping[str, str]], **values: Any) -> None:
        """``tasks`` are those around the circle, each with id and name; the first follows the last."""
        self._tasks = list(tasks)
        names = [task["name"] for task in tasks]
        shown = names if len(names) <= _SHOWN else [*names[: _SHOWN - 1], "…", names[-1]]
        super().__init__(path=" → ".join((*shown, names[0])), **values)

    def members(self, language: str) -> Mapping[str, Any]:  # noqa: ARG002
        """The tasks around the circle."""
        return {"tasks": self._tasks}


class ConstraintImpossible(Conflict):
    """Dates that a task must keep to, and cannot for what it waits for."""

    code = "constraint_impossible"
    title, title_zh = "Constraint cannot hold", "限制条件无法满足"
    en = "{constraint} of “{name}” cannot hold: {moment} is the earliest that is possible, because of {path}."
    zh = "“{name}”的限制条件 {constraint} 无法满足：由于 {path}，最早只能是 {moment}。"

    def __init__(self, *, conflicts: Sequence[Mapping[str, Any]], **values: Any) -> None:
        """``conflicts`` are all constraints that cannot hold, each with the tasks that push it."""
        self._conflicts = list(conflicts)
        super().__init__(**values)

    def members(self, language: str) -> Mapping[str, Any]:  # noqa: ARG002
        """All constraints that cannot hold."""
        return {"conflicts": self._conflicts}


class PlanOutOfCalendar(Conflict):
    """A plan reaches beyond the years that calendars know, or a task has no working time at all."""

    code = "plan_out_of_calendar"
    title, title_zh = "Plan leaves the calendar", "计划超出日历范围"
    en = "The plan needs working time that no calendar has: before 1950, after 2249, or none at all."
    zh = "计划所需的工作时间超出日历范围：早于 1950 年、晚于 2249 年，或根本没有工作时间。"


class PlanTooCostly(Conflict):
    """A plan costs more than amounts of money can say, with room for what is added to it; ``task_id`` reaches that."""

    code = "plan_too_costly"
    title, title_zh = "Plan costs too much", "计划成本过大"
    en = "The tasks up to “{task}” cost {most} or more, by their fixed costs and the rates of their resources."
    zh = "按固定成本和资源费率计算，至“{task}”为止的任务成本达到或超过 {most}。"

    def __init__(self, *, task_id: UUID, **values: Any) -> None:
        """``task_id`` is that of the task."""
        self.task_id = task_id
        super().__init__(**values)


UNRECKONABLE: Final = (PlanOutOfCalendar, PlanTooCostly)
"""Why there may be no schedule with costs of a plan: what was possible when it was edited has changed around it."""


class UnknownTask(Conflict):
    """The task that a record is about does not exist, not for this caller, or not in the project."""

    code = "unknown_task"
    title, title_zh = "Unknown task", "任务不存在"
    en = "There is no task with id {task_id}, or it is one of another project."
    zh = "任务 {task_id} 不存在，或属于其他项目。"
