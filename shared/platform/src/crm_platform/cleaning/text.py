"""Blanks, widths and invisible characters."""

import re
import unicodedata
from collections.abc import Callable

from crm_platform.cleaning.outcome import Change, Cleaned

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0e\ufeff\ufff9-\ufffb]"
)
"""Controls, soft hyphens, zero-width and direction marks. The joiners U+200C and U+200D stay: words of Persian and of
Indian scripts need them; so does U+FE0F, which makes a sign an emoji."""
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\r\n?|\x85|\u2028|\u2029")
_WIDTHS = "\uff01-\uff5e\uffe0-\uffe6\uff61-\uff9f\N{IDEOGRAPHIC SPACE}"
_WIDE = re.compile(f"[{_WIDTHS}]+")
_ODD = re.compile(rf"^ | $|  |[^\S ]|[{_WIDTHS}]|{_INVISIBLE.pattern}")
"""What there is to clean, but for characters that are not composed."""
_HAN = re.compile(r"[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_PUNCTUATION = frozenset("，；：！？（）［］｛｝＂＇～、。")  # noqa: RUF001 - the full-width forms are what this is about
_CLOSING = {"（": "）", "［": "］", "｛": "｝"}  # noqa: RUF001 - as above
_OPENING = {closing: opening for opening, closing in _CLOSING.items()}
_NOTHING = frozenset(
    {"-", "--", "—", "——", "/", "\\", "n/a", "#n/a", "null", "none", "nil", "无", "暂无", "空", "(空)", "(null)"}
)


def cleaned_text(text: str, *, lines: bool = False) -> Cleaned[str]:
    """A text without what nobody sees or means: blanks around it and in heaps, invisible characters, other widths.

    Full-width letters, digits and signs become half-width, as does half-width katakana its usual form. Full-width
    punctuation stays where it belongs, beside Chinese or Japanese characters: the brackets of ``（中国）`` stay, while
    those of ``（021）`` do not.

    Args:
        text: As it was typed.
        lines: Keep line breaks (notes, addresses); otherwise they are blanks.
    """
    if _ODD.search(text) is None and unicodedata.is_normalized("NFC", text):
        return Cleaned(text)
    steps: tuple[tuple[Change, Callable[[str], str]], ...] = (
        (Change.INVISIBLE_REMOVED, _visible),
        (Change.COMPOSED, _composed),
        (Change.WIDTH_FOLDED, _folded),
        (Change.TRIMMED, _trimmed),
        (Change.BLANKS_JOINED, _joined_lines if lines else _joined),
    )
    changes: list[Change] = []
    for change, step in steps:
        done = step(text)
        if done != text:
            changes.append(change)
            text = done
    return Cleaned(text, tuple(changes))


def cleaned_or_nothing(text: str, *, lines: bool = False) -> Cleaned[str | None]:
    """The same, with None for what is empty or one of the words that people type for it: ``-``, ``N/A``, ``无`` …."""
    found = cleaned_text(text, lines=lines)
    if not found.value:
        return Cleaned(None, found.changes)
    if found.value.lower() in _NOTHING:
        return Cleaned(None, (*found.changes, Change.EMPTIED))
    return Cleaned(found.value, found.changes)


def narrow(text: str) -> str:
    """The text in half-width everywhere, for comparing and for reading numbers: NFKC."""
    return unicodedata.normalize("NFKC", text)


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _composed(text: str) -> str:
    # NFC only: compatibility forms such as ㈱, ① or ² mean something that their parts do not.
    return unicodedata.normalize("NFC", text)


def _folded(text: str) -> str:
    return _WIDE.sub(lambda found: _narrow(text, found), text)


def _narrow(text: str, found: re.Match[str]) -> str:
    start, end = found.span()
    plain = found.group()
    is_chinese = _HAN.search(text) is not None
    pieces = [
        character
        if character in _PUNCTUATION and is_chinese and _is_beside_chinese(text, start + offset)
        else unicodedata.normalize("NFKC", character)
        for offset, character in enumerate(plain)
    ]
    # Half-width katakana and its sound marks are one character only together.
    narrow = "".join(pieces)
    return unicodedata.normalize("NFC", narrow) if end - start > 1 else narrow


def _is_beside_chinese(text: str, index: int) -> bool:
    """Whether a punctuation mark stands beside a Chinese character, or in one pair with a mark that does."""
    return _touches(text, index) or ((partner := _partner(text, index)) >= 0 and _touches(text, partner))


def _touches(text: str, index: int) -> bool:
    return _HAN.search(text[max(index - 1, 0) : index] + text[index + 1 : index + 2]) is not None


def _partner(text: str, index: int) -> int:
    """Where the bracket stands that belongs to the one at ``index``; -1 where there is none."""
    if text[index] in _CLOSING:
        return text.find(_CLOSING[text[index]], index)
    if text[index] in _OPENING:
        return text.rfind(_OPENING[text[index]], 0, index)
    return -1


def _trimmed(text: str) -> str:
    return text.strip()


def _joined(text: str) -> str:
    return " ".join(text.split())


def _joined_lines(text: str) -> str:
    lines = _LINES.sub("\n", text).split("\n")
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in lines)
