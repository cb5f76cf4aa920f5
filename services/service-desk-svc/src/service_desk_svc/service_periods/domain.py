"""Rules of after-sales periods."""

from calendar import monthrange
from datetime import date
from uuid import UUID

from crm_platform.aggregate import OwnedState
from crm_platform.words import Words

NOUN = Words("after-sales period", "售后服务期")

MONTHS = 12
"""Length of an after-sales period."""


def months_later(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class ServicePeriod(OwnedState):
    """The time in which a project's customer is served after delivery."""

    customer_id: UUID
    project_id: UUID
    starts_on: date
    ends_on: date

    def covering(self, day: date) -> "ServicePeriod":
        """The period with a further delivery accepted on ``day``; it is never shortened."""
        return self.with_(starts_on=min(self.starts_on, day), ends_on=max(self.ends_on, months_later(day, MONTHS)))
