"""Bars over time in rows, with what holds what: Gantt charts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, auto

from crm_platform.charts.frame import INK, MUTED, Frame, page, x_axis
from crm_platform.charts.markup import element, fitted, plain, text, width
from crm_platform.charts.scales import Axis, date_axis

CRITICAL, PLAIN, BASELINE, TODAY = "#d55e00", "#0072b2", "#9a9a9a", "#b3003c"
_TOP, _ROW, _BAR, _LINE = 112, 28, 12, 4
_NAMES, _INDENT, _MOST_INDENTED = 300, 14, 10
_PLOT = 900
_HATCHED = 4.0
"""Pixels that a day must have for days off to be shown."""
_DAY = 86_400.0


class Shape(Enum):
    """How a row is drawn."""

    BAR = auto()
    SUMMARY = auto()
    MILESTONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class GanttRow:
    """One row.

    Attributes:
        key: What links name it by.
        level: How far it is indented.
        done: The share of it that is done, 0 to 1.
        note: What stands behind its bar.
        before: Where it was planned to be, if it is to be shown.
    """

    key: str
    name: str
    begin: datetime
    end: datetime
    level: int = 0
    shape: Shape = Shape.BAR
    critical: bool = False
    done: float = 0.0
    note: str = ""
    before: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class GanttLink:
    """An arrow between two rows; from the start or the end of one to the start or the end of the other."""

    before: str
    after: str
    from_start: bool = False
    to_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GanttNames:
    """The texts of the legend, in the reader's language."""

    task: str
    critical: str
    baseline: str
    done: str
    today: str


def gantt(
    title: str,
    rows: Sequence[GanttRow],
    names: GanttNames,
    *,
    links: Sequence[GanttLink] = (),
    today: datetime | None = None,
    days_off: Sequence[date] = (),
    description: str = "",
) -> str:
    """A chart of rows from the top; links whose rows are not both there are left out.

    Args:
        title: Above it.
        rows: In order; at least one.
        names: For the legend.
        links: Drawn behind the bars.
        today: Where the line of the present is; not drawn outside of the rows' time.
        days_off: Days in UTC that are shaded, where a day is wide enough.
        description: For those who cannot see it.

    Raises:
        ValueError: There is no row.
    """
    if not rows:
        raise ValueError("a chart needs a row")
    frame = Frame(wide=_NAMES + _PLOT + 24, high=_TOP + _ROW * len(rows) + 58, left=_NAMES, top=_TOP)
    axis = _axis(rows)
    places = {row.key: (frame.top + number * _ROW, row) for number, row in enumerate(rows)}
    content = [_legend(names, rows)]
    content += _stripes(frame, len(rows))
    content += _shaded(frame, axis, days_off)
    content.append(x_axis(frame, axis))
    content += _dates_above(frame, axis)
    content += [_arrow(frame, axis, places, link) for link in links if link.before in places and link.after in places]
    content += [part for y, row in places.values() for part in _row(frame, axis, row, y)]
    if today is not None and axis.low <= today.timestamp() <= axis.high:
        content += _present(frame, axis, today, names.today)
    return page(frame, title, content, description=description)


def _axis(rows: Sequence[GanttRow]) -> Axis:
    """From before the first to after the last moment, so that nothing touches the edge."""
    begins = [row.begin for row in rows] + [row.before[0] for row in rows if row.before]
    ends = [row.end for row in rows] + [row.before[1] for row in rows if row.before]
    margin = max((max(ends) - min(begins)) * 0.03, timedelta(hours=12))
    return date_axis(min(begins) - margin, max(ends) + margin * 2)


def _legend(names: GanttNames, rows: Sequence[GanttRow]) -> str:
    entries = [(names.task, PLAIN, _BAR), (names.critical, CRITICAL, _BAR), (names.done, INK, _LINE)]
    if any(row.before for row in rows):
        entries.append((names.baseline, BASELINE, _LINE))
    parts, x = [], 16.0
    for name, colour, high in entries:
        parts.append(element("rect", x=x, y=50 - high / 2, width=22, height=high, fill=colour))
        parts.append(text(fitted(name, 180), x + 28, 54, fill=INK))
        x += 28 + width(fitted(name, 180)) + 22
    return element("g", parts)


def _dates_above(frame: Frame, axis: Axis) -> Iterator[str]:
    """The dates once more: the axis is far down below many rows."""
    free = float("-inf")
    for tick in axis.ticks:
        x, half = axis.at(tick.value, *frame.x), width(tick.label, 11) / 2
        if free <= x - half and x + half <= frame.wide:
            yield text(tick.label, x, frame.top - 8, size=11, anchor="middle", fill=MUTED)
            free = x + half + 8


def _stripes(frame: Frame, count: int) -> Iterator[str]:
    for number in range(0, count, 2):
        yield element("rect", x=8, y=frame.top + number * _ROW, width=frame.wide - 16, height=_ROW, fill="#f7f7f9")


