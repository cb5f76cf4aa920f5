"""`errors.md`: every problem that a client can be told of."""

from collections.abc import Iterator
from pathlib import Path

from crm_platform.errors import DomainError
from tools.gen.artefact import Artefact
from tools.gen.markdown import code, page, table
from tools.gen.system import first_line, modules_of
from tools.layout import distributions

_INTRODUCTION = (
    "Refusals are problem documents (RFC 9457, `application/problem+json`). Programs decide by `code`, people read "
    "`detail`, in the language of the token or of `Accept-Language`. Retryable ones may succeed unchanged later."
)


def make() -> Iterator[Artefact]:
    """The page."""
    parts: list[str] = []
    for one in distributions():
        found = sorted(error_classes(one.package), key=lambda kind: (kind.status, kind.code))
        if found:
            parts += [f"## {'Everywhere' if one.package == 'crm_platform' else one.name}", _rows(found)]
    yield Artefact(Path("docs/reference/errors.md"), page("Errors", _INTRODUCTION, *parts))


def error_classes(package: str) -> Iterator[type[DomainError]]:
    """The error classes that a package defines, each with a code of its own."""
    for module in modules_of(package):
        for kind in vars(module).values():
            own = isinstance(kind, type) and kind.__module__ == module.__name__
            if own and issubclass(kind, DomainError) and "code" in vars(kind):
                yield kind


def _rows(kinds: list[type[DomainError]]) -> str:
    rows = [
        (
            kind.status,
            code(kind.code),
            f"{kind.title} / {kind.title_zh}",
            f"{kind.en}<br>{kind.zh}",
            first_line(kind),
            "yes" if kind.retryable else "",
        )
        for kind in kinds
    ]
    return table(["Status", "Code", "Title", "Detail", "Meaning", "Retryable"], rows)
