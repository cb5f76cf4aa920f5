"""Imports that import-linter has no words for."""

import ast
import sys
from collections.abc import Iterator

from tools.layout import distributions
from tools.rules.base import FileRule
from tools.rules.source import SourceFile

OUR_PACKAGES = frozenset(one.package for one in distributions()) | {"tools", "tests"}


def is_ours(package: str) -> bool:
    """Whether a top-level package is of this repository."""
    return package in OUR_PACKAGES or package.endswith("_tests")


class NoDeferredImport(FileRule):
    """An import inside a function hides a cycle between modules."""

    id = "no-deferred-import"
    message = "own code is imported at the top; if that makes a cycle, the modules are cut in the wrong place"

    def applies(self, file: SourceFile) -> bool:
        """All code."""
        return not file.is_generated

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Imports of own packages inside functions."""
        for one in file.imports:
            if one.deferred and is_ours(one.top):
                yield one.node


class SiblingByService(FileRule):
    """A slice that reaches into another's tables or routes cannot be understood, or moved out, by itself."""

    id = "sibling-by-service"
    message = "another slice is used only through its service.py, and the pure types of its domain.py"

    _open = frozenset({"service", "domain"})

    def applies(self, file: SourceFile) -> bool:
        """Modules in a slice; mechanism beside the slices may know their parts."""
        return file.in_deployable and file.slice in file.slices

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Imports of a sibling as a whole, or of its other modules."""
        for one in file.imports:
            package, *inner = one.target.split(".")
            foreign = package == file.package and inner[:1] != [file.slice] and inner[0] in file.slices
            if foreign and not self._open & set(inner[1:2]):
                yield one.node


class ContractsAlone(FileRule):
    """Contracts are what other systems build on: data, and nothing that runs."""

    id = "contracts-alone"
    message = "contracts import the standard library and pydantic only"

    _allowed = sys.stdlib_module_names | {"pydantic", "crm_contracts"}

    def applies(self, file: SourceFile) -> bool:
        """The contracts package."""
        return file.area == "contracts" and not file.is_test

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Imports of anything else."""
        for one in file.imports:
            if one.top not in self._allowed:
                yield one.node


class AnnotationsAtRunTime(FileRule):
    """FastAPI and pydantic read annotations; as text they are resolved late and fail late."""

    id = "annotations-at-run-time"
    message = "no `from __future__ import annotations` where FastAPI or pydantic read the annotations"

    def applies(self, file: SourceFile) -> bool:
        """Modules that import FastAPI or pydantic."""
        return any(one.top in {"fastapi", "pydantic", "pydantic_settings"} for one in file.imports)

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """The import."""
        for one in file.imports:
            if one.target == "__future__.annotations":
                yield one.node
