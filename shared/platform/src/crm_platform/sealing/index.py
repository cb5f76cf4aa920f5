"""The blind index: sealed values are found by a keyed hash of their normalised form, and only by equality."""

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

from asyncpg.pgproto import pgproto
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm_contracts.sealing import KEY_BYTES, place

_PREPARED = 4096
_TENANTS = 256
_KEPT = 32_768
"""Keys of values, about 10 MB: what a step of an import asks for."""
_KEY_SIZE = 16


class BlindIndex:
    """Makes the keys by which sealed values are found.

    Each tenant and each kind of value has a hash key of its own, derived by HKDF (RFC 5869): what is equal in two
    tenants, or in two kinds, does not look equal. The key of a value is the first half of its HMAC-SHA256 (RFC 2104,
    section 5): that two of a billion values share one has a probability below 10**-20. As a UUID it has its place in a
    b-tree, and is compared by an operator that an index can serve under row-level security.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._prepared: OrderedDict[tuple[UUID, str], HMAC] = OrderedDict()
        self._tenants: OrderedDict[UUID, Callable[[str, str], UUID]] = OrderedDict()

    def __reduce__(self) -> tuple[type["BlindIndex"], tuple[bytes]]:
        """For a process that computes for this one."""
        return BlindIndex, (self._secret,)

    def key(self, tenant_id: UUID, kind: str, value: str) -> UUID:
        """The key of ``value``, which is normalised: what counts as equal is spelled equally."""
        return _key(self._prepared_for(tenant_id, kind), value)

    def of(self, tenant_id: UUID) -> Callable[[str, str], UUID]:
        """What :meth:`key` makes of a kind and a value of one tenant, for who asks for many."""
        known = self._tenants.get(tenant_id)
        if known is None:
            known = self._tenants[tenant_id] = self._keys_of(tenant_id)
            if len(self._tenants) > _TENANTS:
                self._tenants.popitem(last=False)
        return known

    def _keys_of(self, tenant_id: UUID) -> Callable[[str, str], UUID]:
        prepared: dict[str, HMAC] = {}

        def key(kind: str, value: str) -> UUID:
            known = prepared.get(kind)
            if known is None:
                known = prepared[kind] = self._prepared_for(tenant_id, kind)
            return _key(known, value)

        return key

    def fingerprint(self, purpose: str, content: bytes) -> bytes:
        """What tells ``content`` again without showing it, even if it is easy to guess."""
        return _digest(self._prepared_for(UUID(int=0), purpose), content)

    def _prepared_for(self, tenant_id: UUID, kind: str) -> HMAC:
        """The hash with its key taken in, which is half of the work on a short text; kept, so that it is one object."""
        known = self._prepared.get((tenant_id, kind))
        if known is not None:
            return known
        derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=place("blind index", tenant_id, kind)).derive(self._secret)
        prepared = self._prepared[(tenant_id, kind)] = HMAC(derived, SHA256())
        if len(self._prepared) > _PREPARED:
            self._prepared.popitem(last=False)
        return prepared


@lru_cache(_KEPT)
def _key(prepared: HMAC, value: str) -> UUID:
    """One transaction asks several times for what it looks up and files; so the last ones are kept."""
    # Equal to the UUID of the library, and made at a tenth of the cost.
    key: UUID = pgproto.UUID(_digest(prepared, value.encode())[:_KEY_SIZE])
    return key


def _digest(prepared: HMAC, content: bytes) -> bytes:
    begun = prepared.copy()
    begun.update(content)
    return begun.finalize()
