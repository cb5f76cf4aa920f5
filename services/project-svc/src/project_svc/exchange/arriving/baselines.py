"""The baselines of a Microsoft Project file: the current one, number 0, and up to ten others."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_platform.words import Words
from project_svc.baselines.service import PLACES, BaselineTask, Brought
from project_svc.exchange.arriving.incoming import PREFIX
from project_svc.exchange.mspdi.document import FileBaseline, FileTask, ProjectFile

MOST_NUMBER: Final = 10
_NAME: Final = Words("Baseline", "比较基准")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """What becomes of a file's baselines.

    Attributes:
        brought: Those that can be kept, the current one last.
        undated: Of how many tasks they name no dates.
    """

    brought: tuple[Brought, ...]
    undated: int


def baselines_of(file: ProjectFile, ids: Mapping[int, UUID], *, zone: ZoneInfo, language: str) -> Arriving:
    """The baselines of a file, whose tasks are here by their ``ids``; those of summaries follow from their tasks."""
    parents = {task.parent for task in file.tasks}
    pairs = [(task, one) for task in file.tasks if task.uid not in parents for one in task.baselines]
    found: dict[int, dict[UUID, BaselineTask]] = {}
    undated = 0
    for task, one in pairs:
        kept = _kept(ids[task.uid], task, one, zone)
        if kept is None:
            undated += 1
        else:
            found.setdefault(one.number, {})[kept.task_id] = kept
    numbers = [number for number in (*range(1, MOST_NUMBER + 1), 0) if number in found]
    brought = tuple(
        Brought(f"{PREFIX}{number}", _name(number, language), tuple(found[number].values())) for number in numbers
    )
    return Arriving(brought=brought, undated=undated)


def _name(number: int, language: str) -> str:
    return f"{_NAME.into(language)} {number}" if number else _NAME.into(language)


def _kept(id: UUID, task: FileTask, one: FileBaseline, zone: ZoneInfo) -> BaselineTask | None:
    """What is kept of a task; None where the baseline does not say when it was to be."""
    if one.start is None or one.finish is None:
        return None
    cost = (one.cost or Decimal(0)).quantize(PLACES)
    return BaselineTask(
        task_id=id,
        name=task.name or f"Task {task.uid}",
        starts_at=one.start.replace(tzinfo=zone),
        finishes_at=one.finish.replace(tzinfo=zone),
        work=one.duration or 0,
        cost=cost,
        critical=False,
        fixed_cost=min(task.fixed_cost, cost),
        effort=one.work,
    )
