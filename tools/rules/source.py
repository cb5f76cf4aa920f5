"""One Python file as the rules see it: where it belongs, what it imports, what its names stand for."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ALLOWANCE = "# allow "
"""`# allow <rule>: <reason>` on a line lets that line break the rule."""

_SHARED = {"contracts", "platform", "runtime"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, kw_only=True)
class Import:
    """One name that an import statement brings in."""

    target: str
    """Dotted origin: `asyncio` or `crm_platform.uow.UnitOfWork`."""
    local: str
    """What it is called in this file."""
    node: ast.Import | ast.ImportFrom
    deferred: bool
    """Whether the statement stands inside a function."""

    @property
    def top(self) -> str:
        """The package it comes from."""
        return self.target.partition(".")[0]


class SourceFile:
    """A parsed file; ``path`` is relative to the root and decides which rules apply.

    Attributes:
        slices: The names of all slices of the service that the file belongs to.
    """

    def __init__(self, path: PurePosixPath | Path, text: str, *, slices: Collection[str] = ()) -> None:
        self.path = PurePosixPath(path)
        self.slices = frozenset(slices)
        self.text = text
        self.tree = ast.parse(text)

    @cached_property
    def area(self) -> str:
        """`services`, `gateway`, `contracts`, `platform`, `runtime`, or the name of another top folder."""
        parts = self.path.parts
        return parts[1] if parts[0] == "shared" and parts[1] in _SHARED else parts[0]

    @cached_property
    def is_test(self) -> bool:
        """Whether it is part of the tests, or helps them."""
        return "tests" in self.path.parts or "testing" in self.path.parts or self.path.name == "conftest.py"

    @cached_property
    def is_generated(self) -> bool:
        """Whether a tool wrote it: migrations."""
        return self.path.parent.name == "versions"

    @cached_property
    def in_deployable(self) -> bool:
        """Whether it is product code of a service or the gateway."""
        return self.area in {"services", "gateway"} and not self.is_test and not self.is_generated

    @cached_property
    def _below_src(self) -> tuple[str, ...]:
        parts = self.path.parts
        return parts[parts.index("src") + 1 :] if "src" in parts else ()

    @cached_property
    def package(self) -> str:
        """The import name of the distribution that it is product code of; empty if none."""
        return self._below_src[0] if self._below_src else ""

    @cached_property
    def slice(self) -> str:
        """The slice of a service that it belongs to; empty outside of slices."""
        return self._below_src[1] if self.in_deployable and len(self._below_src) > 2 else ""  # noqa: PLR2004 - package/slice/file

    @cached_property
    def role(self) -> str:
        """The name of the file without `.py`, which says its layer in a slice."""
        return self.path.stem

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every imported name, in the order of the file."""
        return tuple(self._imports(self.tree, deferred=False))

    def _imports(self, node: ast.AST, *, deferred: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    local = alias.asname or alias.name.partition(".")[0]
                    yield Import(target=alias.name, local=local, node=child, deferred=deferred)
            elif isinstance(child, ast.ImportFrom):
                for alias in child.names:
                    target = f"{self._origin(child)}.{alias.name}"
                    yield Import(target=target, local=alias.asname or alias.name, node=child, deferred=deferred)
            else:
                yield from self._imports(child, deferred=deferred or isinstance(child, _FUNCTIONS))

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        base = self._below_src[: -node.level] or self.path.parts[: -node.level]
        return ".".join((*base, *((node.module,) if node.module else ())))

    @cached_property
    def _names(self) -> dict[str, str]:
        return {
            one.local: one.target if isinstance(one.node, ast.ImportFrom) or one.local != one.top else one.top
            for one in self.imports
        }

    def dotted(self, node: ast.AST) -> str:
        """What ``datetime.now`` stands for, such as `datetime.datetime.now`; empty if the expression is no name."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with what it calls, see :meth:`dotted`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, self.dotted(node.func)

    def allows(self, line: int, rule: str) -> bool:
        """Whether the line carries an allowance for ``rule``, with a reason."""
        _, found, rest = self.text.splitlines()[line - 1].partition(f"{ALLOWANCE}{rule}:")
        return bool(found) and bool(rest.strip())
