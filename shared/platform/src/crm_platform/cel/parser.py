"""Text to syntax tree, by the grammar of CEL (langdef.md of the CEL specification), within the limits."""

import re
import unicodedata
from collections.abc import Iterator

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from crm_platform.cel.errors import CelLimitError, CelSyntaxError, Position
from crm_platform.cel.fields import RESERVED, CelLimits
from crm_platform.cel.suggest import hint

# Every terminal is matched in linear time: no two branches of a repetition can start with the same character.
_GRAMMAR = rf"""
?start: expression
?expression: disjunction | disjunction "?" disjunction ":" expression -> conditional
?disjunction: conjunction ("||" conjunction)*
?conjunction: relation ("&&" relation)*
?relation: sum | relation RELATION sum -> binary
?sum: product | sum SUM product -> binary
?product: unary | product PRODUCT unary -> binary
?unary: member | "!" unary -> negation | "-" unary -> minus
?member: primary
    | member "." NAME -> select
    | member "." NAME "(" arguments? ")" -> method
    | member "[" expression "]" -> index
?primary: NAME -> name
    | NAME "(" arguments? ")" -> call
    | "(" expression ")"
    | "[" arguments? "]" -> list_literal
    | (STRING | FLOAT | INTEGER | WORD) -> literal
arguments: expression ("," expression)*

RELATION: /==|!=|<=|>=|<|>|in(?![_a-zA-Z0-9])/
SUM: /[+-]/
PRODUCT: /[*\/%]/
WORD.2: /(?:true|false|null)(?![_a-zA-Z0-9])/
NAME: /(?!(?:{RESERVED})(?![_a-zA-Z0-9]))[_a-zA-Z][_a-zA-Z0-9]*/
FLOAT.1: /[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?/
INTEGER: /0[xX][0-9a-fA-F]+|[0-9]+/
STRING.1: /[rR]"[^"\r\n]*"|[rR]'[^'\r\n]*'|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*'/
%ignore /[\t\n\f\r ]+/
%ignore /\/\/[^\n]*/
"""

_LARK = Lark(_GRAMMAR, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False)

_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
_WORD = re.compile(r"\w+|[=<>!&|]+|\S")
_OPENING = frozenset("([?")
_CLOSING = frozenset(")]:")
_PREFIXES = frozenset({"BANG", "MINUS"})
# Curly quotes and the ideographic full stop.
_PUNCTUATION = {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u3002": "."}
_MEANT = {"=": "==", "&": "&&", "|": "||", "and": "&&", "or": "||", "AND": "&&", "OR": "||"}


def parse(text: str, limits: CelLimits) -> Tree[Token]:
    """The syntax tree of ``text``.

    Raises:
        CelSyntaxError: It is not an expression.
        CelLimitError: It is too long, has too many tokens or too many brackets within brackets.
    """
    if len(text) > limits.max_length:
        raise CelLimitError("too_long", size=len(text), limit=limits.max_length)
    if unusable := _UNUSABLE.search(text):
        position = Position.of(text, unusable.start(), unusable.start())
        raise CelSyntaxError("invalid_text", position, character=f"{ord(unusable.group()):04X}")
    try:
        parser = _LARK.parse_interactive(text)
        for _ in _within_limits(parser.iter_parse(), text, limits):
            pass
        tree: Tree[Token] = parser.feed_eof()  # type: ignore[no-untyped-call]
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from None
    return tree


def _within_limits(tokens: Iterator[Token], text: str, limits: CelLimits) -> Iterator[Token]:
    """Stop as soon as a limit is exceeded, so that the rest of a hostile text costs nothing."""
    brackets = prefixes = 0
    for count, token in enumerate(tokens, start=1):
        if token in _OPENING:
            brackets += 1
        elif token in _CLOSING:
            brackets -= 1
        prefixes = prefixes + 1 if token.type in _PREFIXES else 0
        for code, size, limit in (
            ("too_deep", brackets + prefixes, limits.max_depth),
            ("too_many_tokens", count, limits.max_tokens),
        ):
            if size > limit:
                start = token.start_pos or 0
                raise CelLimitError(code, Position.of(text, start, start + 1), limit=limit)
        yield token


def _syntax_error(text: str, error: UnexpectedInput) -> CelSyntaxError:
    start = error.pos_in_stream if isinstance(error, UnexpectedCharacters) else None
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        start = error.token.start_pos
    if start is None:
        return CelSyntaxError("unexpected_end", Position.of(text, len(text), len(text)))
    if text[start] in "\"'" and isinstance(error, UnexpectedCharacters):
        return CelSyntaxError("unterminated_string", Position.of(text, start, len(text)))
    word = _WORD.match(text, start)
    token = word.group() if word else text[start]
    meant = _MEANT.get(token) or _ascii(token)
    advice = hint(f"; write `{meant}`", f"，请写“{meant}”") if meant else hint()
    return CelSyntaxError("unexpected_token", Position.of(text, start, start + len(token)), **advice)


def _ascii(token: str) -> str | None:
    """The plain form of a full-width character, as Chinese input methods type it."""
    plain = _PUNCTUATION.get(token) or unicodedata.normalize("NFKC", token)
    return plain if plain != token and plain.isascii() else None
