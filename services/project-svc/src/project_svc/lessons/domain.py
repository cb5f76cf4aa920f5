"""A lesson learned."""

from uuid import UUID

from crm_contracts.closing.v1 import LessonCategory, LessonEffect
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("lesson learned", "经验教训")


class Lesson(AggregateState):
    """What a project has taught; it belongs to nobody, as everybody is to find it."""

    project_id: UUID
    customer_id: UUID
    template: str | None = None
    industry: str | None = None
    category: LessonCategory
    effect: LessonEffect
    title: str
    happened: str
    cause: str | None = None
    recommendation: str
