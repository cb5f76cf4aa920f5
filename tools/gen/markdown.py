"""Pieces of Markdown pages."""

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by `make gen` from the code. Edits here are lost. -->"


def page(title: str, introduction: str, *parts: str) -> str:
    """A whole page; ``parts`` are sections and tables."""
    return "\n\n".join([f"# {title}", NOTE, introduction, *(part for part in parts if part)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; empty text if there are no rows."""
    lines = ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |", *lines])


def code(text: object) -> str:
    """As code; empty text stays empty."""
    return f"`{text}`" if str(text) else ""


def mermaid(lines: Iterable[str]) -> str:
    """A diagram."""
    return "\n".join(["```mermaid", *lines, "```"])


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
