"""Errors, tests and sizes."""

import ast
from collections.abc import Iterator

from tools.rules.base import FileRule
from tools.rules.imports import is_ours
from tools.rules.source import SourceFile

MAX_FUNCTION = 60
MAX_FILE = 400


class NoHttpException(FileRule):
    """It has no code, no translation and no place in the error reference."""

    id = "no-http-exception"
    message = "raise a DomainError of errors.py: it has a status, a code, and a message in two languages"

    def applies(self, file: SourceFile) -> bool:
        """Product code of services and gateway."""
        return file.in_deployable

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Imports and mentions of the class."""
        for one in file.imports:
            if one.target.endswith(".HTTPException"):
                yield one.node
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Attribute) and node.attr == "HTTPException":
                yield node


class NoMocks(FileRule):
    """A test of a mock says nothing about the product."""

    id = "no-mocks"
    message = "tests use the real parts, or an implementation of the same interface; own code is never patched"

    def applies(self, file: SourceFile) -> bool:
        """Tests and what helps them."""
        return file.is_test

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Mock libraries, and `monkeypatch` on objects of ours."""
        for one in file.imports:
            if one.target.startswith("unittest.mock") or one.top in {"mock", "pytest_mock"}:
                yield one.node
        for node in ast.walk(file.tree):
            if isinstance(node, ast.arg) and node.arg == "mocker":
                yield node
        for call, name in file.calls():
            if name in {"monkeypatch.setattr", "monkeypatch.delattr"} and self._is_ours(file, call):
                yield call

    def _is_ours(self, file: SourceFile, call: ast.Call) -> bool:
        if not call.args:
            return False
        target = call.args[0]
        name = target.value if isinstance(target, ast.Constant) else file.dotted(target)
        return isinstance(name, str) and is_ours(name.partition(".")[0])


class ShortFunction(FileRule):
    """What does not fit on a screen does more than one thing."""

    id = "short-function"
    message = f"a function has at most {MAX_FUNCTION} lines, better 40"

    def applies(self, file: SourceFile) -> bool:
        """All code that people write."""
        return not file.is_generated

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Functions that are longer, from `def` to the last line."""
        for node in ast.walk(file.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION:
                    yield node


class ShortFile(FileRule):
    """A module that grows without end is a slice that was not cut."""

    id = "short-file"
    message = f"a file has at most {MAX_FILE} lines, better 300"

    def applies(self, file: SourceFile) -> bool:
        """All code that people write."""
        return not file.is_generated

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """The file itself."""
        if len(file.text.splitlines()) > MAX_FILE:
            yield file.tree
