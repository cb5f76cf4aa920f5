"""What a calendar of project work holds, and how much of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from project_svc.work_feeds.domain import MOST_ENTRIES, Concern, Kind, calendar

FIRST = date(2026, 3, 2)
CHANGED = datetime(2026, 3, 1, tzinfo=UTC)


def concern(number: int, on_day: date | None, kind: Kind = Kind.GATE, name: str = "评审") -> Concern:
    return Concern(
        kind=kind,
        id=UUID(int=number),
        project_id=UUID(int=0),
        project="智慧园区",
        name=name,
        description="",
        sequence=1,
        changed_at=CHANGED,
        on_day=on_day,
    )


def shown(*concerns: Concern, dates: Any = None, language: str = "zh") -> list[Any]:
    return list(Calendar.from_ical(calendar(concerns, dates or {}, language)).walk("VEVENT"))


def test_the_earliest_are_shown_and_what_is_far_away_is_left_out() -> None:
    days = [FIRST + timedelta(days=number) for number in range(MOST_ENTRIES + 5)]
    found = shown(*(concern(number, day) for number, day in reversed(list(enumerate(days)))))
    assert [event.decoded("dtstart") for event in found] == days[:MOST_ENTRIES]


def test_a_task_without_dates_is_left_out() -> None:
    span = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 17, tzinfo=UTC)
    known, unknown = concern(1, None, Kind.TASK), concern(2, None, Kind.TASK)
    found = shown(known, unknown, dates={known.id: span})
    assert [event["uid"] for event in found] == [f"task-{known.id}@guanxi"]


@settings(max_examples=15)
@given(
    name=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=200),
    kinds=st.permutations(list(Kind)),
    language=st.sampled_from(["en", "zh"]),
)
def test_entries_are_the_same_in_whichever_order_they_are_found(name: str, kinds: list[Kind], language: str) -> None:
    concerns = [concern(list(Kind).index(kind), FIRST, kind, name) for kind in kinds]
    content = calendar(concerns, {}, language)
    assert content == calendar(sorted(concerns, key=lambda one: one.id), {}, language)
    events = list(Calendar.from_ical(content).walk("VEVENT"))
    assert {str(event["uid"]).split("-")[0] for event in events} == {kind.value for kind in Kind}
    assert all(str(event["summary"]).endswith(f": {name} · 智慧园区") for event in events)
