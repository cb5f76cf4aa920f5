"""Rules about the files of the repository as such."""

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tools.layout import distributions
from tools.rules.base import Finding, RepositoryRule

# Written in pieces, so that this file does not break its own rule.
_PATTERNS = {
    re.compile(r"(?<![\w.~-])/" + r"(?:work|root)(?:/|\b(?=[\s\"'`)]|$))"): "a path of one machine",
    re.compile(r"/home/" + r"(?!\$|<)\w+/"): "a path of one person's machine",
    re.compile(
        r"(?:pypi|python" + r"hosted|npmjs|crates|maven)" + r"\.(?:org|io|com)\b"
    ): "an address of a package registry",
}
_TEXT = {".cfg", ".css", ".html", ".ini", ".js", ".json", ".lock", ".mako", ".md", ".py", ".sh", ".sql", ".toml"}
_TEXT |= {".in", ".txt", ".yaml", ".yml", ""}
_MAX_BYTES = 4_000_000


class PortableFiles(RepositoryRule):
    """What is committed works on every machine, behind every registry mirror."""

    id = "portable-files"

    def check(self, root: Path) -> Iterator[Finding]:
        """Lines with paths of a machine or addresses of a registry, and any address in a lock."""
        for path in repository_files(root):
            if (root / path).suffix not in _TEXT or (root / path).stat().st_size > _MAX_BYTES:
                continue
            try:
                text = (root / path).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            yield from self._check_text(path, text)

    def _check_text(self, path: Path, text: str) -> Iterator[Finding]:
        for number, line in enumerate(text.splitlines(), start=1):
            if path.suffix == ".lock" and "://" in line:
                yield self.finding(path, "a lock names packages and hashes, no addresses", number)
            for pattern, what in _PATTERNS.items():
                if pattern.search(line) and f"# allow {self.id}:" not in line:
                    yield self.finding(path, f"{what} does not belong into the repository", number)


class UniquePackages(RepositoryRule):
    """Two packages of one name cannot be installed, imported or tested together."""

    id = "unique-packages"

    def check(self, root: Path) -> Iterator[Finding]:
        """Top-level names that several folders offer."""
        offered: dict[str, list[Path]] = defaultdict(list)
        for one in distributions(root):
            for folder in (one.sources, one.tests):
                for path in sorted((root / folder).glob("*")):
                    if path.suffix == ".py" or (path / "__init__.py").is_file():
                        offered[path.stem].append(path.relative_to(root))
        for name, paths in sorted(offered.items()):
            for path in paths[1:]:
                yield self.finding(path, f"{name} is also {paths[0]}")


class TestPackages(RepositoryRule):
    """Two test modules of one name need packages around them to be told apart."""

    id = "test-packages"
    __test__ = False

    def check(self, root: Path) -> Iterator[Finding]:
        """Folders with tests that are no packages."""
        folders = [root / one.tests for one in distributions(root)] + [root / "tests"]
        for folder in folders:
            for path in sorted(folder.rglob("*.py")):
                if path.parent != folder and not (path.parent / "__init__.py").is_file():
                    yield self.finding(path.relative_to(root), "its folder has no __init__.py")


def repository_files(root: Path) -> list[Path]:
    """Files that are committed, or would be by `git add --all`; relative to ``root``.

    Raises:
        subprocess.CalledProcessError: ``root`` is no git repository.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    paths = sorted({Path(name) for name in listed.split("\0") if name})
    return [path for path in paths if (root / path).is_file()]
