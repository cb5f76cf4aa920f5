"""Administrative divisions of China down to prefecture level, as company names begin with them."""

from customer_svc.duplicates.matching.lists import listed

PROVINCES = frozenset(listed("provinces"))
CITIES = frozenset(listed("cities"))
_DIVISIONS = PROVINCES | CITIES
_SIZES = {
    first: sorted({len(name) for name in _DIVISIONS if name[0] == first and len(name) > 1}, reverse=True)
    for first in {name[0] for name in _DIVISIONS}
}
"""Lengths of the divisions that begin with a character."""
_LEVELS = ("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "自治区", "自治州", "省", "市")


def leading_division(name: str) -> tuple[str, str]:
    """The division that a Chinese name begins with, without its level (市, 省 …), and the rest of the name.

    The division is empty where there is none, or where nothing would be left of the name. ``上海`` and ``上海市`` are
    the same division; of province and city, one behind the other, the city counts.
    """
    found, rest = "", name
    while True:
        division = _division_at_start(rest)
        if not division:
            return found, rest
        after = _without_level(rest[len(division) :])
        if len(after) < len("某某"):
            return found, rest
        found, rest = division, after


def _division_at_start(text: str) -> str:
    for size in _SIZES.get(text[:1], ()):
        if text[:size] in _DIVISIONS:
            return text[:size]
    return ""


def _without_level(text: str) -> str:
    if not text.startswith(_LEVELS):
        return text
    return next(text[len(level) :] for level in _LEVELS if text.startswith(level))
