"""Encryption at rest, with keys derived from the key-encryption key of the settings."""

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_KEY = 32


class BrokenSeal(Exception):
    """The content was changed, moved to another place, or sealed with another key."""


class Sealer:
    """Seals small secrets for one purpose (AES-256-GCM) and makes keyed fingerprints of others.

    Each purpose has keys of its own. A place, such as the id of the row, is bound in: a sealed value that
    somebody copies to another row does not open there.
    """

    def __init__(self, key_encryption_key: str, purpose: str) -> None:
        self._cipher = AESGCM(_derive(key_encryption_key, f"guanxi:{purpose}:seal"))
        self._mac = _derive(key_encryption_key, f"guanxi:{purpose}:fingerprint")

    def seal(self, content: bytes, place: str) -> bytes:
        """``content``, encrypted for ``place``."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for ``place``.

        Raises:
            BrokenSeal: It does not open.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal from error

    def fingerprint(self, content: bytes, place: str) -> bytes:
        """What tells ``content`` again without showing it, even if it is easy to guess."""
        return hmac.digest(self._mac, place.encode() + b"\x00" + content, sha256)


def _derive(key_encryption_key: str, info: str) -> bytes:
    return HKDF(SHA256(), _KEY, salt=None, info=info.encode()).derive(key_encryption_key.encode())
