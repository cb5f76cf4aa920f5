"""Which character encoding a text has: proved where it can be, weighed by evidence where not, never guessed in silence.

A byte order mark and valid UTF-8 are proof. Chinese legacy encodings accept almost any bytes, so each candidate is
weighed by what it makes of them: the share of characters in common use, the "distribution ratio" of S. Li and K. Momoi,
"A composite approach to language/encoding detection" (2001). Where two candidates are about equally good, or none is,
the file is refused with a request to name the encoding; text that was damaged before it came here is found by
:func:`garbled`.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from crm_platform.files.problems import UnreadableFile

SAMPLE_BYTES = 1 << 18

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GOOD_ENOUGH = 0.85
"""Share of common characters from which a candidate counts; texts in common use reach 0.97 and more."""
_CLEAR = 0.06
"""By how much the best candidate must be ahead of the next."""
_RIVAL = "cp949"
"""Korean shares its bytes with frequent Chinese characters; weighed so as not to take the one for the other."""
_WIDE_SHARE = 0.2
"""Share of zero bytes at even or odd places from which a text without a mark counts as UTF-16."""

_PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》〈〉【】「」『』…—～·￥％　＋－＝／０１２３４５６７８９")  # noqa: RUF001 - as texts have them
_SIMPLIFIED = frozenset(  # GB 2312, first level: 3,755 characters
    bytes((lead, trail)).decode("gb18030") for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF)
) - frozenset(map(chr, range(0xE000, 0xF900)))
_TRADITIONAL = frozenset(  # Big5, frequently used: 5,401 characters
    bytes((lead, trail)).decode("cp950", "ignore")
    for lead in range(0xA4, 0xC7)
    for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
)
_HANGUL = frozenset(map(chr, range(0xAC00, 0xD7A4)))
_LATIN_LETTER = re.compile(r"(?<![^\x00-\x7f])[À-ÖØ-öø-ÿŠŽšžŒœŸ§°€£]{1,2}(?![^\x00-\x7f])")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_AS_LATIN = "\x80-\xbf‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸ€"  # noqa: RUF001 - bytes 80 to BF in Windows-1252
_GARBLED = re.compile(
    "\N{REPLACEMENT CHARACTER}"  # what decoders put for what they could not read
    "|[锟斤拷]{3}"  # the UTF-8 of that character, read as GBK
    f"|[ÃÂ][{_AS_LATIN}]|[âãäåæçèé][{_AS_LATIN}]{{2}}"  # UTF-8, read as Latin
    "|[\x80-\x84\x86-\x9f]"  # control characters that no keyboard types
)
"""Traces of a text that was read in a wrong encoding, and saved again, before it came here."""
_SUSPICIOUS = re.compile("[\N{REPLACEMENT CHARACTER}锟斤拷ÃÂâãäåæçèé\x80-\x84\x86-\x9f]")
"""Every match of ``_GARBLED`` holds one of these: most texts are done with after this much cheaper look."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding and how it became known.

    Attributes:
        name: As Python's codecs call it.
        mark: Bytes of the byte order mark before the text.
        proved: The bytes themselves say so: a byte order mark, or a valid UTF-8 sample.
    """

    name: str
    mark: int = 0
    proved: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether a character of ASCII takes more than one byte."""
        return self.name.startswith("utf-16")


def detected(sample: bytes, *, whole: bool) -> Encoding:
    """The encoding of the text that begins with ``sample``.

    Args:
        sample: The beginning of the file, best :data:`SAMPLE_BYTES` of it.
        whole: The sample is the whole file; otherwise it may end within a character.

    Raises:
        UnreadableFile: No encoding fits, or several do about equally well.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Encoding(name, len(mark), proved=True)
    if _decoded(sample, "utf-8", whole=whole) is not None and b"\0" not in sample:
        return Encoding("utf-8", proved=True)
    if (wide := _wide(sample)) is not None:
        return wide
    return _weighed(sample, whole=whole)


def named(name: str, sample: bytes) -> Encoding:
    """The encoding that somebody says the file has; a byte order mark of it is passed over.

    Raises:
        UnreadableFile: There is none of that name.
    """
    try:
        known = codecs.lookup(name).name
        "".encode(known)
    except LookupError:
        raise UnreadableFile("no_such_encoding", name=name[:40]) from None
    known = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "utf-8-sig": "utf-8"}.get(known, known)
    for mark, marked in _MARKS:
        if sample.startswith(mark) and known in {marked, "utf-16"}:
            return Encoding(marked, len(mark), proved=True)
    return Encoding("utf-16-le" if known == "utf-16" else known)


def garbled(text: str) -> str | None:
    """The first piece of ``text`` that shows that it was read in a wrong encoding before; None if there is none."""
    if text.isascii() or _SUSPICIOUS.search(text) is None:
        return None
    found = _GARBLED.search(text)
    return None if found is None else found.group()


def _decoded(sample: bytes, encoding: str, *, whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample, final=whole)
    except UnicodeDecodeError:
        return None


def _wide(sample: bytes) -> Encoding | None:
    half = len(sample) // 2
    if half == 0:
        return None
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    for share, other, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if share > max(_WIDE_SHARE, 3 * other) and _decoded(sample[: 2 * half], name, whole=False) is not None:
            return Encoding(name)
    return None


def _weighed(sample: bytes, *, whole: bool) -> Encoding:
    weights = sorted(_weights(sample, whole=whole), reverse=True)
    good = [(weight, name) for weight, name in weights if weight >= _GOOD_ENOUGH]
    if not good:
        return _by_library(sample)
    close = [name for weight, name in good if weight > good[0][0] - _CLEAR]
    if len(close) > 1 or close[0] == _RIVAL:
        raise UnreadableFile("unclear_encoding", candidates=", ".join(close))
    return Encoding(close[0])


def _weights(sample: bytes, *, whole: bool) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    for name, common in (("gb18030", _SIMPLIFIED), ("cp950", _TRADITIONAL), (_RIVAL, _HANGUL)):
        text = _decoded(sample, name, whole=whole)
        if text is not None:
            outside = _NOT_ASCII.findall(text)
            good = sum(one in common or one in _PUNCTUATION for one in outside)
            found.append((good / len(outside), name))
    text = _decoded(sample, "cp1252", whole=whole)
    if text is not None:
        letters = sum(map(len, _LATIN_LETTER.findall(text)))
        found.append((letters / len(_NOT_ASCII.findall(text)), "cp1252"))
    return found


def _by_library(sample: bytes) -> Encoding:
    """What charset-normalizer finds among all encodings it knows; to be confirmed by who sent the file."""
    best = from_bytes(sample).best()
    if best is None or best.encoding in {"ascii", "utf_8"}:
        raise UnreadableFile("unknown_encoding")
    raise UnreadableFile("unclear_encoding", candidates=best.encoding)
