"""Bars: a histogram, and bars by rank from a centre (a tornado)."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_platform.charts.frame import MUTED, PALETTE, Frame, legend, page, x_axis, y_axis
from crm_platform.charts.lines import Mark
from crm_platform.charts.markup import element, fitted, text, width
from crm_platform.charts.scales import Axis

_ROW = 26
_NAMES = 220


def histogram(
    title: str,
    edges: Sequence[float],
    counts: Sequence[float],
    *,
    x: Axis,
    y: Axis,
    marks: Sequence[Mark] = (),
    description: str = "",
    frame: Frame | None = None,
) -> str:
    """Counts in classes.

    Args:
        title: Above it.
        edges: Of the classes, rising; one more than counts.
        counts: How many are in each class.
        x: The axis of what is counted.
        y: The axis of how many.
        marks: Upright lines, such as percentiles.
        description: For those who cannot see it.
        frame: Its size.

    Raises:
        ValueError: There is not one edge more than counts.
    """
    frame = frame or Frame(top=98)
    floor = frame.y[0]
    bars = []
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        left, right, top = x.at(low, *frame.x), x.at(high, *frame.x), y.at(count, *frame.y)
        bars.append(
            element("rect", x=left, y=top, width=max(right - left - 1, 0.5), height=floor - top, fill=PALETTE[5])
        )
    lines = [_upright(frame, x, mark, index) for index, mark in enumerate(marks) if mark.x is not None]
    return page(frame, title, [x_axis(frame, x), y_axis(frame, y), *bars, *lines], description=description)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A bar from one value to another."""

    name: str
    low: float
    high: float
    label: str = ""


def tornado(
    title: str,
    ranges: Sequence[Range],
    *,
    x: Axis,
    centre: float = 0,
    names: tuple[str, str] | None = None,
    description: str = "",
) -> str:
    """Bars one below the other, in the order given; in one colour under ``centre``, in another over it."""
    frame = Frame(high=150 + _ROW * len(ranges), left=_NAMES, right=84)
    rows = []
    for index, one in enumerate(ranges):
        y = frame.top + index * _ROW
        name = text(fitted(one.name, _NAMES - 24), _NAMES - 8, y + 17, anchor="end")
        ends = ((min(one.low, centre), min(one.high, centre), 0), (max(one.low, centre), max(one.high, centre), 2))
        bars = [
            element(
                "rect", x=x.at(a, *frame.x), y=y + 3, width=_span(frame, x, a, b), height=_ROW - 6, fill=PALETTE[colour]
            )
            for a, b, colour in ends
            if b > a
        ]
        label = text(one.label, x.at(max(one.low, one.high, centre), *frame.x) + 6, y + 17, size=11, fill=MUTED)
        rows.append(element("g", [name, *bars, label]))
    middle = x.at(centre, *frame.x)
    line = element("line", x1=middle, y1=frame.y[0], x2=middle, y2=frame.y[1], stroke=MUTED)
    key = [legend(frame, [(names[0], PALETTE[0], None), (names[1], PALETTE[2], None)])] if names else []
    return page(frame, title, [*key, x_axis(frame, x), *rows, line], description=description)


def _span(frame: Frame, x: Axis, low: float, high: float) -> float:
    return x.at(high, *frame.x) - x.at(low, *frame.x)


def _upright(frame: Frame, x: Axis, mark: Mark, index: int) -> str:
    """A line at a value, its name above the plot, every second one higher so that neighbours do not touch."""
    (low, high), at = frame.y, x.at(mark.x or 0, *frame.x)
    y = high - 8 - 15 * (index % 2)
    name = fitted(mark.name, 160, 11)
    half = width(name, 11) / 2
    place = min(max(at, half + 4), frame.wide - half - 4)
    line = element("line", x1=at, y1=low, x2=at, y2=y + 3, stroke=PALETTE[2], stroke_dasharray="4 3")
    return line + text(name, place, y, size=11, anchor="middle")
