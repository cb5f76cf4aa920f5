"""What charts have in common: title, axes with grid, legend, colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_platform.charts.markup import document, element, fitted, text, width
from crm_platform.charts.scales import Axis

PALETTE = ("#0072b2", "#009e73", "#d55e00", "#cc79a7", "#e69f00", "#56b4e9", "#595959")
"""Colours that colour-blind people can tell apart (Okabe and Ito, *Color universal design*, 2008)."""

GRID, INK, MUTED = "#e3e3e3", "#222222", "#6b6b6b"
_ROW = 18
_SWATCH = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The area of a chart, in pixels: the plot, and the margins around it."""

    wide: float = 860
    high: float = 440
    left: float = 84
    right: float = 24
    top: float = 90
    bottom: float = 58

    @property
    def x(self) -> tuple[float, float]:
        """The left and the right edge of the plot."""
        return self.left, self.wide - self.right

    @property
    def y(self) -> tuple[float, float]:
        """The lower and the upper edge of the plot."""
        return self.high - self.bottom, self.top


def page(frame: Frame, title: str, content: Sequence[str], *, description: str = "") -> str:
    """The document of a chart with its title."""
    head = text(fitted(title, frame.wide - 32, 17), 16, 28, size=17, font_weight="bold", fill=INK)
    return document([head, *content], wide=frame.wide, high=frame.high, title=title, description=description)


def legend(frame: Frame, entries: Sequence[tuple[str, str, str | None]]) -> str:
    """Names beside lines of their colour and dashes, in a row below the title."""
    parts, x = [], 16.0
    for name, colour, dashes in entries:
        shown = fitted(name, 180)
        if x + _SWATCH + width(shown) > frame.wide - 16:
            break
        parts.append(
            element("line", x1=x, y1=48, x2=x + 20, y2=48, stroke=colour, stroke_width=3, stroke_dasharray=dashes)
        )
        parts.append(text(shown, x + _SWATCH, 52, fill=INK))
        x += _SWATCH + width(shown) + 22
    return element("g", parts)


def x_axis(frame: Frame, axis: Axis) -> str:
    """The axis below the plot, with lines up from its ticks; labels that would touch are left out."""
    (left, right), (low, high) = frame.x, frame.y
    parts, free = [], float("-inf")
    for tick in axis.ticks:
        x = axis.at(tick.value, left, right)
        parts.append(element("line", x1=x, y1=low, x2=x, y2=high, stroke=GRID))
        half = width(tick.label, 11) / 2
        if x - half >= free and x + half <= frame.wide:
            parts.append(text(tick.label, x, low + _ROW, size=11, anchor="middle", fill=MUTED))
            free = x + half + 8
    parts.append(element("line", x1=left, y1=low, x2=right, y2=low, stroke=MUTED))
    parts.append(text(axis.label, (left + right) / 2, low + 2.4 * _ROW, anchor="middle", fill=MUTED))
    return element("g", parts)


def y_axis(frame: Frame, axis: Axis) -> str:
    """The axis left of the plot, with lines across from its ticks."""
    (left, right), (low, high) = frame.x, frame.y
    parts = []
    for tick in axis.ticks:
        y = axis.at(tick.value, low, high)
        parts.append(element("line", x1=left, y1=y, x2=right, y2=y, stroke=GRID))
        parts.append(text(tick.label, left - 8, y + 4, size=11, anchor="end", fill=MUTED))
    if axis.label:
        parts.append(text(axis.label, left - 8, high - 12, size=11, anchor="end", fill=MUTED))
    return element("g", parts)
