"""The keys of the settings, which wrap the keys of the subjects."""

import binascii
import hashlib
import os
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Self
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_contracts.sealing import KEY_BYTES, place, seal, unseal
from crm_platform.errors import Unavailable
from crm_platform.settings import SealingSettings
from crm_platform.words import Words

KEY = Words("The key of the personal data", "个人数据密钥")

_log = structlog.get_logger(__name__)


class UnusableKeys(ValueError):
    """The settings do not name the keys that are needed; the message says what is wrong, never a key."""


class KeyRing:
    """Key-encryption keys: the first one wraps new keys of subjects, all of them unwrap.

    A key is called by a fingerprint of itself, so that nothing has to be named, and no other key can go by its name.
    Random nonces are safe for 2**32 wraps under one key (NIST SP 800-38D, 8.3): rotate before so many subjects.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)
        self._ciphers = {fingerprint(key): AESGCM(key) for key in keys}
        self.active = fingerprint(keys[0])
        """The id of the key that wraps."""

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[bytes, ...]]]:
        """A process that computes for this one is given the keys themselves, through a pipe that nobody else reads."""
        return type(self), (self._keys,)

    @classmethod
    def of(cls, settings: SealingSettings) -> Self:
        """The keys that the settings name.

        Raises:
            UnusableKeys: There are none, or one is not 32 bytes.
        """
        texts = settings.keys.get_secret_value().replace(",", " ").split() if settings.keys else []
        if not texts:
            raise UnusableKeys("CRM_SEALING__KEYS names no key, and this service seals personal data")
        return cls([key_bytes(f"key {number} of CRM_SEALING__KEYS", text) for number, text in enumerate(texts, 1)])

    def knows(self, kek_id: str) -> bool:
        """Whether there is a key of this id."""
        return kek_id in self._ciphers

    def new_key(self, tenant_id: UUID, subject_id: UUID) -> tuple[bytes, bytes]:
        """A new random key of a subject: itself, and wrapped by the active key."""
        secret = os.urandom(KEY_BYTES)
        return secret, self.wrap(tenant_id, subject_id, secret)

    def wrap(self, tenant_id: UUID, subject_id: UUID, secret: bytes) -> bytes:
        """The key of a subject, wrapped by the active key."""
        return seal(self._ciphers[self.active], secret, place("subject_key", tenant_id, subject_id))

    def unwrap(self, tenant_id: UUID, subject_id: UUID, kek_id: str, wrapped: bytes) -> bytes:
        """The key of a subject.

        Raises:
            BrokenSeal: It is the key of another subject, or was changed.
            Unavailable: This process does not have the key that wraps it (yet, or any more).
        """
        cipher = self._ciphers.get(kek_id)
        if cipher is None:
            _log.error("sealing_key_unknown", kek_id=kek_id, known=sorted(self._ciphers))
            raise Unavailable(what=KEY)
        return unseal(cipher, wrapped, place("subject_key", tenant_id, subject_id))


def key_bytes(what: str, text: str) -> bytes:
    """A key of the settings: 32 bytes, as base64 or base64url, with or without padding.

    Raises:
        UnusableKeys: It is something else.
    """
    plain = text.strip().rstrip("=").translate(str.maketrans("+/", "-_"))
    try:
        key = urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise UnusableKeys(f"{what} is not {KEY_BYTES} bytes in base64url")
    return key


def fingerprint(key: bytes) -> str:
    """The id of a key: 64 bits of a hash, which say nothing about 256 random bits."""
    return hashlib.sha256(b"guanxi key-encryption key" + key).hexdigest()[:16]
