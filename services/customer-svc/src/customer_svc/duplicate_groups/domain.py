"""A group of customers that may be the same, and what people make of it."""

from uuid import UUID

from crm_contracts.duplicate.v1 import DuplicateGroupStatus, PairOfDuplicates
from crm_platform.aggregate import AggregateState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("group of duplicates", "疑似重复组")

LIFE_CYCLE: StateMachine[DuplicateGroupStatus] = StateMachine(
    what=NOUN,
    initial=DuplicateGroupStatus.OPEN,
    transitions={
        (DuplicateGroupStatus.OPEN, "confirm"): DuplicateGroupStatus.CONFIRMED,
        (DuplicateGroupStatus.OPEN, "dismiss"): DuplicateGroupStatus.DISMISSED,
        (DuplicateGroupStatus.CONFIRMED, "dismiss"): DuplicateGroupStatus.DISMISSED,
        (DuplicateGroupStatus.OPEN, "merge"): DuplicateGroupStatus.MERGED,
        (DuplicateGroupStatus.CONFIRMED, "merge"): DuplicateGroupStatus.MERGED,
    },
)


class DuplicateGroup(AggregateState):
    """Customers that may be the same."""

    customer_ids: tuple[UUID, ...]
    score: int
    pairs: tuple[PairOfDuplicates, ...]
    status: DuplicateGroupStatus = LIFE_CYCLE.initial
    merge_id: UUID | None = None

    def move(self, action: str, *, merge_id: UUID | None = None) -> "DuplicateGroup":
        """The group after ``action``: ``confirm``, ``dismiss`` or ``merge`` (by the merge ``merge_id``).

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, action), merge_id=merge_id or self.merge_id)
