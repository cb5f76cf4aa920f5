"""Who could do it: skills are met by those who have them, each at one thing at a time."""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.plan.v1 import ResourceKind
from project_svc.capacity.domain import Load, Periods, Unit
from project_svc.capacity.service import Capacity
from project_svc.portfolio_trials.trying.fit import overloads, shortages
from project_svc.resources.domain import Resource
from project_svc.standings.domain import Demand

MONDAY = date(2026, 3, 2)
WEEKS = Periods.touching(MONDAY, date(2026, 3, 15), Unit.WEEK)


def people(*skills: tuple[str, ...], demand: int = 0) -> Capacity:
    """People of forty hours a week, all needed for as long in both weeks."""
    workers = {
        UUID(int=number): Resource(id=UUID(int=number), name=f"p{number}", kind=ResourceKind.PERSON, skills=those)
        for number, those in enumerate(skills)
    }
    return Capacity(periods=WEEKS, workers=workers, loads={id: [Load(2400, demand)] * 2 for id in workers})


def test_whoever_has_two_skills_leaves_one_to_others() -> None:
    there = people(("a", "b"), ("a",))

    assert shortages({"a": [2400], "b": [2400]}, 0, there) == []
    (short,) = shortages({"a": [0, 4800], "b": [0, 600]}, 0, there)
    assert (short.week, short.over, short.wanted) == (date(2026, 3, 9), 10, {"a": 80, "b": 10}[short.name])


def test_what_is_committed_is_not_free_and_nobody_has_other_skills() -> None:
    there = people(("a",), demand=1800)

    (first, second) = shortages({"a": [1200], "c": [60]}, 1, there)

    assert (first.name, first.capacity, first.committed, first.wanted, first.over) == ("a", 40, 30, 20, 10)
    assert (second.name, second.capacity, second.over, second.week) == ("c", 0, 1, date(2026, 3, 9))


@given(
    skills=st.lists(st.sets(st.sampled_from("abc")).map(lambda some: tuple(sorted(some))), max_size=4),
    wanted=st.dictionaries(st.sampled_from("abc"), st.integers(0, 8000), max_size=3),
)
def test_no_more_is_short_than_must_be(skills: list[tuple[str, ...]], wanted: dict[str, int]) -> None:
    """Hall's condition: what some skills want together beyond all who have one of them is short, and nothing else."""
    short = sum(round(one.over * 60) for one in shortages({k: [v] for k, v in wanted.items()}, 0, people(*skills)))

    subsets = [{k for place, k in enumerate("abc") if number >> place & 1} for number in range(8)]
    least = max(
        sum(wanted.get(k, 0) for k in some) - 2400 * sum(bool(some & set(those)) for those in skills)
        for some in subsets
    )
    assert abs(short - max(least, 0)) <= 1


def test_an_overload_is_what_is_wanted_beyond_what_is_left() -> None:
    there = people(("a",), demand=2000)
    need = Demand(UUID(int=1), UUID(int=0), date(2026, 3, 6), (300, 0, 0, 480, 480, 480, 480, 480))

    (found,) = overloads([need], there)
    outside = overloads([Demand(UUID(int=1), UUID(int=0), date(2026, 4, 6), (480,) * 7)], there)

    assert (found.week, found.capacity, found.committed, found.wanted, found.over) == (
        *(date(2026, 3, 9), 40),
        *(33.33, 40, 33.33),
    )
    assert outside == []
