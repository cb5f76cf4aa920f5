"""The hash chain over a tenant's audit entries."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

GENESIS = bytes(32)
"""What the first entry of a tenant is chained to."""

CONTENT = (
    "entry_id",
    "aggregate_type",
    "aggregate_id",
    "version",
    "action",
    "actor",
    "at",
    "before",
    "after",
    "reason",
    "correlation_id",
)
"""Everything that an entry says; all of it is under the hash, beside the tenant and the place in the chain."""


def entry_hash(previous: bytes, tenant_id: object, seq: int, entry: Mapping[str, Any]) -> bytes:
    """SHA-256 over the hash of the entry before, the tenant, the place in the chain and the content.

    The content is JSON with sorted keys, as PostgreSQL returns it (``jsonb`` has its own number format
    and key order, so what was sent is not what is compared).
    """
    content = [str(tenant_id), seq, *(entry[name] for name in CONTENT)]
    spelled = orjson.dumps(content, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.sha256(previous + spelled).digest()
