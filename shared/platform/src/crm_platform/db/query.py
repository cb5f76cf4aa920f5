"""Statements built with SQLAlchemy Core, compiled once, when first used, and executed by asyncpg."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy.dialects.postgresql import asyncpg as postgresql_asyncpg
from sqlalchemy.sql.expression import ClauseElement

_DIALECT = postgresql_asyncpg.dialect()  # type: ignore[no-untyped-call]


class Query:
    r"""The text of a statement with ``$n`` placeholders, and the order of its parameters.

    Build it at import time with named ``bindparam``\ s; run it as
    ``await connection.fetch(QUERY.text, *QUERY.args(id=...))``. Literal values in the statement are
    kept as defaults of their parameters.

    It is compiled when it is first used: a process has many hundreds, and most processes use a few.
    """

    __slots__ = ("_compiled", "_statement")

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: _Compiled | None = None

    @property
    def text(self) -> str:
        """What PostgreSQL is sent."""
        return self._compilation().text

    def _compilation(self) -> "_Compiled":
        # Two threads that both come first make the same of it.
        if self._compiled is None:
            self._compiled = _compile(self._statement)
        return self._compiled

    def args(self, **values: Any) -> list[Any]:
        """The parameters in the order of the text.

        Raises:
            KeyError: A value belongs to no parameter.
        """
        return self.bind(values)

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Like :meth:`args`, from a mapping."""
        _, names, defaults = self._compilation()
        unknown = values.keys() - set(names)
        if unknown:
            message = f"no such parameter: {sorted(unknown)}"
            raise KeyError(message)
        return [values[name] if name in values else defaults[name] for name in names]


class _Compiled(NamedTuple):
    text: str
    names: tuple[str, ...]
    defaults: Mapping[str, Any]


def _compile(statement: ClauseElement) -> _Compiled:
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    names: tuple[str, ...] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
    return _Compiled(str(compiled), names, dict(compiled.params or {}))
