"""What stands in a Gantt chart, and where."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest

from crm_platform.charts.gantt import BASELINE, CRITICAL, PLAIN, TODAY, GanttLink, GanttNames, GanttRow, Shape, gantt
from crm_platform.charts.png import png_of

NAMES = GanttNames(task="任务", critical="关键任务", baseline="基线", done="已完成", today="今天")
SVG = "{http://www.w3.org/2000/svg}"


def _at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


ROWS = (
    GanttRow(key="s", name="实施", begin=_at(4), end=_at(15, 17), shape=Shape.SUMMARY),
    GanttRow(key="a", name="<需求> & 调研", begin=_at(4), end=_at(8, 17), level=1, critical=True, done=0.5),
    GanttRow(key="b", name="培训", begin=_at(11), end=_at(15, 17), level=1, before=(_at(8), _at(13, 17))),
    GanttRow(key="m", name="上线", begin=_at(15, 17), end=_at(15, 17), level=1, shape=Shape.MILESTONE),
)


def _drawn(*rows: GanttRow, **options: object) -> ET.Element:
    return ET.fromstring(gantt("计划", rows, NAMES, **options))  # type: ignore[arg-type] # noqa: S314 - made here


def _rects(svg: ET.Element, fill: str) -> list[tuple[float, float]]:
    """Left edge and width of the bars of a colour, those of the legend left out."""
    found = [one for one in svg.iter(f"{SVG}rect") if one.get("fill") == fill and one.get("width") != "22"]
    return [(float(one.get("x", "")), float(one.get("width", ""))) for one in found]


def test_bars_lie_in_their_time_and_below_them_what_was_planned() -> None:
    svg = _drawn(*ROWS)
    ((critical, critical_width),) = _rects(svg, CRITICAL)
    ((plain, plain_width),) = _rects(svg, PLAIN)
    ((planned, planned_width),) = _rects(svg, BASELINE)
    hour = critical_width / 105
    assert plain_width / hour == pytest.approx(105, abs=0.02)
    assert (plain - critical) / hour == pytest.approx(7 * 24, abs=0.05)
    assert ((plain - planned) / hour, planned_width / hour) == pytest.approx((3 * 24, 129), abs=0.05)


def test_half_done_is_half_as_long() -> None:
    svg = _drawn(*ROWS)
    bar = next(one for one in svg.iter(f"{SVG}g") if "<需求> & 调研" in (one.findtext(f"{SVG}title") or ""))
    whole, done = (float(one.get("width", "")) for one in bar.findall(f"{SVG}rect"))
    assert done == pytest.approx(whole / 2, abs=0.01)
    assert bar.findtext(f"{SVG}title") == "<需求> & 调研: 2026-05-04 08:00 – 2026-05-08 17:00"


def test_arrows_join_rows_that_are_there() -> None:
    links = (GanttLink("a", "b"), GanttLink("b", "m", to_end=True), GanttLink("a", "gone"))
    assert len(list(_drawn(*ROWS, links=links).iter(f"{SVG}polyline"))) == 2


def test_today_is_shown_if_it_is_in_the_picture() -> None:
    def lines(today: datetime) -> int:
        return sum(one.get("stroke") == TODAY for one in _drawn(*ROWS, today=today).iter(f"{SVG}line"))

    assert [lines(_at(10)), lines(datetime(2027, 1, 1, tzinfo=UTC))] == [1, 0]


def test_days_off_are_shaded() -> None:
    shaded = _rects(_drawn(*ROWS, days_off=[date(2026, 5, 9), date(2026, 5, 10), date(2030, 1, 1)]), "#e9e9ee")
    assert len(shaded) == 2
    assert shaded[1][0] == pytest.approx(shaded[0][0] + shaded[0][1], abs=0.02)


def test_it_is_a_picture() -> None:
    assert png_of(gantt("计划", ROWS, NAMES), zoom=1)[:8] == b"\x89PNG\r\n\x1a\n"


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="a chart needs a row"):
        gantt("计划", (), NAMES)
