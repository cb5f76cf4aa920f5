"""What a rule is."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from tools.rules.source import SourceFile


@dataclass(frozen=True, order=True)
class Finding:
    """One place that breaks a rule."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


class FileRule(ABC):
    """A rule that one file alone can break."""

    id: ClassVar[str]
    message: ClassVar[str]

    @abstractmethod
    def applies(self, file: SourceFile) -> bool:
        """Whether the rule is meant for this file."""

    @abstractmethod
    def places(self, file: SourceFile) -> Iterable[ast.AST]:
        """The nodes that break it."""

    def check(self, file: SourceFile) -> Iterator[Finding]:
        """The findings in ``file``, without those that it allows itself with a reason."""
        if not self.applies(file):
            return
        for line in sorted({getattr(node, "lineno", 1) for node in self.places(file)}):
            if not file.allows(line, self.id):
                yield Finding(str(file.path), line, self.id, self.message)


class RepositoryRule(ABC):
    """A rule about several files together."""

    id: ClassVar[str]

    @abstractmethod
    def check(self, root: Path) -> Iterator[Finding]:
        """The findings in the repository at ``root``."""

    def finding(self, path: Path | PurePosixPath | str, message: str, line: int = 1) -> Finding:
        """A finding of this rule."""
        return Finding(str(path), line, self.id, message)
