"""From what people type into a search box to PostgreSQL's ``tsquery``."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from crm_platform.errors import InvalidParameter
from crm_platform.search.vector import NEAR, near_words
from crm_platform.search.words import Piece, pieces
from crm_platform.words import Words

Match = Literal["words", "similar"]
MATCHES: tuple[Match, ...] = ("words", "similar")

MAX_LENGTH = 200
MAX_PIECES = 16
_SHORTEST_SIMILAR_RUN = 3
_SHORTEST_SIMILAR_WORD = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody searches for."""

    text: str
    match: Match
    tsquery: str

    @classmethod
    def parse(cls, text: str | None, match: str | None) -> "Question | None":
        """Read the parameters ``q`` and ``match``; None where nothing is searched for.

        Raises:
            InvalidParameter: Nothing that can be searched, or too much of it.
        """
        if match is not None and match not in MATCHES:
            raise InvalidParameter(parameter="match", message=_one_of(MATCHES))
        if text is None:
            return None
        how: Match = "similar" if match == "similar" else "words"
        return cls(text, how, tsquery(text, how))


def tsquery(text: str, match: Match) -> str:
    """All words of ``text``, of which the last may be the beginning of one.

    With ``similar`` words may have one letter wrong, missing, too much or exchanged with its neighbour, and Chinese
    texts of three characters or more one character that is another.

    Raises:
        InvalidParameter: Nothing that can be searched, or too much of it.
    """
    found = [] if len(text) > MAX_LENGTH else list(pieces(text))
    if not 1 <= len(found) <= MAX_PIECES:
        raise InvalidParameter(parameter="q", message=_LIMITS)
    last = len(found) - 1
    return " & ".join(_piece(piece, match, begins=at == last) for at, piece in enumerate(found))


_LIMITS = Words(
    f"letters, digits or Chinese characters: up to {MAX_PIECES} words, {MAX_LENGTH} characters in all",
    f"应含文字或数字：最多 {MAX_PIECES} 个词，共 {MAX_LENGTH} 个字符",
)


def _one_of(values: Sequence[str]) -> Words:
    return Words(" or ".join(f"`{value}`" for value in values), "应为 " + " 或 ".join(values))


def _piece(piece: Piece, match: Match, *, begins: bool) -> str:
    if piece.run:
        return _similar_run(piece.text) if match == "similar" else _phrase(_steps(piece.text))
    plain = f"'{piece.text}'" + (":*" if begins else "")
    return _similar_word(piece.text, plain) if match == "similar" else plain


def _steps(run: str, start: int = 0) -> list[tuple[int, str]]:
    """Places and lexemes that make up ``run``: every second pair, and the last one; one character begins a pair."""
    if len(run) == 1:
        return [(start, f"'{run}':*")]
    starts = [*range(0, len(run) - 1, 2)]
    if starts[-1] != len(run) - 2:
        starts.append(len(run) - 2)
    return [(start + at, f"'{run[at : at + 2]}'") for at in starts]


def _phrase(steps: Sequence[tuple[int, str]]) -> str:
    """Lexemes at these places, relative to each other."""
    text = steps[0][1]
    for (before, _), (at, lexeme) in pairwise(steps):
        text += f" <{at - before}> {lexeme}"
    return f"({text})" if len(steps) > 1 else text


def _similar_run(run: str) -> str:
    """``run``, with any one character replaced by another."""
    if len(run) < _SHORTEST_SIMILAR_RUN:
        return _phrase(_steps(run))
    ways = [_phrase(_steps(run))]
    for wrong in range(len(run)):
        left, right = run[:wrong], run[wrong + 1 :]
        steps = (_steps(left) if left else []) + (_steps(right, wrong + 1) if right else [])
        ways.append(_phrase(steps))
    return f"({' | '.join(ways)})"


def _similar_word(word: str, plain: str) -> str:
    if len(word) < _SHORTEST_SIMILAR_WORD:
        return plain
    near = list(near_words(word))
    ways = [plain, *(f"'{one}'" for one in near), f"'{NEAR}{word}'", *(f"'{NEAR}{one}'" for one in near)]
    return f"({' | '.join(ways)})"
