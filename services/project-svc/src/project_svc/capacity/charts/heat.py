"""The heat map of capacity: people or skills over weeks or months."""

from typing import Final

from crm_platform.charts.grid import HEAT, Cell, heat_map
from crm_platform.words import Words
from project_svc.capacity.domain import Unit
from project_svc.capacity.schemas import Axis, CapacityRead, CellRead, RowRead

_MOST_ROWS: Final = 60
_NOTHING: Final = "#f2f2f2"
_STEPS: Final = ((0.5, HEAT[1]), (0.85, HEAT[2]), (1.0, HEAT[3]))
_TITLE = Words("Capacity: hours needed / hours there are", "资源负荷：所需工时 / 可用工时")
_OVER = Words("{people} people overloaded, {hours} h too much", "{people} 人超负荷，共超出 {hours} 小时")
_FIRST = Words("the {rows} with the most overload", "超负荷最多的 {rows} 行")
_NOBODY: Final = {
    Axis.SKILL: Words("without skills", "未注明技能"),
    Axis.TEAM: Words("without a team", "未分配团队"),
}
_UNKNOWN = Words("unknown team", "未知团队")
_HINT = Words(
    "{name}, {period}: {demand} of {capacity} h needed, {booked} h booked",
    "{name}，{period}：需 {demand}/{capacity} 小时，已登记 {booked} 小时",
)
_WEEK, _MONTH = Words("weeks, by their Mondays", "周（周一日期）"), Words("months", "月份")


def drawn(found: CapacityRead, language: str) -> str:
    """The heat map as SVG; of more rows than fit, those with the most overload."""
    rows = sorted(found.rows, key=lambda row: -sum(cell.over for cell in row.cells))[:_MOST_ROWS]
    names = [one.starts_on.strftime("%m-%d" if found.unit is Unit.WEEK else "%Y-%m") for one in found.periods]
    title = f"{_TITLE.into(language)} · {_over(found, language)}"
    if len(rows) < len(found.rows):
        title += f" · {_FIRST.into(language).format(rows=len(rows))}"
    return heat_map(
        title,
        names,
        [
            (_name(found, row, language), [_cell(found, row, place, language) for place in range(len(names))])
            for row in rows
        ],
        x_label=(_WEEK if found.unit is Unit.WEEK else _MONTH).into(language),
        cell_width=72,
        description=title,
    )


def _over(found: CapacityRead, language: str) -> str:
    return _OVER.into(language).format(people=found.people_over, hours=_number(found.hours_over))


def _name(found: CapacityRead, row: RowRead, language: str) -> str:
    if row.name is not None:
        return row.name
    return (_UNKNOWN if row.team_id is not None else _NOBODY[found.by]).into(language)


def _cell(found: CapacityRead, row: RowRead, place: int, language: str) -> Cell:
    cell, period = row.cells[place], found.periods[place]
    hint = _HINT.into(language).format(
        name=_name(found, row, language),
        period=f"{period.starts_on} – {period.ends_on}",
        demand=_number(cell.demand),
        capacity=_number(cell.capacity),
        booked="–" if cell.booked is None else _number(cell.booked),
    )
    return Cell(_colour(cell), f"{_number(cell.demand)}/{_number(cell.capacity)}", hint)


def _colour(cell: CellRead) -> str:
    if cell.over:
        return HEAT[-1]
    if not cell.demand:
        return HEAT[0] if cell.capacity else _NOTHING
    share = cell.demand / cell.capacity
    return next(colour for limit, colour in _STEPS if share <= limit)


def _number(hours: float) -> str:
    return f"{hours:.1f}".removesuffix(".0")
