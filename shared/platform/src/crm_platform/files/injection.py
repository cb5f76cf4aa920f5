"""Texts that a spreadsheet would take for a formula: neutralised on the way out, restored on the way in.

A cell whose text begins with ``= + - @``, their full-width forms, a tab or a line break can run as a formula (OWASP,
CSV Injection). It gets an apostrophe, which spreadsheets take for "this is text". So that reading gives back what was
written, a text that begins with apostrophes *before* such a character gets one more, and reading takes one away:

    =1+1 → '=1+1 → =1+1        '=1+1 → ''=1+1 → '=1+1        it's → it's

Numbers are written as numbers: ``-5`` stays ``-5``; the *text* ``-5`` becomes ``'-5``.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - full-width forms, as Excel understands them
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - as above
_FIRST = frozenset("'=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - as above


def neutralised(text: str) -> str:
    """The text as no spreadsheet runs it."""
    return f"'{text}" if text[:1] in _FIRST and _DANGEROUS.match(text) else text


def restored(text: str) -> str:
    """The text that :func:`neutralised` was given."""
    return text[1:] if text.startswith("'") and _NEUTRALISED.match(text) else text