def _shaded(frame: Frame, axis: Axis, days_off: Sequence[date]) -> Iterator[str]:
    (left, right), (low, high) = frame.x, frame.y
    if (right - left) / ((axis.high - axis.low) / _DAY) < _HATCHED:
        return
    for day in days_off:
        begin = datetime.combine(day, time.min, UTC).timestamp()
        first, last = max(begin, axis.low), min(begin + _DAY, axis.high)
        if first < last:
            x, end = axis.at(first, left, right), axis.at(last, left, right)
            yield element("rect", x=x, y=high, width=end - x, height=low - high, fill="#e9e9ee")


def _row(frame: Frame, axis: Axis, row: GanttRow, y: float) -> Iterator[str]:
    indent = 16 + _INDENT * min(row.level, _MOST_INDENTED)
    weight = "bold" if row.shape is Shape.SUMMARY else None
    yield text(fitted(row.name, _NAMES - indent - 12), indent, y + _ROW / 2 + 4, font_weight=weight, fill=INK)
    if row.before:
        begin, end = (axis.at(one.timestamp(), *frame.x) for one in row.before)
        wide = max(end - begin, 8)
        yield element("rect", x=min(begin, end - wide / 2), y=y + _ROW - 8, width=wide, height=_LINE, fill=BASELINE)
    begin, end = axis.at(row.begin.timestamp(), *frame.x), axis.at(row.end.timestamp(), *frame.x)
    colour = CRITICAL if row.critical else PLAIN
    hint = element("title", plain(f"{row.name}: {row.begin:%Y-%m-%d %H:%M} – {row.end:%Y-%m-%d %H:%M}"))
    yield element("g", [hint, *_SHAPES[row.shape](begin, max(end, begin + 1.5), y + 5, colour, row.done)])
    if row.note:
        yield text(fitted(row.note, 160, 10), end + 8, y + _ROW / 2 + 3, size=10, fill=MUTED)


def _bar(begin: float, end: float, y: float, colour: str, done: float) -> Iterator[str]:
    yield element("rect", x=begin, y=y, width=end - begin, height=_BAR, rx=2, fill=colour)
    if done > 0:
        high = y + (_BAR - _LINE) / 2
        yield element("rect", x=begin, y=high, width=(end - begin) * min(done, 1.0), height=_LINE, fill=INK)


def _summary(begin: float, end: float, y: float, colour: str, done: float) -> Iterator[str]:
    tip = min(6.0, (end - begin) / 2)
    points = [(begin, y), (end, y), (end, y + _BAR), (end - tip, y + 6), (begin + tip, y + 6), (begin, y + _BAR)]
    fill = colour if colour == CRITICAL else "#444444"
    yield element("polygon", points=" ".join(f"{a:.2f},{b:.2f}" for a, b in points), fill=fill)
    if done > 0:
        yield element("rect", x=begin, y=y + 1, width=(end - begin) * min(done, 1.0), height=2, fill="#ffffff")


def _milestone(begin: float, _: float, y: float, colour: str, done: float) -> Iterator[str]:
    half = _BAR / 2 + 1
    points = [(begin, y - 1), (begin + half, y - 1 + half), (begin, y - 1 + 2 * half), (begin - half, y - 1 + half)]
    fill = INK if done >= 1 else colour
    yield element("polygon", points=" ".join(f"{a:.2f},{b:.2f}" for a, b in points), fill=fill)


_SHAPES = {Shape.BAR: _bar, Shape.SUMMARY: _summary, Shape.MILESTONE: _milestone}


def _arrow(frame: Frame, axis: Axis, places: Mapping[str, tuple[float, GanttRow]], link: GanttLink) -> str:
    (y1, first), (y2, second) = places[link.before], places[link.after]
    x1 = axis.at((first.begin if link.from_start else first.end).timestamp(), *frame.x)
    x2 = axis.at((second.end if link.to_end else second.begin).timestamp(), *frame.x)
    y1, y2 = y1 + 5 + _BAR / 2, y2 + 5 + _BAR / 2
    out, into = (-7 if link.from_start else 7), (7 if link.to_end else -7)
    turn = x1 + out
    reached = turn <= x2 + into if not link.to_end else turn >= x2 + into
    middle = y1 + (_ROW / 2 if y2 > y1 else -_ROW / 2)
    points = [(x1, y1), (turn, y1)]
    points += [(turn, y2)] if reached else [(turn, middle), (x2 + into, middle), (x2 + into, y2)]
    points.append((x2, y2))
    shown = " ".join(f"{a:.2f},{b:.2f}" for a, b in points)
    back = 5 if link.to_end else -5
    tip = f"{x2:.2f},{y2:.2f} {x2 + back:.2f},{y2 - 3.5:.2f} {x2 + back:.2f},{y2 + 3.5:.2f}"
    colour = CRITICAL if first.critical and second.critical else MUTED
    line = element("polyline", points=shown, fill="none", stroke=colour, stroke_width=1.2)
    return line + element("polygon", points=tip, fill=colour)


def _present(frame: Frame, axis: Axis, today: datetime, name: str) -> Iterator[str]:
    x, (low, high) = axis.at(today.timestamp(), *frame.x), frame.y
    yield element("line", x1=x, y1=low, x2=x, y2=high - 22, stroke=TODAY, stroke_width=1.5, stroke_dasharray="5 4")
    yield text(name, x, high - 26, size=11, anchor="middle", fill=TODAY)
