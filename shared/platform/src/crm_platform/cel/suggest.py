"""Advice in messages, as the parameters that carry it in English and in Chinese."""

from collections.abc import Iterable
from difflib import get_close_matches

_MAX_NAME = 64
"""Longer names get no suggestion: the search takes quadratic time."""


def suggestion(name: str, known: Iterable[str]) -> dict[str, str]:
    """The mistyped ``name``, and the nearest of the ``known`` ones."""
    if len(name) > _MAX_NAME:
        return {"name": name[:_MAX_NAME] + "…"} | hint()
    constant = name.lower().replace("none", "null")
    near = [constant] if constant in {"null", "true", "false"} else get_close_matches(name, known, n=1)
    return {"name": name} | (hint(f"; did you mean `{near[0]}`", f"，您是指“{near[0]}”") if near else hint())


def hint(english: str = "", chinese: str = "") -> dict[str, str]:
    """Words that a message ends with."""
    return {"hint": english, "hint_zh": chinese}
