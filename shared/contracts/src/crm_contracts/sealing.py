"""How personal data is sealed, and how a consumer who may read it opens the sealed members of an event.

Needs the extra ``crm-contracts[sealing]``. The format is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce:
one byte that names the format, the nonce, the ciphertext with its tag. What is sealed is bound to its place by the
additional authenticated data, so that it opens nowhere else.
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag  # allow contracts-alone: an extra, for those who open sealed members
from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # allow contracts-alone: as above

from crm_contracts.base import DomainEvent

FORMAT: Final = b"\x01"
KEY_BYTES: Final = 32
_NONCE: Final = 12
_TAG: Final = 16
_START: Final = len(FORMAT) + _NONCE
_UUID_LENGTH: Final = (16).to_bytes(4)

E = TypeVar("E", bound=DomainEvent[Any])


class BrokenSeal(Exception):
    """The sealed data was changed or moved to another place, or another key has sealed it."""


def place(*parts: str | int | UUID | bytes) -> bytes:
    """Where something is sealed; each part is preceded by its length, so that no two places are spelled alike."""
    return b"".join([_spelled(part) for part in parts])


def _spelled(part: str | int | UUID | bytes) -> bytes:
    if isinstance(part, UUID):
        return _UUID_LENGTH + part.bytes
    spelled = part if isinstance(part, bytes) else str(part).encode()
    return len(spelled).to_bytes(4) + spelled


def seal(cipher: AESGCM, content: bytes, where: bytes) -> bytes:
    """``content``, encrypted for the place ``where``."""
    nonce = os.urandom(_NONCE)
    return FORMAT + nonce + cipher.encrypt(nonce, content, where)


def unseal(cipher: AESGCM, sealed: bytes, where: bytes) -> bytes:
    """What was sealed for the place ``where``.

    Raises:
        BrokenSeal: It does not open.
    """
    if sealed[:1] != FORMAT or len(sealed) < _START + _TAG:
        raise BrokenSeal("it is not of a known format")
    try:
        return cipher.decrypt(sealed[1:_START], sealed[_START:], where)
    except InvalidTag as error:
        raise BrokenSeal("it does not open here with this key") from error


def to_text(sealed: bytes) -> str:
    """Sealed data in JSON: base64url without padding (RFC 4648, section 5)."""
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """The sealed data behind :func:`to_text`.

    Raises:
        BrokenSeal: It is not base64url.
    """
    try:
        return urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except ValueError as error:
        raise BrokenSeal("it is not base64url") from error


def event_place(tenant_id: UUID, aggregate_type: str, aggregate_id: UUID, version: int) -> bytes:
    """Where the sealed members of an event are sealed: one version of one aggregate of one tenant.

    Not the event's id: a state that is published again has another id and the same content.
    """
    return place("event", tenant_id, aggregate_type, aggregate_id, version)


def opened(event: E, *, tenant_id: UUID, key: bytes) -> E:
    """``event`` with its sealed members in its state.

    Args:
        event: An event as it was read; one without sealed members comes back as it is.
        tenant_id: From the header ``ce_tenantid``.
        key: The 32 bytes that ``GET /v1/subject-keys/{subject_id}`` gives out, decoded.

    Raises:
        BrokenSeal: The key is not that of the subject, or the event is not the one that was sealed.
    """
    sealed = event.sealed
    if sealed is None:
        return event
    state = event.state
    where = event_place(tenant_id, event.aggregate_type, state.id, state.version)
    members = json.loads(unseal(AESGCM(key), from_text(sealed.data), where))
    filled = type(state).model_validate({**state.model_dump(), **members}, extra="ignore")
    return event.model_copy(update={"state": filled, "sealed": None})
