"""Charts are read as what they are: XML with elements at places, and pictures with pixels."""

import struct
import zlib
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_platform.charts.bars import Range, histogram, tornado
from crm_platform.charts.frame import Frame
from crm_platform.charts.grid import Cell, heat, heat_map
from crm_platform.charts.lines import Mark, Series, line_chart
from crm_platform.charts.markup import fitted, width
from crm_platform.charts.png import png_of
from crm_platform.charts.scales import date_axis, number_axis

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = Frame(wide=120, high=130, left=10, right=10, top=20, bottom=10)


def chart(*series: Series, title: str = "S 曲线", marks: tuple[Mark, ...] = ()) -> ET.Element:
    axis = number_axis(0, 100)
    return read(line_chart(title, series, x=axis, y=axis, marks=marks, frame=PLAIN))


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - made here


def texts(root: ET.Element) -> list[str | None]:
    return [one.text for one in root.iter(f"{SVG}text")]


def size_and_ink(png: bytes) -> tuple[int, int, set[bytes]]:
    """Width, height and the colours of a PNG of 8-bit RGBA without filters but those it names."""
    wide, high, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    data, at = b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += 12 + length
    return wide, high, {zlib.decompress(data)}


def test_a_curve_goes_through_its_points() -> None:
    root = chart(Series(name="计划价值", points=[(0, 0), (50, 25), (100, 100)], dashed=True))

    (curve,) = root.iter(f"{SVG}polyline")
    assert curve.get("points") == "10.00,120.00 60.00,95.00 110.00,20.00"
    assert curve.get("stroke-dasharray") is not None


def test_a_single_point_is_a_dot_and_none_is_nothing() -> None:
    root = chart(Series(name="a", points=[(50, 50)]), Series(name="b", points=[]))

    (dot,) = root.iter(f"{SVG}circle")
    assert (dot.get("cx"), dot.get("cy")) == ("60", "70")
    assert list(root.iter(f"{SVG}polyline")) == []


@settings(max_examples=30)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_any_text_is_well_formed_and_is_no_markup(name: str) -> None:
    root = chart(Series(name="<script>&\"'", points=[(0, 0)]), title=name, marks=(Mark(name=name, x=1),))

    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        *("svg", "title", "rect", "text", "g", "line", "circle"),
    }
    assert root.get("viewBox") == "0 0 120 130"


def test_marks_stand_where_they_say() -> None:
    root = chart(marks=(Mark(name="截至", x=50), Mark(name="BAC", y=25)))

    dashed = [one for one in root.iter(f"{SVG}line") if one.get("stroke-dasharray") == "3 3"]
    assert [(one.get("x1"), one.get("x2")) for one in dashed] == [("60", "60"), ("10", "110")]
    assert dashed[1].get("y1") == "95"
    assert {"截至", "BAC"} <= set(texts(root))


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0, 33622.8, [0, 5000, 10000, 15000, 20000, 25000, 30000, 35000]),
        (-0.3, 0.42, [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (7, 7, [7, 7.2, 7.4, 7.6, 7.8, 8]),
    ],
)
def test_ticks_are_round_numbers_around_the_range(low: float, high: float, ticks: list[float]) -> None:
    axis = number_axis(low, high)

    assert [tick.value for tick in axis.ticks] == pytest.approx(ticks)
    assert (axis.low, axis.high) == pytest.approx((ticks[0], ticks[-1]))


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e12))
def test_an_axis_holds_its_range_with_few_ticks(low: float, span: float) -> None:
    axis = number_axis(low, low + span)

    blur = 1e-6 * span + 1e-12 * abs(low)
    assert axis.low <= low + blur
    assert axis.high >= low + span - blur
    assert 2 <= len(axis.ticks) <= 12


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2026-03-02", "2026-03-05", ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]),
        (
            "2026-03-04",
            "2026-04-15",
            ["2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30", "2026-04-06", "2026-04-13"],
        ),
        ("2025-11-15", "2026-08-01", ["2026-01-01", "2026-03-01", "2026-05-01", "2026-07-01"]),
    ],
)
def test_ticks_of_time_are_days_mondays_or_months(first: str, last: str, labels: list[str]) -> None:
    begin, end = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (first, last))

    assert [tick.label for tick in date_axis(begin, end).ticks] == labels


def test_bars_are_as_high_as_their_counts() -> None:
    x, y = number_axis(0, 100), number_axis(0, 100)
    svg = histogram("分布", [0, 20, 100], [50, 100], x=x, y=y, marks=[Mark(name="P80", x=50)], frame=PLAIN)

    bars = list(read(svg).iter(f"{SVG}rect"))[1:]
    assert [(bar.get("x"), bar.get("width"), bar.get("y"), bar.get("height")) for bar in bars] == [
        ("10", "19", "70", "50"),
        ("30", "79", "20", "100"),
    ]
    with pytest.raises(ValueError, match="zip"):
        histogram("分布", [0, 20], [50, 100], x=x, y=y)


def test_a_tornado_has_a_bar_on_either_side_of_its_centre() -> None:
    svg = tornado("龙卷风", [Range(name="甲", low=-10, high=30)], x=number_axis(-50, 50), names=("早", "晚"))

    under, over = list(read(svg).iter(f"{SVG}rect"))[1:]
    right = [float(bar.get("x", 0)) + float(bar.get("width", 0)) for bar in (under, over)]
    assert right[0] == pytest.approx(float(over.get("x", 0)))
    assert float(over.get("width", 0)) == pytest.approx(3 * float(under.get("width", 0)), abs=0.1)
    assert {"甲", "早", "晚"} <= set(texts(read(svg)))


def test_a_heat_map_has_its_cells_where_row_and_column_meet() -> None:
    svg = heat_map("热力图", ["低", "高"], [("很可能", [Cell(heat(0), "1"), Cell(heat(1), "9", "风险 <9>")])])

    root = read(svg)
    cells = list(root.iter(f"{SVG}rect"))[1:]
    assert [cell.get("fill") for cell in cells] == ["#f7fbf4", "#d7301f"]
    assert [one.text for one in cells[1]] == ["风险 <9>"]
    assert [one.get("fill") for one in root.iter(f"{SVG}text") if one.text in {"1", "9"}] == ["#222222", "#ffffff"]
    with pytest.raises(ValueError, match="zip"):
        heat_map("热力图", ["低", "高"], [("很可能", [Cell(heat(0))])])


@given(st.text(max_size=60), st.integers(20, 200))
def test_what_is_cut_fits(value: str, room: int) -> None:
    shown = fitted(value, room)

    assert width(shown) <= room
    assert shown == value or (shown.endswith("…") and value.startswith(shown[:-1]))


def test_chinese_is_drawn_with_the_font_of_the_package_at_any_size() -> None:
    svgs = [heat_map(title, [], []) for title in ("项目", "\U0010fffd\U0010fffd", "")]

    drawn = [size_and_ink(png_of(svg, zoom=zoom)) for svg in svgs for zoom in (1, 2)]
    assert [(wide, high) for wide, high, _ in drawn[:2]] == [(560, 112), (1120, 224)]
    assert len({str(ink) for _, _, ink in drawn}) == 6
