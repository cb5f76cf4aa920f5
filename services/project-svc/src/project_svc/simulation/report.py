"""What a simulation came to, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.simulation.drivers import Bar
from project_svc.simulation.simulate import Distribution, Simulation

_MOST_BARS = 20
_DIGITS = 4


def report(found: Simulation, names: Mapping[str, str]) -> dict[str, Any]:
    """The results for people: moments as RFC 3339, money with cents, shares with four digits.

    Args:
        found: The results.
        names: Of tasks and risks, by id.
    """
    return {
        "finish": _distribution(found.finish, _moment) | {"deviation_minutes": round(found.finish.deviation)},
        "cost": _distribution(found.cost, _money) | {"deviation": _money(found.cost.deviation)},
        "tasks": [
            {
                "task_id": task,
                "name": names[task],
                "criticality": round(one.criticality, _DIGITS),
                "cruciality": round(one.cruciality, _DIGITS),
                "deadline_kept": found.deadlines.get(task),
            }
            for task, one in found.tasks.items()
        ],
        "finish_tornado": _bars(found.finish_tornado, names, _moment),
        "cost_tornado": _bars(found.cost_tornado, names, _money),
    }


def _distribution(one: Distribution, shown: Any) -> dict[str, Any]:
    return {
        "mean": shown(one.mean),
        "planned": shown(one.planned),
        "planned_confidence": round(one.planned_confidence, _DIGITS),
        "curve": [shown(value) for value in one.curve],
        "histogram": [{"begin": shown(bar.begin), "end": shown(bar.end), "count": bar.number} for bar in one.histogram],
    }


def _bars(bars: Sequence[Bar], names: Mapping[str, str], shown: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": bar.id,
            "kind": "risk" if bar.risk else "task",
            "name": names[bar.id],
            "correlation": round(bar.correlation, _DIGITS),
            "share": round(bar.share, _DIGITS),
            "low": shown(bar.low),
            "high": shown(bar.high),
        }
        for bar in bars[:_MOST_BARS]
    ]


def _moment(minutes: float) -> str:
    return datetime_of(round(minutes)).isoformat().replace("+00:00", "Z")


def _money(amount: float) -> str:
    return f"{amount:.2f}"
