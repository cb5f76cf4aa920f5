"""Text as search sees it: runs of Chinese, Japanese and Korean characters, and words of all other scripts.

There are no spaces between Chinese words, and no dictionary knows the names of companies. So such a run is kept as its
overlapping pairs of characters, with their positions; a text of any length is then found by pairs that follow each
other. It is what PostgreSQL calls a phrase, and exact; two characters are one look-up.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA_HANGUL = "\u3041-\u3096\u30a1-\u30fa\u30fc\u1100-\u11ff\uac00-\ud7af"
_RUN = f"[{_HAN}{_KANA_HANGUL}]"
_PIECE = re.compile(rf"(?P<run>{_RUN}+)|(?P<word>(?:(?!{_RUN})[^\W_])(?:(?!{_RUN})[\w\u0300-\u036f])*)")

LONGEST_WORD = 64
"""Of longer words the beginning counts."""


class Piece(NamedTuple):
    """A run of characters without spaces between words, or a word."""

    text: str
    run: bool


def pieces(text: str) -> Iterator[Piece]:
    """What of ``text`` can be searched, in order.

    Full-width letters and other compatibility forms count as the plain ones (Unicode NFKC), capitals as small letters,
    accents not at all.
    """
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    for run, word in _PIECE.findall(plain):
        if run:
            yield Piece(run, run=True)
        elif known := _without_accents(word).replace("_", "")[:LONGEST_WORD]:
            yield Piece(known, run=False)


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    spread = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def pairs(run: str) -> Iterator[str]:
    """The pairs of characters that begin at each character of ``run``; the last one stands alone."""
    for start in range(len(run)):
        yield run[start : start + 2]


def shortened(word: str) -> Iterator[str]:
    """``word`` without each one of its letters.

    Two words that share one of these (or are one of the other's) are one insertion, deletion, substitution or
    transposition apart, or little more: the keys of Mor and Fraenkel (1982), which SymSpell made popular.
    """
    yield from dict.fromkeys(word[:at] + word[at + 1 :] for at in range(len(word)))
