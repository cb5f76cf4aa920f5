"""The table of the views, and how they are shown."""

from sqlalchemy import ARRAY, Column, ColumnElement, Index, MetaData, Table, Text, Uuid, and_, bindparam, or_

from crm_contracts.saved_view.v1 import SavedViewSnapshot, Sharing
from crm_platform.db.schema import aggregate_table, new_metadata, one_of
from crm_platform.saved_views.domain import NOUN, SavedView
from crm_platform.store import Aggregate


def saved_views_table(metadata: MetaData) -> Table:
    """How people want to see lists."""
    return aggregate_table(
        "saved_views",
        metadata,
        Column("name", Text, nullable=False),
        Column("resource", Text, nullable=False, comment="The list, such as `customers`."),
        Column("filter", Text),
        Column("sort", Text),
        Column("columns", ARRAY(Text), nullable=False),
        Column("sharing", Text, nullable=False),
        Column("author_id", Uuid, nullable=False),
        Column("author_team_id", Uuid),
        one_of("sharing", [sharing.value for sharing in Sharing]),
        Index("uq_saved_views_name", "tenant_id", "author_id", "resource", "name", unique=True),
    )


_views = saved_views_table(new_metadata())
"""For statements; each service that has views has the table in its own metadata."""

SAVED_VIEWS = Aggregate(
    name="saved_view",
    plural="saved-views",
    what=NOUN,
    table=_views,
    state=SavedView,
    snapshot=SavedViewSnapshot,
    sort_by={"name": _views.c.name},
    default_sort="name",
)

SEEN: ColumnElement[bool] = or_(
    _views.c.author_id == bindparam("caller", type_=Uuid),
    _views.c.sharing == Sharing.ALL.value,
    and_(
        _views.c.sharing == Sharing.TEAM.value, _views.c.author_team_id == bindparam("teams", type_=ARRAY(Uuid)).any_()
    ),
)
"""Views that are the caller's or shared with the caller, as :meth:`SavedView.is_seen_by` says of one."""
