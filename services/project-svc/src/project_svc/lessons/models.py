"""Table of the lessons learned, and how they are shown, filtered, sorted and searched."""

from sqlalchemy import Column, Index, Table, Text, Uuid

from crm_contracts.closing.v1 import LessonCategory, LessonEffect, LessonSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.search.declare import Search, searchable
from crm_platform.store import Aggregate
from project_svc.lessons.domain import NOUN, Lesson
from project_svc.metadata import METADATA

lessons: Table = aggregate_table(
    "lessons",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("template", Text),
    Column("industry", Text),
    Column("category", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("happened", Text, nullable=False),
    Column("cause", Text),
    Column("recommendation", Text, nullable=False),
    one_of("category", [category.value for category in LessonCategory]),
    one_of("effect", [effect.value for effect in LessonEffect]),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "customer_id"),
    *searchable(),
)

LESSONS = Aggregate(
    name="lesson",
    plural="lessons",
    what=NOUN,
    table=lessons,
    state=Lesson,
    snapshot=LessonSnapshot,
    search=Search({"title": "A", "recommendation": "B", "happened": "C", "cause": "C"}),
)
