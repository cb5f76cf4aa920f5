"""Finding people by what a task needs."""

from collections.abc import Collection, Iterable
from uuid import UUID

from crm_contracts.plan.v1 import ResourceKind
from project_svc.resources.service import Resource


class People:
    """Picks somebody who can do a task: of several whoever has the least to do so far, then the oldest record."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        """Only people who can still be planned are picked."""
        able = (one for one in resources if one.active and one.kind is ResourceKind.PERSON)
        self._people = sorted(able, key=lambda one: one.id)
        self._load: dict[UUID, int] = {}
        self._able: dict[frozenset[str], list[UUID]] = {}

    def pick(self, skills: Collection[str], *, taken: Collection[UUID], work: int) -> UUID | None:
        """Somebody with all of the skills.

        Args:
            skills: What he or she can do; of no skills, nobody is.
            taken: Who has a part in the same task already.
            work: Minutes that it takes, for the fair share of the next picks.
        """
        wanted = frozenset(skills)
        if not wanted:
            return None
        if wanted not in self._able:
            self._able[wanted] = [one.id for one in self._people if wanted.issubset(one.skills)]
        free = [id for id in self._able[wanted] if id not in taken]
        if not free:
            return None
        found = min(free, key=lambda id: self._load.get(id, 0))
        self._load[found] = self._load.get(found, 0) + work
        return found
