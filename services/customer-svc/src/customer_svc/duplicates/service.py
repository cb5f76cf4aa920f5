"""Use cases of duplicates; slices whose records are like customers file and look them up through here.

In ``models.py`` of such a slice: ``Sealed(members=..., keys=KEYS)`` with ``KEYS = DuplicateKeys(record_keys_table(...),
{...})``, whose statements then file each record; and ``LIKES = LookUp(KEYS.table)`` for :func:`possible_duplicates`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from crm_platform.db import Connection
from crm_platform.sealing.vault import vault_of
from customer_svc.duplicates.domain import Candidate, Described, entry_of, ranked
from customer_svc.duplicates.matching.profile import profile
from customer_svc.duplicates.matching.scoring import Verdict
from customer_svc.duplicates.matching.weights import Model
from customer_svc.duplicates.models import DuplicateKeys, wanted_keys
from customer_svc.duplicates.repository import LookUp

__all__ = ["Candidate", "Described", "DuplicateKeys", "LookUp", "Model", "Verdict", "possible_duplicates"]

Load = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Described]]]
"""Reads records by their ids; what the caller may not see is absent."""


async def possible_duplicates(
    connection: Connection, tenant_id: UUID, customer: Described, *, likes: LookUp, load: Load, model: Model
) -> Sequence[Candidate]:
    """Who may be the same as ``customer``, the likeliest first; empty if nobody is.

    Args:
        connection: Where to look.
        tenant_id: Whose customers.
        customer: A new one, or the new state of a known one, which is not told itself.
        likes: The table to look in.
        load: Reads the candidates.
        model: Weights and thresholds.
    """
    asked = profile(entry_of(customer))
    wanted = wanted_keys(vault_of(connection).index, tenant_id, asked)
    found = await load([id for id in await likes.candidates(connection, wanted) if id != getattr(customer, "id", None)])
    return ranked(asked, {id: profile(entry_of(other)) for id, other in found.items()}, model)
