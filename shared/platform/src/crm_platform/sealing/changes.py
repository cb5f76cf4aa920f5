"""Sealing what one unit of work writes: the row, the audit entry and the event of each change."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_json

from crm_contracts.base import SealedMembers
from crm_contracts.sealing import event_place, place, seal, to_text
from crm_platform.db import Connection
from crm_platform.errors import BadRequest
from crm_platform.sealing.errors import PersonalDataErased
from crm_platform.sealing.members import SealedPart
from crm_platform.sealing.reading import with_members
from crm_platform.sealing.record_keys import arguments
from crm_platform.sealing.subjects import Erased, keys_for_writing
from crm_platform.sealing.vault import SubjectKey, Vault, vault_of
from crm_platform.sealing.words import TrailPart
from crm_platform.words import Words

S = TypeVar("S", bound=BaseModel)

AUDIT_MEMBER = "sealed"
"""The member of ``before`` and ``after`` of an audit entry that holds the sealed ones."""


@dataclass(frozen=True, slots=True)
class SealedChange:
    """The sealed side of one change."""

    row: bytes | None
    """The sealed column; None where it stays as it is."""
    event: SealedMembers | None
    members: tuple[str, ...] = ()
    """The sealed ones that the change touches."""


NOTHING_SEALED = SealedChange(None, None)


class UnitKeys:
    """The keys of the subjects that one unit of work has to do with."""

    __slots__ = ("_connection", "_keys", "_made", "_seen", "_tenant_id", "_undone", "_vault")

    def __init__(self, connection: Connection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._undone = 0
        self._keys: dict[UUID, SubjectKey | Erased] = {}
        self._made: dict[UUID, SubjectKey] = {}
        self._seen: set[UUID] = set()
        self._vault: Vault | None = None

    @property
    def vault(self) -> Vault:
        """The vault of the connection."""
        if self._vault is None:
            self._vault = vault_of(self._connection)
        return self._vault

    def open(self, part: SealedPart, row: Any) -> bytes | None:
        """The sealed members of a row that was loaded for a change; its subject's key is remembered."""
        opened = part.open(self.vault, self._tenant_id, row["id"], row)
        known = opened.key if opened.erased_at is None else Erased(opened.erased_at)
        if known is not None:
            self._known()[row[part.subject]] = known
        return opened.content

    async def prepare(self, part: SealedPart, states: Iterable[Any], *, new: bool = False) -> None:
        """Have a key at hand for the subject of each state; with ``new`` the states' own subjects have none yet."""
        keys = self._known()
        unknown = {part.subject_of(state) for state in states} - keys.keys()
        if new and part.own:
            made = {subject: self.vault.new_key(self._tenant_id, subject) for subject in unknown}
            self._made |= made
            keys |= made
        elif unknown:
            keys |= await keys_for_writing(self._connection, self.vault, self._tenant_id, unknown)

    def seen(self, part: TrailPart | None, state: S) -> S:
        """Remember about whom a state is that was loaded for a change: what it says is sealed with that one's key."""
        if part is not None:
            self._seen.add(part.subject_of(state))
        return state

    async def prepare_trail(self, part: TrailPart | None, states: Iterable[Any]) -> None:
        """Have a key at hand for whom each state is about, and for those that were seen before."""
        if part is None:
            return
        unknown = ({part.subject_of(state) for state in states} | self._seen) - self._known().keys()
        if unknown:
            found = await keys_for_writing(self._connection, self.vault, self._tenant_id, unknown)
            self._known().update(found)

    def _known(self) -> dict[UUID, SubjectKey | Erased]:
        """The keys that this unit has read or written, and that no savepoint has undone."""
        if self._undone != self._connection.undone:
            self._undone = self._connection.undone
            self._keys, self._made = {}, {}
        return self._keys

    def concerned(self) -> SubjectKey | None:
        """With whose key an answer about what this unit did is sealed; None where nobody's personal data is in it.

        Of several the first: a bulk answer names records and problems, not what is in them.
        """
        keys = [key for key in self._known().values() if isinstance(key, SubjectKey)]
        return keys[0] if keys else None

    def found_by(self, part: SealedPart, before: Any | None, after: Any) -> dict[str, Any]:
        """Parameters of the statement that writes a change, about the keys by which the record is found."""
        if part.keys is None:
            return {}
        index = self.vault.index
        if before is None:
            return arguments(added=part.keys.entries(index, self._tenant_id, after))
        added, removed = part.keys.changes(index, self._tenant_id, before, after)
        return arguments(added=added, removed=removed)

    def to_store(self, subject_id: UUID) -> dict[str, Any]:
        """Parameters of the statement that writes a new subject, about the key that is to be stored with it."""
        key = self._made.get(subject_id)
        if key is None:
            return {"key_subject_id": None, "key_wrapped_key": None, "key_kek_id": None}
        return {"key_subject_id": key.subject_id, "key_wrapped_key": key.wrapped, "key_kek_id": key.kek_id}

    def stored(self, subject_ids: Iterable[UUID]) -> None:
        """Note that new subjects were written, with their keys."""
        for id in subject_ids:
            self._made.pop(id, None)

    def seal_json(self, subject_id: UUID, value: Any, where: bytes) -> bytes | None:
        """A JSON value about a subject whose record this unit has loaded or written, sealed for the place ``where``.

        None where the subject's key is destroyed. :func:`crm_platform.sealing.subjects.open_for` opens it.
        """
        key = self._known()[subject_id]
        return None if isinstance(key, Erased) else seal(key.cipher, to_json(value), where)

    def shown(self, part: SealedPart, state: Any, shown: bytes) -> bytes:
        """The JSON of a record that this unit has written: ``shown``, the open members, and the sealed ones."""
        key = self._known()[part.subject_of(state)]
        return with_members(shown, part.content(state), key.at if isinstance(key, Erased) else None)

    def seal(
        self,
        part: SealedPart,
        before: BaseModel | None,
        after: Any,
        changed: Collection[str],
        values: Mapping[str, Any],
        *,
        aggregate_type: str,
    ) -> SealedChange:
        """Seal the members of a change whose key is at hand; ``values`` are those of ``after``, ready for JSON.

        Raises:
            PersonalDataErased: There is something to seal, and the subject's key is destroyed.
        """
        key = self._known()[part.subject_of(after)]
        if not part.seals(after):
            return NOTHING_SEALED
        touched = part.members if before is None else tuple(name for name in part.members if name in changed)
        again = bool(touched) or (before is not None and _moved(part, before, after))
        if isinstance(key, Erased):
            if again:
                raise PersonalDataErased(id=part.subject_of(after))
            return NOTHING_SEALED
        _refuse_unstorable(part, after)
        tenant, content = self._tenant_id, to_json({name: values[name] for name in part.members})
        told = _told(part, key, content, event_place(tenant, aggregate_type, after.id, after.version))
        row = seal(key.cipher, content, part.place(tenant, after.id)) if again else None
        return SealedChange(row, told, touched)

    def side(self, entry_id: UUID, side: str, subject_id: UUID, values: Mapping[str, Any]) -> dict[str, Any]:
        """What one side of an audit entry keeps sealed, under the key of whom that side is about.

        Nothing where that key is destroyed: who still writes about an erased person does so in the clear.
        """
        key = self._known().get(subject_id)
        if not values or not isinstance(key, SubjectKey):
            return {}
        data = to_text(seal(key.cipher, to_json(values), audit_place(self._tenant_id, entry_id, side)))
        return {AUDIT_MEMBER: {"subject_id": str(subject_id), "members": list(values), "data": data}}


