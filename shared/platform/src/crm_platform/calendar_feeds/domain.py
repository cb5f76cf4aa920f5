"""A calendar feed: the address that somebody's calendar program was given."""

from datetime import datetime

from crm_platform.aggregate import OwnedState
from crm_platform.words import Words

NOUN = Words("calendar feed", "日历订阅")


class CalendarFeed(OwnedState):
    """The address that the owner's calendar program was given."""

    label: str
    language: str
    revoked_at: datetime | None = None

    def revoked(self, now: datetime) -> "CalendarFeed":
        """Without effect from now on; one that has none already stays as it is."""
        return self if self.revoked_at is not None else self.with_(revoked_at=now)
