"""The sealed members of one aggregate: as JSON, in a row, and back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import PydanticUndefined, to_json
from sqlalchemy import ColumnElement, Label, Table, Text, case, cast, func, literal_column, not_, select
from sqlalchemy.sql.expression import FromClause

from crm_contracts.sealing import BrokenSeal, place, unseal
from crm_platform.sealing.declare import Sealed
from crm_platform.sealing.tables import SEALED, SUBJECT_KEYS
from crm_platform.sealing.vault import SubjectKey, Vault

ERASED_AT = "erased_at"
"""The member that says since when the sealed members are gone for good; null while they are not."""

_SUBJECT, _KEY, _CLEAR = "sealed_subject", "sealed_key", "sealed_clear"
SELECTED = (SEALED, _SUBJECT, _KEY, _CLEAR)
"""Names of what :meth:`SealedPart.columns` selects, in order; the last one only where not every record is sealed."""


class Opened(NamedTuple):
    """What a row's sealed column holds."""

    content: bytes | None
    """The members as a JSON object; None where there are none, or none any more."""
    key: SubjectKey | None
    """The subject's key; None where it is destroyed, or was never made."""
    erased_at: datetime | None


class SealedPart:
    """The sealed members of an aggregate, bound to its table and its state.

    Raises:
        TypeError: The declaration does not fit the state or the table.
    """

    def __init__(self, declared: Sealed, *, table: Table, state: type[BaseModel]) -> None:
        self.keys = declared.keys
        self.filters = declared.filters
        self.subject = declared.subject
        self.when = declared.when
        self.own = declared.subject == "id"
        """Whether every record is a subject of its own, so that its key is made together with it."""
        self.members = tuple(name for name in state.model_fields if name in declared.members)
        self.tells_erasure = True
        """Whether what is shown says, beside the members, since when they are erased."""
        self._table = table
        self._check(declared, state)
        self.defaults: dict[str, Any] = {name: _default(state, name, declared) for name in self.members}
        self.empty = to_json(self.defaults)
        """What an erased record shows."""

    def _check(self, declared: Sealed, state: type[BaseModel]) -> None:
        fields, columns = state.model_fields, self._table.c
        problems = [f"no member {name}" for name in declared.members if name not in fields]
        defaults = {name: _default(state, name, declared) for name in self.members}
        problems += [f"{name} needs a default" for name, one in defaults.items() if one is PydanticUndefined]
        if self.when is None:
            problems += [f"{name} has a column in the clear" for name in self.members if name in columns]
        else:
            problems += [f"no column {name}" for name in (*self.members, self.when) if name not in columns]
            problems += [f"no member {self.when}"] if self.when not in fields else []
        problems += [f"no column {name}" for name in (SEALED, self.subject) if name not in columns]
        problems += [f"{name} is a member" for name in (SEALED, ERASED_AT) if name in fields]
        if problems:
            message = f"{self._table.name}: cannot seal: {'; '.join(problems)}"
            raise TypeError(message)

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of what it adds to the JSON of a record."""
        return (*self.members, ERASED_AT) if self.tells_erasure else self.members

    def subject_of(self, state: Any) -> UUID:
        """With whose key the members of ``state`` are sealed."""
        subject: UUID = getattr(state, self.subject)
        return subject

    def seals(self, state: Any) -> bool:
        """Whether the members of ``state`` are sealed."""
        return self.when is None or bool(getattr(state, self.when))

    def content(self, state: BaseModel, names: Collection[str] | None = None) -> bytes:
        """The members of ``state`` as a JSON object, all or only ``names``."""
        return state.model_dump_json(include=set(self.members if names is None else names)).encode()

    def place(self, tenant_id: UUID, id: UUID) -> bytes:
        """Where the members of one row are sealed."""
        return _place_in(tenant_id, self._table.name) + place(id)

    def columns(self, source: FromClause) -> list[Label[Any]]:
        """What a statement selects beside the open members, so that :meth:`open` can do its work.

        The key is a scalar subquery and not a join: a sorted page then looks up its own rows' keys only, and a lock on
        the rows needs no say about the keys.
        """
        keys, subject = SUBJECT_KEYS.c, source.c[self.subject]
        key = select(func.row(keys.wrapped_key, keys.kek_id, keys.destroyed_at)).where(
            keys.tenant_id == source.c.tenant_id, keys.subject_id == subject
        )
        key = key.correlate(source)
        columns = [source.c[SEALED].label(SEALED), subject.label(_SUBJECT), key.scalar_subquery().label(_KEY)]
        return columns if self.when is None else [*columns, self._clear(source, source.c[self.when])]

    def _clear(self, source: FromClause, when: ColumnElement[Any]) -> Label[Any]:
        """The members as a JSON object where they are not sealed; NULL where they are."""
        row = select(*(source.c[name].label(name) for name in self.members)).correlate(source).lateral("c")
        shown = select(cast(func.row_to_json(literal_column("c")), Text)).select_from(row).correlate(source)
        return case((not_(when), shown.scalar_subquery())).label(_CLEAR)

    def open(self, vault: Vault, tenant_id: UUID, id: UUID, row: Mapping[str, Any]) -> Opened:
        """Open the sealed column of a row that was selected with :meth:`columns`.

        Raises:
            BrokenSeal: It was changed or comes from elsewhere, or the subject's key is not there at all.
            Unavailable: This process does not have the key that wraps the subject's.
        """
        content, erased_at = self.read(vault, tenant_id, id, row)
        if erased_at is not None or row[_KEY] is None:
            return Opened(content, None, erased_at)
        wrapped, kek_id, _ = row[_KEY]
        subject_id: UUID = row[_SUBJECT]
        cipher = vault.cipher(tenant_id, subject_id, kek_id, wrapped)
        return Opened(content, SubjectKey(subject_id, kek_id, wrapped, cipher), None)

    def read(
        self, vault: Vault, tenant_id: UUID, id: UUID, row: Mapping[str, Any]
    ) -> tuple[bytes | None, datetime | None]:
        """Like :meth:`open`, for who only wants the members, and since when they are erased."""
        sealed, key = row[SEALED], row[_KEY]
        if self.when is not None and row[_CLEAR] is not None:
            return row[_CLEAR].encode(), None if key is None else key[2]
        if key is None:
            if sealed is not None:
                raise BrokenSeal("the key of its subject is missing")
            return None, None
        wrapped, kek_id, erased_at = key
        if sealed is None or wrapped is None:
            return None, erased_at
        cipher = vault.cipher(tenant_id, row[_SUBJECT], kek_id, wrapped)
        return unseal(cipher, sealed, self.place(tenant_id, id)), None


@lru_cache(1024)
def _place_in(tenant_id: UUID, table: str) -> bytes:
    return place("row", tenant_id, table, SEALED)


def splice(shown: bytes, sealed: bytes) -> bytes:
    """One JSON object of the members of two, which have none in common; nothing is parsed."""
    if sealed == b"{}":
        return shown
    return sealed if shown == b"{}" else b"%b,%b" % (shown[:-1], sealed[1:])


def _default(state: type[BaseModel], name: str, declared: Sealed) -> Any:
    usual = state.model_fields[name].get_default(call_default_factory=True)
    return declared.blank.get(name, usual)
