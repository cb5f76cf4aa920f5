"""Administrative divisions of China down to prefecture level, as company names begin with them."""

from customer_svc.duplicates.matching.lists import listed

PROVINCES = frozenset(listed("provinces"))
CITIES = frozenset(listed("cities"))
_LONGEST = max(len(name) for name in PROVINCES | CITIES)
_LEVELS = ("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "自治区", "自治州", "省", "市")


def leading_division(name: str) -> tuple[str, str]:
    """The division that a Chinese name begins with, without its level (市, 省 …), and the rest of the name.

    The division is empty where there is none, or where nothing would be left of the name. ``上海`` and ``上海市`` are
    the same division; of province and city, one behind the other, the city counts.
    """
    found, rest = "", name
    while True:
        division = next((rest[:size] for size in range(_LONGEST, 1, -1) if _is_division(rest[:size])), "")
        after = _without_level(rest[len(division) :])
        if not division or len(after) < len("某某"):
            return found, rest
        found, rest = division, after


def _is_division(text: str) -> bool:
    return text in PROVINCES or text in CITIES


def _without_level(text: str) -> str:
    return next((text[len(level) :] for level in _LEVELS if text.startswith(level)), text)
