"""Rules of teams."""

from uuid import UUID

from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("team", "团队")

MAX_DEPTH = 20
"""Levels of the hierarchy; deeper trees are mistakes."""


class Team(AggregateState):
    """People who work together, under one manager, perhaps within a larger team."""

    name: str
    parent_id: UUID | None = None
    manager_id: UUID | None = None
