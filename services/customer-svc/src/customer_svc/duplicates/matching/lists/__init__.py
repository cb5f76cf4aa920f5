"""Lists of words, as text files: words between spaces or lines, and comments behind a number sign."""

from functools import cache
from importlib.resources import files


@cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of a list."""
    text = files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def listed(name: str) -> tuple[str, ...]:
    """The words of a list."""
    return tuple(word for line in lines(name) for word in line.split())
