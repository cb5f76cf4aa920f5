"""A rule of the pool."""

from uuid import UUID

from crm_contracts.customer.v1 import CustomerStatus, PoolSecret
from crm_platform.aggregate import AggregateState
from crm_platform.days import DEFAULT_ZONE
from crm_platform.words import Words
from customer_svc.values.refused import AllRefused, Refused

NOUN = Words("pool rule", "公海规则")

_FOR_ALL = Words(
    "only the rule for everybody, without a team, says what is hidden", "只有面向全员（无团队）的规则可以设置隐藏字段"
)

DEFAULT_HIDDEN = (PoolSecret.CONTACT_DATA,)


class PoolRule(AggregateState):
    """What holds for a team, or for everybody whose team has no rule of its own."""

    team_id: UUID | None = None
    max_owned: int | None = None
    max_claims_per_day: int | None = None
    time_zone: str = DEFAULT_ZONE
    return_after_days: int | None = None
    return_statuses: tuple[CustomerStatus, ...] = (CustomerStatus.PROSPECT,)
    hidden: tuple[PoolSecret, ...] | None = None

    def checked(self) -> "PoolRule":
        """The rule, if its members fit each other.

        Raises:
            AllRefused: A rule of a team says what is hidden.
        """
        if self.team_id is not None and self.hidden is not None:
            raise AllRefused([Refused("only_for_everybody", _FOR_ALL, ("hidden",))])
        return self
