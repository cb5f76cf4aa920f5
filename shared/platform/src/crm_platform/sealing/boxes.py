"""Sealing to somebody else: anybody can, who has the public key; only the holder of the private key opens it.

HPKE (RFC 9180) in base mode: X25519, HKDF-SHA256, AES-256-GCM. Where something is sealed is bound in as its ``info``.
"""

from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from crm_contracts.sealing import BrokenSeal, from_text, to_text

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class KeyPair(NamedTuple):
    """Both halves, in base64url without padding."""

    public: str
    private: str


def new_key_pair() -> KeyPair:
    """A key pair for one purpose."""
    key = X25519PrivateKey.generate()
    return KeyPair(to_text(key.public_key().public_bytes_raw()), to_text(key.private_bytes_raw()))


def seal_to(public: str, content: bytes, where: bytes) -> str:
    """``content``, sealed for the place ``where``, as text for JSON.

    Raises:
        BrokenSeal: That is no public key.
    """
    try:
        key = X25519PublicKey.from_public_bytes(from_text(public))
    except ValueError as error:
        raise BrokenSeal("it is no X25519 key") from error
    return to_text(_SUITE.encrypt(content, key, info=where))


def open_sealed(private: str, sealed: str, where: bytes) -> bytes:
    """What was sealed to the other half of ``private``, for the place ``where``.

    Raises:
        BrokenSeal: It was changed or moved, or sealed to another key.
    """
    key = X25519PrivateKey.from_private_bytes(from_text(private))
    try:
        return _SUITE.decrypt(from_text(sealed), key, info=where)
    except InvalidTag as error:
        raise BrokenSeal("it does not open here with this key") from error
