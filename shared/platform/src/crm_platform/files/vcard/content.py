"""Content lines: group, name, parameters and value, and how each version hides characters in them."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LINE = re.compile(r"(?:(?P<group>[A-Za-z0-9-]+)\.)?(?P<name>[A-Za-z0-9_-]+)(?P<rest>[;:].*)", re.DOTALL)
_PARAMETER = re.compile(r';(?P<text>(?:"[^"]*"|[^";:])*)')
_VALUE = re.compile(r'"([^"]*)"|([^,"]+)')
_BARE_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"})
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}
_FOLD = 75
"""Bytes of a line, without its break (RFC 6350, 3.2)."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a card.

    Attributes:
        name: In lower case.
        group: What it belongs to, in lower case, or empty.
        params: Values by the parameter's name in lower case; bare parameters of 2.1 are types.
        raw: The value as it stands, unfolded and decoded from quoted-printable, still escaped.
    """

    name: str
    group: str
    params: dict[str, list[str]]
    raw: str

    @property
    def types(self) -> list[str]:
        """Its types in lower case, each once; preference is none."""
        given = (part.strip().lower() for one in self.params.get("type", ()) for part in one.split(","))
        return list(dict.fromkeys(one for one in given if one and one != "pref"))

    @property
    def is_preferred(self) -> bool:
        """Whether it is the one to use first."""
        given = [part.strip().lower() for one in self.params.get("type", ()) for part in one.split(",")]
        return "pref" in given or self.params.get("pref", ["100"])[0] == "1"

    @property
    def is_binary(self) -> bool:
        """Whether the value is a picture, a sound or a key in the card itself."""
        encoded = self.params.get("encoding", [""])[0].lower() in {"b", "base64"}
        return encoded or self.raw.startswith("data:")

    def text(self) -> str:
        """The value as one text."""
        return unescaped(self.raw)

    def parts(self) -> list[str]:
        """The parts of a structured value, each with its own list joined by commas."""
        return [", ".join(unescaped(one).strip() for one in split(part, ",")) for part in split(self.raw, ";")]

    def items(self) -> list[str]:
        """The items of a list."""
        return [text for one in split(self.raw, ",") if (text := unescaped(one).strip())]


def parsed(line: str) -> Property | None:
    """The property of an unfolded line; None if it is none."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    rest, params = match["rest"], dict[str, list[str]]()
    position = 0
    while found := _PARAMETER.match(rest, position):
        position = found.end()
        _add(params, found["text"])
    if not rest.startswith(":", position):
        return None
    raw = _decoded(rest[position + 1 :], params)
    return None if raw is None else Property(match["name"].lower(), (match["group"] or "").lower(), params, raw)


def split(text: str, separator: str) -> list[str]:
    """The pieces between separators that no backslash stands before."""
    pieces, piece, is_escaped = [], "", False
    if "\\" not in text:
        return text.split(separator)
    for character in text:
        if character == separator and not is_escaped:
            pieces.append(piece)
            piece = ""
        else:
            piece += character
        is_escaped = character == "\\" and not is_escaped
    return [*pieces, piece]


def unescaped(text: str) -> str:
    r"""A text value without its backslashes; ``\:`` of careless programs included."""
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text, flags=re.DOTALL)


def escaped(text: str) -> str:
    """The text as a value; line breaks of all kinds become one."""
    text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return re.sub(r"\r\n|\r|\n", r"\\n", text)


def folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 bytes, no character torn apart, each with its line break."""
    raw, room = line.encode(), _FOLD
    lead = ""
    while len(raw) > room:
        cut = room
        while raw[cut] & 0xC0 == 0x80:  # within a character  # noqa: PLR2004 - UTF-8
            cut -= 1
        yield f"{lead}{raw[:cut].decode()}\r\n"
        raw, lead, room = raw[cut:], " ", _FOLD - 1
    yield f"{lead}{raw.decode()}\r\n"


def quoted(values: Sequence[str]) -> str:
    """Values of a parameter (RFC 6350, 3.3; RFC 6868)."""
    joined = ",".join(values).replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return f'"{joined}"' if re.search(r"[,;:]", joined) else joined


def _add(params: dict[str, list[str]], text: str) -> None:
    name, equals, values = text.partition("=")
    if not equals:
        name, values = ("encoding" if name.upper() in _BARE_ENCODINGS else "type"), name
    found = [one or two for one, two in _VALUE.findall(values)]
    plain = [re.sub(r"\^[n'^]", lambda match: _CARET[match[0]], one) for one in found]
    params.setdefault(name.strip().lower(), []).extend(plain)


def _decoded(raw: str, params: dict[str, list[str]]) -> str | None:
    encoding = params.get("encoding", [""])[0].upper()
    charset = params.get("charset", ["utf-8"])[0]
    try:
        if encoding == "QUOTED-PRINTABLE":
            # The escapes come after: a quoted line break is one of the text.
            return quopri.decodestring(raw.encode()).decode(charset)
        if encoding in {"BASE64", "B"} and params.get("value", [""])[0].lower() == "text":
            return base64.b64decode(raw).decode(charset)
    except (UnicodeDecodeError, LookupError, binascii.Error):
        return None
    return raw
