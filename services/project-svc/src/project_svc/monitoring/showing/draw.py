"""The S-curves and the burn-down of a project, drawn."""

from datetime import datetime
from zoneinfo import ZoneInfo

from crm_platform.charts.lines import Mark, Series, line_chart
from crm_platform.charts.scales import date_axis, number_axis
from crm_platform.days import day_of
from crm_platform.words import Words
from project_svc.monitoring.schemas import CurvePointRead, CurvesRead

_PV, _EV, _AC = (
    Words("Planned value (PV)", "计划价值 (PV)"),
    Words("Earned value (EV)", "挣值 (EV)"),
    Words("Actual cost (AC)", "实际成本 (AC)"),
)
_PLANNED, _LEFT = Words("Left by the plan", "计划剩余工时"), Words("Left", "实际剩余工时")
_S_CURVE, _BURN_DOWN = Words("S-curve", "S 曲线"), Words("Burn-down", "燃尽图")
_AS_OF, _BUDGET, _HOURS = Words("as of", "截至"), Words("Budget (BAC)", "完工预算 (BAC)"), Words("hours", "小时")


def s_curve(name: str, curves: CurvesRead, language: str, zone: ZoneInfo) -> str:
    """Planned value, earned value and actual cost over time."""
    points = curves.points
    top = max((float(value) for one in points for value in (one.pv, one.ev, one.ac) if value is not None), default=0)
    low = min((float(one.ac) for one in points if one.ac is not None), default=0)
    return line_chart(
        f"{name} · {_S_CURVE.into(language)}",
        [
            Series(name=_PV.into(language), points=[(_x(one), float(one.pv)) for one in points], dashed=True),
            Series(name=_EV.into(language), points=[(_x(one), float(one.ev)) for one in points if one.ev is not None]),
            Series(name=_AC.into(language), points=[(_x(one), float(one.ac)) for one in points if one.ac is not None]),
        ],
        x=date_axis(points[0].at, points[-1].at),
        y=number_axis(min(low, 0), max(top, float(curves.bac)), curves.currency),
        marks=[_now(curves.as_of, language, zone), Mark(name=_BUDGET.into(language), y=float(curves.bac))],
    )


def burn_down(name: str, curves: CurvesRead, language: str, zone: ZoneInfo) -> str:
    """Work that is left over time, by the plan and as reported."""
    points = curves.points
    known = [one.work_remaining for one in points if one.work_remaining is not None]
    top = max((*known, *(one.work_planned for one in points)), default=0)
    left = [(_x(one), one.work_remaining) for one in points if one.work_remaining is not None]
    return line_chart(
        f"{name} · {_BURN_DOWN.into(language)}",
        [
            Series(name=_PLANNED.into(language), points=[(_x(one), one.work_planned) for one in points], dashed=True),
            Series(name=_LEFT.into(language), points=left),
        ],
        x=date_axis(points[0].at, points[-1].at),
        y=number_axis(0, top, _HOURS.into(language)),
        marks=[_now(curves.as_of, language, zone)],
    )


def _x(point: CurvePointRead) -> float:
    return point.at.timestamp()


def _now(as_of: datetime, language: str, zone: ZoneInfo) -> Mark:
    return Mark(name=f"{_AS_OF.into(language)} {day_of(as_of, zone).isoformat()}", x=as_of.timestamp())
