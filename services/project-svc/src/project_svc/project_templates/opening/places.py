"""Refusals of what is made of a template, told by their places in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pydantic import ValidationError

from crm_platform.errors import DomainError, FieldProblem
from crm_platform.http.problems import from_validation_error
from crm_platform.words import Words
from project_svc.project_templates.errors import TemplateRefused
from project_svc.scheduling.calendars.worktime import OutOfCalendarError

_NAMES = {
    "assignments": "needs",
    "task_id": "task",
    "task_ids": "tasks",
    "delivery_id": "deliverable",
    "base_task_id": "base_task",
}
"""Members of records that the parts of templates call otherwise."""

_MOST_TOLD = 100
_PART = "part_of_problem"
"""Code of places of which only the error as such says what is wrong: the tasks of a circle, say."""

_OUT_OF_CALENDAR = Words("No working calendar reaches a day so far away.", "该日期超出工作日历范围。")
UNKNOWN_KEY = Words("The template has no such part.", "模板中没有该键对应的内容。")
KEY_TWICE = Words("The key is used twice.", "键重复使用。")


@contextmanager
def placed(pointer: str, language: str) -> Iterator[None]:
    """Tell what goes wrong inside as something about one place of a template.

    Raises:
        TemplateRefused: Something has gone wrong.
    """
    try:
        yield
    except TemplateRefused:
        raise
    except OutOfCalendarError as error:
        raise refused(FieldProblem(pointer, "out_of_calendar", _OUT_OF_CALENDAR.into(language))) from error
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        problems = from_validation_error(found, language).errors
        raise refused(*(_below(pointer, one) for one in problems)) from error
    except DomainError as error:
        told = FieldProblem("", error.code, error.detail(language))
        named = [replace(told, pointer=one.pointer) if one.code == _PART else one for one in error.errors]
        raise refused(*(_below(pointer, one) for one in named or [told])) from error


def refused(*problems: FieldProblem) -> TemplateRefused:
    """The refusal that names all of these places."""
    return TemplateRefused(count=len(problems), errors=problems[:_MOST_TOLD])


def _below(pointer: str, problem: FieldProblem) -> FieldProblem:
    steps = (_NAMES.get(step, step) for step in problem.pointer.split("/"))
    return FieldProblem(pointer + "/".join(steps), problem.code, problem.detail)
