from datetime import UTC, datetime, timedelta
from typing import Any

from crm_platform.cel import Field, compile_program, field_map
from crm_platform.ids import new_id
from customer_svc.segment_members.domain import Verdict, judge, look_again, membership_id, moves

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FIELDS = field_map(Field("grade", None, "string"), Field("seen", None, "timestamp"))
A, OLD = new_id(), new_id()
PROGRAMS = {
    A: compile_program("grade == 'A'", FIELDS),
    OLD: compile_program("now() - seen > duration('24h')", FIELDS),
}


def verdicts(values: dict[str, Any] | None) -> list[tuple[bool, datetime | None]]:
    return [(one.member, one.look_again_at) for one in judge(PROGRAMS, new_id(), values, NOW)]


def test_a_customer_is_judged_by_every_segment() -> None:
    seen = NOW - timedelta(hours=23)

    assert verdicts({"grade": "A", "seen": None}) == [(True, None), (False, None)]
    assert verdicts({"grade": "B", "seen": seen}) == [(False, None), (False, NOW + timedelta(hours=1))]
    assert verdicts(None) == [(False, None), (False, None)]


def test_only_what_has_changed_is_written() -> None:
    entering, staying, leaving, back, out, never = customers = [new_id() for _ in range(6)]
    said = dict(zip(customers, (True, True, False, True, False, False), strict=True))
    found = [Verdict(A, id, member=member, look_again_at=None) for id, member in said.items()]
    known = {staying: True, leaving: True, back: False, out: False}

    todo = moves(found, {membership_id(A, id): member for id, member in known.items()})

    assert [one.customer_id for one in todo.first] == [entering]
    assert {one.customer_id: one.member for one in todo.turned.values()} == {leaving: False, back: True}
    assert todo.turned.keys() == {membership_id(A, leaving), membership_id(A, back)}
    assert never not in {one.customer_id for one in todo.turned.values()}


def test_a_customer_is_looked_at_again_when_the_first_verdict_may_change() -> None:
    one, other = new_id(), new_id()
    early, late = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    found = [
        Verdict(A, one, member=True, look_again_at=late),
        Verdict(OLD, one, member=True, look_again_at=early),
        Verdict(A, other, member=True, look_again_at=None),
    ]

    assert look_again(found) == {one: early}
