"""Who looks at a customer that has changed.

All do it in one transaction, under one lock of its facts, which makes the order of looks that of the changes.
"""

from collections.abc import Mapping
from uuid import UUID

from crm_platform.context import Cause
from crm_platform.uow import UnitOfWork
from customer_svc.quality_scores import service as quality_scores
from customer_svc.segment_members import service as segment_members


async def look_at(unit: UnitOfWork, causes: Mapping[UUID, Cause], *, new_facts: bool = False) -> None:
    """Bring up to date what follows from the values of customers, given with the causes of their changes.

    With ``new_facts`` their facts are made anew before.
    """
    await segment_members.look_at(unit, causes, causes=causes, new_facts=new_facts)
    await quality_scores.look_at(unit, causes)
