"""From the searched members of a record to PostgreSQL's ``tsvector``."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from crm_platform.search.words import pairs, pieces, shortened

Weight = Literal["A", "B", "C", "D"]
"""How much a match counts in the order by relevance: 1, 0.4, 0.2 or 0.1, as in PostgreSQL's ``ts_rank``."""

MOST_POSITIONS = 10_000
"""Characters and words of one record that are searched; PostgreSQL knows no position beyond 16,383."""

_MOST_OF_ONE = 200
"""Places of one word that are kept; PostgreSQL keeps 255."""

_GAP = 10
"""Between two members, so that no phrase reaches from one into the other."""

NEAR = "~"
"""Stands before words with one letter left out, which only a search for similar words looks at."""

_NEAR_SHORTEST, _NEAR_LONGEST = 4, 20


def tsvector(members: Iterable[tuple[Weight, Any]]) -> str:
    """The text form of the ``tsvector`` of some members; words of those with weight A are found with a typing error."""
    found: dict[str, list[str]] = {}
    at = 1
    for weight, value in members:
        for text in _texts(value):
            for piece in pieces(text):
                if piece.run:
                    for lexeme in pairs(piece.text):
                        found.setdefault(lexeme, []).append(f"{at}{weight}")
                        at += 1
                else:
                    found.setdefault(piece.text, []).append(f"{at}{weight}")
                    if weight == "A":
                        for near in near_words(piece.text):
                            found.setdefault(NEAR + near, []).append(f"{at}D")
                    at += 1
                if at > MOST_POSITIONS:
                    return _spelled(found)
            at += _GAP
    return _spelled(found)


def near_words(word: str) -> Iterable[str]:
    """Under which words one is found that is similar: those with one letter less."""
    return shortened(word) if _NEAR_SHORTEST <= len(word) <= _NEAR_LONGEST else ()


def _texts(value: Any) -> Iterable[str]:
    """The texts in a member: itself, or all within a list, a mapping or a model."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _texts(one)
    elif (fields := getattr(type(value), "model_fields", None)) is not None:
        for name in fields:
            yield from _texts(getattr(value, name))


def _spelled(found: Mapping[str, list[str]]) -> str:
    # No lexeme holds a quote or a backslash: they are letters and digits alone.
    return " ".join([f"'{lexeme}':{','.join(places[:_MOST_OF_ONE])}" for lexeme, places in found.items()])
