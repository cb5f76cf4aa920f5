"""Transactions, statements and connections: each belongs to one layer."""

import ast
from collections.abc import Iterator

from tools.rules.base import FileRule
from tools.rules.source import SourceFile


class NoCommit(FileRule):
    """A use case must compose with others in one transaction."""

    id = "no-commit"
    message = "the route or the consumer commits, once, when everything has succeeded; services only write"

    def applies(self, file: SourceFile) -> bool:
        """Product code of services and gateway."""
        return file.in_deployable

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Calls of a method `commit`."""
        for call, _ in file.calls():
            if isinstance(call.func, ast.Attribute) and call.func.attr == "commit":
                yield call


class StatementsInRepository(FileRule):
    """SQL outside the repository is found by nobody who looks for slow queries or missing locks."""

    id = "statements-in-repository"
    message = "statements are built in repository.py or models.py; call a function of the repository"

    _layers = frozenset({"service", "endpoints", "consumers", "domain", "schemas", "errors"})

    def applies(self, file: SourceFile) -> bool:
        """The other layers of a slice."""
        return file.in_deployable and bool(file.slice) and file.role in self._layers

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Imports of SQLAlchemy, and of the class that compiles statements."""
        for one in file.imports:
            if one.top == "sqlalchemy" or one.target in {"crm_platform.db.Query", "crm_platform.db.query.Query"}:
                yield one.node


class ConnectInPlatform(FileRule):
    """A connection that the platform did not open has no tenant set and no limits."""

    id = "connect-in-platform"
    message = "connections come from crm_platform.db, which sets the tenant and the time limits"

    _openers = frozenset({"asyncpg.connect", "asyncpg.create_pool", "sqlalchemy.create_engine"})

    def applies(self, file: SourceFile) -> bool:
        """Everything but the platform's `db` package, the runtime (it makes the databases) and tests."""
        return not (file.is_test or file.area in {"runtime", "bench"} or "crm_platform/db/" in str(file.path))

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Calls that open a connection or a pool."""
        for call, name in file.calls():
            if name in self._openers or name.endswith("create_async_engine"):
                yield call
