"""Documents signed with the key of the audit checkpoints, which anybody can verify without asking us."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from crm_platform.audit.checkpoints import public_pem, signing_key
from crm_platform.settings import AuditSettings

ALGORITHM = "Ed25519"


def signed(content: Mapping[str, Any], settings: AuditSettings, service: str) -> dict[str, Any]:
    """The certificate ``content`` with its signature, which is the same whenever it is asked for."""
    key = signing_key(settings, service)
    return {
        "certificate": dict(content),
        "algorithm": ALGORITHM,
        "signature": b64encode(key.sign(_spelled(content))).decode(),
        "public_key": public_pem(key).decode(),
    }


def is_genuine(document: Mapping[str, Any], public_key: bytes) -> bool:
    """Whether a certificate was signed with the private side of ``public_key`` (PEM), and not changed since."""
    key = load_pem_public_key(public_key)
    if not isinstance(key, Ed25519PublicKey):
        return False
    try:
        key.verify(b64decode(document["signature"]), _spelled(document["certificate"]))
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True


def _spelled(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(dict(content), option=orjson.OPT_SORT_KEYS)
