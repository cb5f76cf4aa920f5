"""What a view is, and whose."""

from uuid import UUID

from crm_contracts.saved_view.v1 import Sharing
from crm_platform.aggregate import AggregateState
from crm_platform.context import Caller
from crm_platform.words import Words

NOUN = Words("saved view", "已存视图")


class SavedView(AggregateState):
    """How somebody wants to see a list."""

    name: str
    resource: str
    filter: str | None = None
    sort: str | None = None
    columns: tuple[str, ...] = ()
    sharing: Sharing = Sharing.PRIVATE
    author_id: UUID
    author_team_id: UUID | None = None

    def is_seen_by(self, caller: Caller) -> bool:
        """Whether it is the caller's, or shared with the caller; nobody sees what is private to others."""
        if self.author_id == caller.id or self.sharing is Sharing.ALL:
            return True
        return self.sharing is Sharing.TEAM and self.author_team_id in caller.team_ids

    def is_kept_by(self, caller: Caller) -> bool:
        """Whether the caller may change it: its author, and whoever sees all records what is shared with all."""
        return self.author_id == caller.id or (self.sharing is Sharing.ALL and caller.visibility == "all")

    def may_be_shared_by(self, caller: Caller) -> bool:
        """Whether the caller reaches those with whom it is shared."""
        if self.sharing is Sharing.TEAM:
            return self.author_team_id is not None
        return self.sharing is Sharing.PRIVATE or caller.visibility == "all"