def audit_place(tenant_id: UUID, entry_id: UUID, side: str) -> bytes:
    """Where the sealed members of an audit entry are sealed; ``side`` is ``before`` or ``after``."""
    return place("audit", tenant_id, entry_id, side)


def sealed_state(part: SealedPart, vault: Vault, row: Any, *, aggregate_type: str) -> SealedMembers | None:
    """The sealed members of a row as the event of its state carries them; None where there are none (any more).

    ``row`` has the columns that make a state, and ``tenant_id``.
    """
    tenant: UUID = row["tenant_id"]
    opened = part.open(vault, tenant, row["id"], row)
    clear = part.when is not None and not row[part.when]
    if clear or opened.key is None or opened.content is None:
        return None
    return _told(part, opened.key, opened.content, event_place(tenant, aggregate_type, row["id"], row["version"]))


def _refuse_unstorable(part: SealedPart, state: Any) -> None:
    """Refuse what no column could hold once the members are opened again; sealed, it would not meet that check."""
    texts = (getattr(state, name) for name in part.members) if part.when is not None else ()
    if any(isinstance(text, str) and "\x00" in text for text in texts):
        raise BadRequest(message=Words("a value in it cannot be stored", "其中有无法存储的值"))


def _moved(part: SealedPart, before: BaseModel, after: BaseModel) -> bool:
    """Whether what was sealed for ``before`` does not do for ``after``, though it says the same."""
    return part.subject_of(before) != part.subject_of(after) or not part.seals(before)


def _told(part: SealedPart, key: SubjectKey, content: bytes, where: bytes) -> SealedMembers:
    data = to_text(seal(key.cipher, content, where))
    return SealedMembers(subject_id=key.subject_id, members=part.members, data=data)
