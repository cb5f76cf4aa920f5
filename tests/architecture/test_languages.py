"""What people read is English or Chinese, never both in one sentence."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic_core import PydanticKnownError
from pydantic_core.core_schema import ErrorType

from crm_platform.errors import DomainError
from crm_platform.http.validation_messages import described
from crm_platform.store import Aggregate
from tools.gen.system import modules_of, services
from tools.layout import ROOT, distributions

SAME_IN_EVERY_LANGUAGE = re.compile(
    r"\{\w+\}|“[^”]*”|`[^`]*`|GET /\S+|Idempotency-Key|If-Match|ETag|\b\w+_\w+\b"
    r"|\b(?:API|ASCII|HTTP|JSON|RFC \d+|UTC|UUID|Unicode|YYYY-MM-DD|HH:MM|null)\b"
)
"""Placeholders, names of fields and headers, and abbreviations."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]+")


def error_classes(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """The tree below ``base``, as far as its modules are imported."""
    for kind in base.__subclasses__():
        yield kind
        yield from error_classes(kind)


def all_errors() -> list[type[DomainError]]:
    for one in distributions():
        list(modules_of(one.package))
    ours = tuple(f"{one.package}." for one in distributions())
    return sorted({kind for kind in error_classes() if kind.__module__.startswith(ours)}, key=str)


def english_in(chinese: str) -> list[str]:
    return LATIN.findall(SAME_IN_EVERY_LANGUAGE.sub("", chinese))


def nouns_of_the_glossary() -> dict[str, str]:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", (ROOT / "CONTEXT.md").read_text(encoding="utf-8"), re.MULTILINE)
    return dict(pair for english, chinese in rows for pair in pairs(english, chinese))


def pairs(english: str, chinese: str) -> list[tuple[str, str]]:
    """Each word of a row with its own Chinese, or all with the same."""
    words, theirs = english.split(", "), chinese.split(", ")
    return list(zip(words, theirs if len(theirs) > 1 else theirs * len(words), strict=True))


def aggregates() -> list[Aggregate[Any]]:
    return [aggregate for _, service in services() for aggregate in service.aggregates]


def known_error(kind: ErrorType) -> PydanticKnownError:
    """One finding of this kind, with some value for everything that pydantic wants to know of it."""
    context: dict[str, Any] = {}
    for _ in range(10):
        try:
            return PydanticKnownError(kind, context)
        except TypeError as error:
            name = str(error).split("'")[1]
            context[name] = 1 if name not in context else "x"
    raise AssertionError(kind)


@pytest.mark.parametrize("error", all_errors(), ids=lambda one: f"{one.__module__}.{one.__qualname__}")
def test_an_error_is_told_in_two_languages_that_are_not_mixed(error: type[DomainError]) -> None:
    assert CHINESE.search(error.title_zh)
    assert not CHINESE.search(error.en + error.title)
    assert english_in(error.title_zh + error.zh) == []
    placeholders = re.compile(r"\{(\w+)\}")
    assert set(placeholders.findall(error.zh)) <= set(placeholders.findall(error.en))


@pytest.mark.parametrize("aggregate", aggregates(), ids=lambda one: one.name)
def test_an_aggregate_is_called_as_in_the_glossary(aggregate: Aggregate[Any]) -> None:
    what = aggregate.resource.what
    assert nouns_of_the_glossary()[what.en] == what.zh


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_findings_of_the_schema_are_told_in_chinese(kind: ErrorType) -> None:
    error = known_error(kind)
    found = {"type": kind, "msg": error.message(), "loc": ("body", 4), "ctx": error.context}

    words = described(found)

    no_json = "the body is not valid JSON (at character 5)"
    assert words.en == (no_json if kind == "json_invalid" else error.message())
    assert CHINESE.search(words.zh)
    assert set(english_in(words.zh)) <= {"x"}


def test_a_word_of_the_other_language_is_noticed() -> None:
    assert english_in("未找到 customer（{id}），请求头 If-Match，字段“name”。") == ["customer"]
