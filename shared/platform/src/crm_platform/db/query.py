"""Statements built with SQLAlchemy Core, compiled once, executed by asyncpg."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import asyncpg as postgresql_asyncpg
from sqlalchemy.sql.expression import ClauseElement

_DIALECT = postgresql_asyncpg.dialect()  # type: ignore[no-untyped-call]


class Query:
    r"""The text of a statement with ``$n`` placeholders, and the order of its parameters.

    Build it at import time with named ``bindparam``\ s; run it as
    ``await connection.fetch(QUERY.text, *QUERY.args(id=...))``. Literal values in the statement are
    kept as defaults of their parameters.
    """

    __slots__ = ("_defaults", "_names", "text")

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        self.text: str = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        self._defaults: Mapping[str, Any] = dict(compiled.params or {})

    def args(self, **values: Any) -> list[Any]:
        """The parameters in the order of the text.

        Raises:
            KeyError: A value belongs to no parameter.
        """
        return self.bind(values)

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Like :meth:`args`, from a mapping."""
        unknown = values.keys() - set(self._names)
        if unknown:
            message = f"no such parameter: {sorted(unknown)}"
            raise KeyError(message)
        return [values[name] if name in values else self._defaults[name] for name in self._names]
