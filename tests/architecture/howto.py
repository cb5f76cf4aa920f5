"""Carries out a how-to page: its changes of files, and its commands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>diff|sh)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


class DoesNotFit(Exception):
    """A block of a page cannot be applied to the files as they are."""


@dataclass(frozen=True)
class Command:
    """Something to type, of one line or more."""

    text: str


@dataclass(frozen=True)
class Change:
    """Lines of one file, before and after; without lines before, they are put at the end."""

    path: str
    before: str
    after: str

    def apply(self, root: Path) -> None:
        """Change the file.

        Raises:
            DoesNotFit: The lines before are not there, or more than once.
        """
        file = root / self.path
        if not self.before:
            file.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text(encoding="utf-8") if file.exists() else ""
            file.write_text(text + self.after, encoding="utf-8")
            return
        text = "\n" + file.read_text(encoding="utf-8")
        if (found := text.count("\n" + self.before)) != 1:
            message = f"{self.path} has these lines {found} times:\n{self.before}"
            raise DoesNotFit(message)
        file.write_text(text.replace("\n" + self.before, "\n" + self.after)[1:], encoding="utf-8")


def steps(page: str) -> Iterator[Change | Command]:
    """What the page asks for, in order."""
    for block in _BLOCK.finditer(page):
        body = "\n".join(line.removeprefix(block["indent"]) for line in block["body"].splitlines())
        if block["kind"] == "sh":
            yield Command(body)
        else:
            yield _change(body)


def _change(body: str) -> Change:
    path, *lines = body.splitlines()
    before = [line[1:] for line in lines if not line.startswith("+")]
    after = [line[1:] for line in lines if not line.startswith("-")]
    return Change(path, "".join(f"{line}\n" for line in before), "".join(f"{line}\n" for line in after))
