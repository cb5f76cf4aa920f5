"""A generated file, and the sets of them."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_SHOWN_LINES = 12


@dataclass(frozen=True)
class Artefact:
    """One file as it should be; the path is relative to the root."""

    path: Path
    text: str


@dataclass(frozen=True, kw_only=True)
class Generator:
    """One kind of derived files."""

    name: str
    make: Callable[[], Iterable[Artefact]]
    owns: tuple[str, ...]
    """Glob patterns of all files that it may have written; what matches and is not made any more is deleted."""


def left_over(root: Path, generator: Generator, made: Iterable[Artefact]) -> Iterator[Path]:
    """Files of ``generator`` from before that it does not make any more."""
    paths = {artefact.path for artefact in made}
    for pattern in generator.owns:
        for path in sorted(root.glob(pattern)):
            if path.relative_to(root) not in paths:
                yield path.relative_to(root)


def write(root: Path, generator: Generator) -> Iterator[Path]:
    """Bring the files of ``generator`` up to date; gives those that changed."""
    made = list(generator.make())
    for artefact in made:
        target = root / artefact.path
        if not target.is_file() or target.read_text(encoding="utf-8") != artefact.text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(artefact.text, encoding="utf-8")
            yield artefact.path
    for path in left_over(root, generator, made):
        (root / path).unlink()
        yield path


def differences(root: Path, generator: Generator) -> Iterator[str]:
    """What is not up to date, as the beginning of a unified diff for each file."""
    made = list(generator.make())
    for artefact in made:
        target = root / artefact.path
        before = target.read_text(encoding="utf-8") if target.is_file() else ""
        if before != artefact.text:
            lines = difflib.unified_diff(
                before.splitlines(), artefact.text.splitlines(), str(artefact.path), "generated now", n=1, lineterm=""
            )
            yield summary(list(lines))
    for path in left_over(root, generator, made):
        yield f"{path}: nothing generates this any more"


def summary(lines: list[str]) -> str:
    """The first lines of a diff, and how many follow."""
    shown = "\n".join(lines[:_SHOWN_LINES])
    more = len(lines) - _SHOWN_LINES
    return f"{shown}\n... and {more} more lines" if more > 0 else shown
