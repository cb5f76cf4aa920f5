"""Unwrapped keys of subjects, at hand for as long as they are used."""

from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_platform.db.database import Connection, Database
from crm_platform.sealing.index import BlindIndex
from crm_platform.sealing.keyring import KeyRing, UnusableKeys, key_bytes
from crm_platform.settings import SealingSettings

CACHED_KEYS = 20_000
"""About 20 MB at most."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """The key of one subject, ready for use; and wrapped, as its row holds it."""

    subject_id: UUID
    kek_id: str
    wrapped: bytes
    cipher: AESGCM = field(repr=False)


class Vault:
    """Makes and unwraps the keys of subjects.

    Unwrapped keys are kept under their wrapped form, which every reading takes from the database: where that is gone, a
    key that is still in here cannot be found any more. So a destroyed key is destroyed for every process at once.
    """

    def __init__(self, keys: KeyRing, index: BlindIndex, *, size: int = CACHED_KEYS) -> None:
        self.keys = keys
        self.index = index
        self._size = size
        self._known: OrderedDict[bytes, tuple[UUID, UUID, AESGCM]] = OrderedDict()

    def __reduce__(self) -> tuple[type["Vault"], tuple[KeyRing, BlindIndex]]:
        """For a process that computes for this one: it knows no subject yet."""
        return Vault, (self.keys, self.index)

    def new_key(self, tenant_id: UUID, subject_id: UUID) -> SubjectKey:
        """A new key, which nobody knows until it is stored."""
        secret, wrapped = self.keys.new_key(tenant_id, subject_id)
        return SubjectKey(subject_id, self.keys.active, wrapped, self._keep(tenant_id, subject_id, wrapped, secret))

    def cipher(self, tenant_id: UUID, subject_id: UUID, kek_id: str, wrapped: bytes) -> AESGCM:
        """The key behind ``wrapped``, as the row of this subject holds it.

        Raises:
            BrokenSeal: It is the key of another subject, or was changed.
            Unavailable: This process does not have the key that wraps it.
        """
        known = self._known.get(wrapped)
        if known is not None and known[0] == tenant_id and known[1] == subject_id:
            self._known.move_to_end(wrapped)
            return known[2]
        return self._keep(tenant_id, subject_id, wrapped, self.keys.unwrap(tenant_id, subject_id, kek_id, wrapped))

    def _keep(self, tenant_id: UUID, subject_id: UUID, wrapped: bytes, secret: bytes) -> AESGCM:
        cipher = AESGCM(secret)
        self._known[wrapped] = (tenant_id, subject_id, cipher)
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        return cipher


def vault_of(holder: Database | Connection) -> Vault:
    """The vault of a database or of one of its connections.

    Raises:
        RuntimeError: The process was made for a service that seals nothing.
    """
    if holder.vault is None:
        raise RuntimeError("this process has no keys for sealed data, as its service was said to have none")
    return holder.vault


def vault_for(settings: SealingSettings, *, needed: bool) -> Vault | None:
    """The vault of a process that seals; None for one that does not.

    Raises:
        UnusableKeys: It is needed, and the settings have no usable keys.
    """
    if not needed:
        return None
    if settings.index_secret is None:
        raise UnusableKeys("CRM_SEALING__INDEX_SECRET is not set, and this service seals personal data")
    secret = key_bytes("CRM_SEALING__INDEX_SECRET", settings.index_secret.get_secret_value())
    return Vault(KeyRing.of(settings), BlindIndex(secret))
