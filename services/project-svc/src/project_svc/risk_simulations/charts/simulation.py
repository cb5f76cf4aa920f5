"""What a simulation came to, as charts: histograms with percentiles, and tornados."""

from collections.abc import Sequence
from datetime import UTC, datetime

from crm_platform.charts.bars import Range, histogram, tornado
from crm_platform.charts.lines import Mark
from crm_platform.charts.scales import Axis, date_axis, number_axis
from crm_platform.words import Words
from project_svc.risk_simulations.schemas import Chart, MomentBin, MoneyBin, RiskSimulationDetails, TornadoBar

_PERCENTILES = (10, 50, 80, 90)
_LEAST_SHARE = 0.005
_TITLES = {
    Chart.FINISH: Words("When the plan ends", "完成时间分布"),
    Chart.COST: Words("What the plan costs", "成本分布"),
    Chart.FINISH_TORNADO: Words("What the finish depends on", "完成时间的影响因素"),
    Chart.COST_TORNADO: Words("What the cost depends on", "成本的影响因素"),
}
_DRAWS, _PLANNED = Words("draws", "次数"), Words("planned", "计划")
_ENDS = Words("least, or not struck", "最低或未发生"), Words("greatest, or struck", "最高或发生")


def chart_of(found: RiskSimulationDetails, chart: Chart, language: str) -> str:
    """The SVG of one chart of a simulation."""
    title = _TITLES[chart].into(language)
    match chart:
        case Chart.FINISH:
            finish = found.finish
            return _histogram(title, finish.histogram, _numbers(finish.curve), _number(finish.planned), language)
        case Chart.COST:
            cost = found.cost
            return _histogram(title, cost.histogram, _numbers(cost.curve), _number(cost.planned), language)
        case Chart.FINISH_TORNADO:
            return _tornado(title, found.finish_tornado, _number(found.finish.mean), language, timed=True)
        case Chart.COST_TORNADO:
            return _tornado(title, found.cost_tornado, _number(found.cost.mean), language, timed=False)


def _histogram(
    title: str, bars: Sequence[MomentBin] | Sequence[MoneyBin], curve: Sequence[float], planned: float, language: str
) -> str:
    edges = [*(_number(bar.begin) for bar in bars), _number(bars[-1].end)]
    marks = [Mark(name=f"P{percent}", x=curve[percent]) for percent in _PERCENTILES]
    marks.append(Mark(name=_PLANNED.into(language), x=planned))
    low, high = min(edges[0], planned), max(edges[-1], planned)
    return histogram(
        title,
        edges,
        [bar.count for bar in bars],
        x=_axis(low, high, timed=isinstance(bars[0], MomentBin)),
        y=number_axis(0, max(bar.count for bar in bars), _DRAWS.into(language)),
        marks=sorted(marks, key=lambda mark: mark.x or 0),
    )


def _tornado(title: str, bars: Sequence[TornadoBar], centre: float, language: str, *, timed: bool) -> str:
    ranges = [
        Range(name=bar.name, low=_number(bar.low), high=_number(bar.high), label=f"{100 * bar.share:.0f} %")
        for bar in bars
        if bar.share >= _LEAST_SHARE
    ]
    ends = [centre, *(one.low for one in ranges), *(one.high for one in ranges)]
    names = _ENDS[0].into(language), _ENDS[1].into(language)
    return tornado(title, ranges, x=_axis(min(ends), max(ends), timed=timed), centre=centre, names=names)


def _axis(low: float, high: float, *, timed: bool) -> Axis:
    if timed:
        return date_axis(datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(high, UTC), "UTC")
    return number_axis(low, high)


def _numbers(values: Sequence[datetime] | Sequence[str]) -> list[float]:
    return [_number(value) for value in values]


def _number(value: datetime | str) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)
