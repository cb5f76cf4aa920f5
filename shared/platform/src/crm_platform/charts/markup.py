"""SVG as text: elements, escaped; text that keeps within its width."""

import re
import unicodedata
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

FONTS = (
    "'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', "
    "'WenQuanYi Micro Hei', sans-serif"
)
"""Font families by which Chinese and Latin text is shown wherever one of them is."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NARROW, _WIDE = 0.58, 1.0
"""Widths of characters in em: Latin on average, Chinese exactly."""


def element(name: str, content: str | Iterable[str] = "", /, **attributes: object) -> str:
    """An element with attributes and content, which is markup already.

    Names of attributes have ``_`` for ``-``; one that is None is left out; a number has at most two decimals.
    """
    shown = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_text(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    inner = content if isinstance(content, str) else "".join(content)
    return f"<{name}{shown}>{inner}</{name}>" if inner else f"<{name}{shown}/>"


def text(value: str, x: float, y: float, *, size: float = 12, anchor: str = "start", **attributes: object) -> str:
    """A line of text; what XML does not know is left out."""
    return element("text", plain(value), x=x, y=y, font_size=size, text_anchor=anchor, **attributes)


def plain(value: str) -> str:
    """Text as content of an element."""
    return escape(_ILLEGAL.sub("", value))


def width(value: str, size: float = 12) -> float:
    """About how wide a line of text is, in pixels; no font is asked."""
    return size * sum(_WIDE if unicodedata.east_asian_width(one) in "WF" else _NARROW for one in value)


def fitted(value: str, room: float, size: float = 12) -> str:
    """The text, or as much of it as has room before an ellipsis."""
    if width(value, size) <= room:
        return value
    kept = value
    while kept and width(kept, size) + size > room:
        kept = kept[:-1]
    return f"{kept}…"


def document(content: Iterable[str], *, wide: float, high: float, title: str, description: str = "") -> str:
    """An SVG document of so many pixels, on white, with a title and a description for those who cannot see it."""
    parts = [element("title", plain(title))]
    if description:
        parts.append(element("desc", plain(description)))
    parts.append(element("rect", width=wide, height=high, fill="#ffffff"))
    return element(
        "svg",
        [*parts, *content],
        xmlns="http://www.w3.org/2000/svg",
        width=wide,
        height=high,
        viewBox=f"0 0 {_text(wide)} {_text(high)}",
        role="img",
        font_family=FONTS,
        fill="#222222",
    )


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return _ILLEGAL.sub("", str(value))
