"""Events of the end of projects (project-svc), major version 1."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import DomainEvent, Snapshot


class LessonEffect(StrEnum):
    """Whether something is to be done again, or not."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class LessonCategory(StrEnum):
    """Which part of the management of a project a lesson is about."""

    SCOPE = "scope"
    SCHEDULE = "schedule"
    COST = "cost"
    QUALITY = "quality"
    RESOURCES = "resources"
    COMMUNICATION = "communication"
    RISK = "risk"
    PROCUREMENT = "procurement"
    STAKEHOLDERS = "stakeholders"
    TECHNICAL = "technical"
    PROCESS = "process"


class LessonSnapshot(Snapshot):
    """State of a lesson learned; it belongs to the company, so that the next project finds it."""

    project_id: UUID
    customer_id: UUID = Field(description="The project's customer.")
    template: str | None = Field(description="From which template the project was opened.")
    industry: str | None = Field(description="The customer's, or as whoever recorded it said.")
    category: LessonCategory
    effect: LessonEffect
    title: str
    happened: str = Field(description="What happened.")
    cause: str | None = Field(description="Why it happened.")
    recommendation: str = Field(description="What the next project should do.")


class LessonEvent(DomainEvent[LessonSnapshot]):
    """Base of the events of lessons learned."""

    topic = "crm.lesson.v1"
    aggregate_type = "lesson"


class LessonRecorded(LessonEvent):
    """Somebody put on record what a project has taught."""

    type = "lesson.recorded"


class LessonUpdated(LessonEvent):
    """A lesson was worded anew, or its customer became another by a merge."""

    type = "lesson.updated"


class LessonWithdrawn(LessonEvent):
    """A lesson does not hold; it is gone."""

    type = "lesson.withdrawn"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    LessonRecorded,
    LessonUpdated,
    LessonWithdrawn,
)
