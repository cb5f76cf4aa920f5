"""Curves: values over time or over other numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_platform.charts.frame import INK, MUTED, PALETTE, Frame, legend, page, x_axis, y_axis
from crm_platform.charts.markup import element, fitted, text, width
from crm_platform.charts.scales import Axis

_DASHES = "7 5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A curve.

    Attributes:
        name: For the legend.
        points: Pairs of x and y, x rising.
        dashed: For what is planned or forecast.
        colour: None for the next of the palette.
    """

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False
    colour: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line across the plot: upright at ``x`` or level at ``y``, whichever is given."""

    name: str
    x: float | None = None
    y: float | None = None


def line_chart(
    title: str,
    series: Sequence[Series],
    *,
    x: Axis,
    y: Axis,
    marks: Sequence[Mark] = (),
    description: str = "",
    frame: Frame | None = None,
) -> str:
    """Curves in one plot; a curve without a point is in the legend alone."""
    frame = frame or Frame()
    coloured = [(one, one.colour or PALETTE[index % len(PALETTE)]) for index, one in enumerate(series)]
    names = [(one.name, colour, _DASHES if one.dashed else None) for one, colour in coloured]
    content = [legend(frame, names), x_axis(frame, x), y_axis(frame, y)]
    content += [_mark(frame, x, y, mark) for mark in marks]
    content += [_curve(frame, x, y, one, colour) for one, colour in coloured if one.points]
    return page(frame, title, content, description=description)


def _curve(frame: Frame, x: Axis, y: Axis, series: Series, colour: str) -> str:
    pixels = [(x.at(a, *frame.x), y.at(b, *frame.y)) for a, b in series.points]
    dashes = _DASHES if series.dashed else None
    if len(pixels) == 1:
        return element("circle", cx=pixels[0][0], cy=pixels[0][1], r=4, fill=colour)
    points = " ".join(f"{a:.2f},{b:.2f}" for a, b in pixels)
    return element(
        "polyline",
        points=points,
        fill="none",
        stroke=colour,
        stroke_width=2.5,
        stroke_linejoin="round",
        stroke_dasharray=dashes,
    )


def _mark(frame: Frame, x: Axis, y: Axis, mark: Mark) -> str:
    (left, right), (low, high) = frame.x, frame.y
    if mark.x is not None:
        at = x.at(mark.x, left, right)
        line = element("line", x1=at, y1=low, x2=at, y2=high - 4, stroke=INK, stroke_dasharray="3 3")
        name = fitted(mark.name, 200, 11)
        near_end = at + width(name, 11) / 2 > frame.wide - 8
        return line + text(name, at, high - 8, size=11, anchor="end" if near_end else "middle", fill=INK)
    at = y.at(mark.y or 0, low, high)
    line = element("line", x1=left, y1=at, x2=right, y2=at, stroke=MUTED, stroke_dasharray="3 3")
    return line + text(fitted(mark.name, 200, 11), right - 4, at - 5, size=11, anchor="end", fill=MUTED)
