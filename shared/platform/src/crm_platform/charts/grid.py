"""Heat maps: cells of colour in rows and columns."""

from collections.abc import Sequence
from typing import NamedTuple

from crm_platform.charts.frame import INK, Frame, page
from crm_platform.charts.markup import element, fitted, plain, text

HEAT = ("#f7fbf4", "#d9f0a3", "#fee391", "#fdae61", "#d7301f")
"""From nothing to most; the last asks for white text."""

_NAMES = 140
_HIGH = 44
_DARK = 0.45


class Cell(NamedTuple):
    """A cell: its colour, the text in it, and what is told of it on pointing."""

    colour: str
    label: str = ""
    hint: str = ""


def heat_map(
    title: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Cell]]],
    *,
    x_label: str = "",
    y_label: str = "",
    cell_width: float = 96,
    description: str = "",
) -> str:
    """Cells under the names of their columns, beside the names of their rows, from the top.

    Raises:
        ValueError: A row has not as many cells as there are columns.
    """
    wide = max(_NAMES + cell_width * len(columns) + 24, 560)
    frame = Frame(wide=wide, high=112 + _HIGH * len(rows), left=_NAMES, top=58)
    content = [text(fitted(y_label, _NAMES - 20, 11), 16, 50, size=11)]
    for number, (name, cells) in enumerate(rows):
        y = frame.top + number * _HIGH
        content.append(text(fitted(name, _NAMES - 28), _NAMES - 10, y + _HIGH / 2 + 4, anchor="end"))
        for column, (_, cell) in enumerate(zip(columns, cells, strict=True)):
            content.append(_cell(cell, _NAMES + column * cell_width, y, cell_width))
    below = frame.top + len(rows) * _HIGH
    for column, name in enumerate(columns):
        middle = _NAMES + (column + 0.5) * cell_width
        content.append(text(fitted(name, cell_width - 6, 11), middle, below + 18, size=11, anchor="middle"))
    content.append(text(x_label, _NAMES + cell_width * len(columns) / 2, below + 40, anchor="middle", size=11))
    return page(frame, title, content, description=description)


def heat(share: float) -> str:
    """The colour of a share from 0 to 1."""
    return HEAT[min(max(int(share * len(HEAT)), 0), len(HEAT) - 1)]


def _cell(cell: Cell, x: float, y: float, wide: float) -> str:
    hint = element("title", plain(cell.hint)) if cell.hint else ""
    box = element("rect", hint, x=x + 1, y=y + 1, width=wide - 2, height=_HIGH - 2, rx=3, fill=cell.colour)
    ink = "#ffffff" if _luminance(cell.colour) < _DARK else INK
    return box + text(fitted(cell.label, wide - 8), x + wide / 2, y + _HIGH / 2 + 4, anchor="middle", fill=ink)


def _luminance(colour: str) -> float:
    """Of a colour ``#rrggbb``, from 0 to 1, by the weights of ITU-R BT.709 on its values as they stand."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
