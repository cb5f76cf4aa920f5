"""What can be wrong with an expression, and where."""

from dataclasses import dataclass
from typing import Self

from crm_platform.cel.messages import CHINESE, MESSAGES
from crm_platform.words import Words

_SHOWN_TOKEN = 40
"""Characters of the offending token that a message repeats."""

_DESCRIBED = frozenset({"what", "expected", "actual"})
"""Parameters that may hold words to translate."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the text of an expression.

    Attributes:
        offset: Characters before it.
        line: Line, counted from 1.
        column: Character in the line, counted from 1.
        token: The offending piece of text, shortened; empty at the end of the text.
    """

    offset: int
    line: int
    column: int
    token: str

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Self:
        """The position of ``text[start:end]``."""
        token = text[start:end]
        if len(token) > _SHOWN_TOKEN:
            token = token[:_SHOWN_TOKEN] + "…"
        return cls(start, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start), token)


class CelError(Exception):
    """An expression that cannot be used, or a value that does not fit its field.

    Attributes:
        code: Stable name of the mistake, a key of ``MESSAGES``.
        detail: English message, without the position.
        position: Where it is; None where the text is not at fault.
        params: What the message names: for clients and for messages in other languages.
    """

    def __init__(self, code: str, position: Position | None = None, **params: object) -> None:
        self.code = code
        self.position = position
        self.params = {name: str(value) for name, value in params.items()}
        if position is not None:
            self.params |= {"token": position.token}
        self.detail = self.message("en")
        super().__init__(self.detail)

    def message(self, language: str) -> str:
        """The message in ``language``: ``zh``, or English for any other."""
        english, chinese = MESSAGES[self.code]
        if language != "zh":
            return english.format_map(self.params)
        described = {
            name: CHINESE.get(self.params[name], self.params[name]) for name in _DESCRIBED & self.params.keys()
        }
        return chinese.format_map(self.params | described)

    def words(self) -> Words:
        """The message with its place in the text."""
        english, chinese = self.detail, self.message("zh")
        if self.position is None:
            return Words(english, chinese)
        line, column = self.position.line, self.position.column
        return Words(f"{english} (line {line}, column {column})", f"{chinese}（第 {line} 行，第 {column} 列）")

    def __str__(self) -> str:
        return self.words().en


class CelSyntaxError(CelError):
    """The text is not an expression."""


class CelLimitError(CelError):
    """The expression is bigger than allowed."""


class CelNameError(CelError):
    """A field or function that does not exist."""


class CelTypeError(CelError):
    """Operands, arguments or literals that do not fit."""


class CelValueError(CelError):
    """A value given for evaluation is not of its field's kind."""
