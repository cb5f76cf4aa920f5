"""One normal form for texts of all scripts."""

import re
import unicodedata
from functools import cache

import opencc

from crm_platform.module_alone import module_alone

_FIRST_HAN, _LAST_HAN = 0x3400, 0x9FFF
_LETTERS_WITHOUT_DECOMPOSITION = {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}  # noqa: RUF001 - the dotless i is meant

_DOTTED = re.compile(r"\b(?:[^\W\d_]\.\s?)+(?:[^\W\d_]\b)?")
_APOSTROPHE = re.compile(r"(?<=\w)['’`´](?=\w)")  # noqa: RUF001 - typographic apostrophes are meant
_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")
_UMLAUT = re.compile("[üǖǘǚǜ]")
_HAN = re.compile(r"[\u3400-\u9fff]")


@cache
def _characters() -> dict[int, str]:
    """Traditional characters and their simplified forms, and Latin letters that do not decompose.

    Character by character on purpose: names do not follow the phrases that OpenCC's dictionaries know.
    """
    han = [chr(code) for code in range(_FIRST_HAN, _LAST_HAN + 1)]
    simplified = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    table = {ord(one): other for one, other in zip(han, simplified, strict=True) if one != other}
    return table | {ord(letter): plain for letter, plain in _LETTERS_WITHOUT_DECOMPOSITION.items()}


@cache
def _settled() -> re.Pattern[str]:
    """Texts that folding leaves as they are: ASCII without capitals, and Chinese that is simplified already."""
    changed = _characters()
    han = "".join(chr(code) for code in range(_FIRST_HAN, _LAST_HAN + 1) if code not in changed)
    return re.compile(rf"[\x00-@\[-\x7f{han}]*")


def fold(text: str) -> str:
    """The text without what does not tell names apart.

    Full-width becomes half-width (NFKC), case and accents go, traditional characters become simplified ones.
    """
    if text.isascii():
        return text.lower()
    if _settled().fullmatch(text):  # most Chinese, at a tenth of the cost of what follows
        return text
    text = unicodedata.normalize("NFKC", text).casefold()
    if not text.isascii():
        text = text.translate(_characters())
        # Marks that stand alone are decomposed already.
        if not unicodedata.is_normalized("NFD", text) or any(map(unicodedata.combining, text)):
            text = unicodedata.normalize("NFC", _plain(text))
    return text


def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded; a run of Chinese characters is one word.

    Dotted letters are one word (``B.V.`` is ``bv``), apostrophes inside a word are dropped, ``+`` and ``&`` are "and",
    which is no word.
    """
    folded = fold(text)
    if "." in folded:
        folded = _DOTTED.sub(lambda found: re.sub(r"[.\s]", "", found[0]) + " ", folded)
    return tuple(_WORD.findall(_APOSTROPHE.sub("", folded)))


@cache
def _syllables() -> dict[int, str]:
    """The most usual sound of each character, without its tone."""
    table: dict[int, str] = module_alone("pypinyin.pinyin_dict").pinyin_dict
    readings = {code: marked.partition(",")[0] for code, marked in table.items()}
    return {code: _plain(_UMLAUT.sub("v", marked)) for code, marked in readings.items()}


def _plain(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def sound(text: str) -> str:
    """A folded text as it sounds: Chinese characters as syllables of pinyin without tones, all else as it is."""
    return text if text.isascii() else text.translate(_syllables())


def is_han(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return _HAN.search(text) is not None
