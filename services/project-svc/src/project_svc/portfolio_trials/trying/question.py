"""What a trial is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from project_svc.capacity.service import Capacity
from project_svc.plan.service import Surroundings, WholePlan
from project_svc.portfolio_trials.domain import Priority
from project_svc.project_templates.service import PreviewUnassigned, Relative


@dataclass(frozen=True, kw_only=True)
class Member:
    """A project that takes part.

    Attributes:
        name: None where whoever asks may not see it.
        whole: Its plan.
        around: What that refers to.
        relative: How that of a template moves with its first day; None of a project that there is.
    """

    id: UUID
    name: str | None
    due_on: date
    whole: WholePlan
    around: Surroundings
    relative: Relative | None = None

    def starting(self, day: date) -> "Member":
        """The same, with another first day.

        Raises:
            OutOfCalendarError: No calendar reaches what a template has of dates.
        """
        around = replace(self.around, starts_on=day)
        if self.relative is None:
            return replace(self, around=around)
        due_on = self.relative.due_on(day) or self.due_on
        return replace(self, around=around, due_on=due_on, whole=self.relative.moved(self.whole, day))


@dataclass(frozen=True, kw_only=True)
class Question:
    """All that a trial takes to compute.

    Attributes:
        candidate: The project; None where only skills are known.
        skills: Minutes of each week by skill, in its place.
        starts: Days on which it could start.
        search_weeks: How far to search for a start at which it fits.
        priority: Of the candidate.
        peers: The projects that share people with it, by due date.
        there: How those whom it needs are loaded without it, from the week of the first start on.
        unassigned: What the template of the candidate needs and nobody was found for.
        as_of: The day on which it is asked: what is not done by then comes later.
    """

    candidate: Member | None
    skills: Mapping[str, Sequence[int]]
    starts: Sequence[date]
    search_weeks: int
    priority: Priority
    peers: Sequence[Member]
    there: Capacity
    as_of: date
    unassigned: Sequence[PreviewUnassigned] = ()

    def members(self, candidate: Member) -> list[Member]:
        """All projects, the one whose work goes first at first."""
        if self.priority is Priority.FIRST:
            return [candidate, *self.peers]
        together = [*self.peers, candidate]
        if self.priority is Priority.BY_DUE_DATE:
            together.sort(key=lambda one: one.due_on)
        return together
