from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.contact.v1 import ContactStatus
from crm_platform.errors import InvalidTransition
from customer_svc.contacts.domain import FOUND_BY, LIFE_CYCLE, Contact, sought_form
from customer_svc.contacts.errors import AlreadyLinked, CannotBePrimary, NotLinked
from customer_svc.contacts.schemas import ContactCreate
from customer_svc.values.refused import AllRefused, Refused

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
ACTIONS = ("leave", "record_death", "return")


def contact(**fields: object) -> Contact:
    return Contact(id=uuid4(), name="王芳", **fields)


def linked(*links: dict[str, object]) -> Contact:
    state = contact()
    for link in links:
        state = state.linked(link, TODAY)
    return state


@pytest.mark.parametrize("status", ContactStatus)
@pytest.mark.parametrize("action", ACTIONS)
def test_the_life_cycle_is_this_table(status: ContactStatus, action: str) -> None:
    allowed = {
        ("active", "leave"): "left",
        ("active", "record_death"): "deceased",
        ("left", "return"): "active",
        ("left", "record_death"): "deceased",
        ("deceased", "return"): "active",
    }
    before = contact(status=status)

    if (status.value, action) not in allowed:
        with pytest.raises(InvalidTransition):
            before.move(action, at=NOW, on=TODAY)
        return
    after = before.move(action, at=NOW, on=TODAY, note="x")

    assert (after.status.value, after.status_since, after.status_note) == (allowed[status.value, action], NOW, "x")


def test_every_status_has_a_way_on() -> None:
    assert {state for state, _ in LIFE_CYCLE.transitions} == set(ContactStatus)


def test_whoever_leaves_is_primary_nowhere_and_open_links_end() -> None:
    ended = {"customer_id": B, "since": date(2020, 1, 1), "until": date(2024, 1, 31)}
    state = linked({"customer_id": A, "primary": True, "since": date(2026, 3, 1)}, ended)

    left = state.move("leave", at=NOW, on=date(2026, 2, 27))

    assert [(link.primary, link.since, link.until) for link in left.links] == [
        (False, None, date(2026, 2, 27)),
        (False, date(2020, 1, 1), date(2024, 1, 31)),
    ]
    assert left.move("return", at=NOW, on=TODAY).links == left.links
    assert [link.until for link in state.move("record_death", at=NOW, on=TODAY).links] == [TODAY, date(2024, 1, 31)]


def test_a_customer_is_linked_once() -> None:
    state = linked({"customer_id": A, "title": "总监"})

    with pytest.raises(AlreadyLinked):
        state.linked({"customer_id": A}, TODAY)
    with pytest.raises(NotLinked):
        state.relinked(B, {"title": "x"}, TODAY)
    with pytest.raises(NotLinked):
        state.unlinked(B)
    assert state.unlinked(A).links == ()
    assert state.step_back(B) == state


def test_a_link_ends_after_it_begins() -> None:
    link = {"customer_id": A, "since": date(2026, 1, 2), "until": date(2026, 1, 1)}
    with pytest.raises(AllRefused) as refused:
        contact().linked(link, TODAY)

    assert [(one.code, one.place) for one in refused.value.refusals] == [("ends_before_it_begins", ("until",))]
    assert len(contact().linked(link | {"until": date(2026, 1, 2)}, TODAY).links) == 1


def test_only_who_can_be_reached_there_is_primary() -> None:
    over = {"customer_id": A, "primary": True, "until": date(2026, 3, 1)}
    with pytest.raises(CannotBePrimary):
        contact().linked(over, TODAY)
    with pytest.raises(CannotBePrimary):
        contact(status=ContactStatus.LEFT).linked({"customer_id": A, "primary": True}, TODAY)
    assert contact().linked(over | {"until": TODAY}, TODAY).links[0].primary
    state = linked({"customer_id": A, "primary": True})
    with pytest.raises(CannotBePrimary):
        state.relinked(A, {"primary": True, "until": date(2026, 3, 1)}, TODAY)
    assert state.relinked(A, {"until": date(2026, 3, 1)}, TODAY).links[0].primary is False
    assert state.relinked(A, {"title": "x"}, TODAY).links[0].primary is True


@given(st.lists(st.tuples(st.sampled_from(["link", "change", "unlink", "step_back", *ACTIONS]), st.booleans())))
def test_no_way_leads_to_a_primary_link_that_is_over(steps: list[tuple[str, bool]]) -> None:
    state = contact()
    for step, flag in steps:
        try:
            if step == "link":
                state = state.linked({"customer_id": A, "primary": flag}, TODAY)
            elif step == "change":
                state = state.relinked(A, {"until": date(2026, 1, 1)} if flag else {"primary": True}, TODAY)
            elif step == "unlink":
                state = state.unlinked(A)
            elif step == "step_back":
                state = state.step_back(A)
            else:
                state = state.move(step, at=NOW, on=TODAY)
        except (AlreadyLinked, NotLinked, CannotBePrimary, InvalidTransition):
            continue
        assert len(state.links) <= 1
        for link in state.links:
            is_over = link.until is not None and link.until < TODAY
            assert not (link.primary and (is_over or state.status is not ContactStatus.ACTIVE))


def test_what_is_sealed_is_found_by_one_form() -> None:
    body = ContactCreate.model_validate(
        {
            "name": "王芳",
            "phones": [{"number": "021-5888 1234 转 801"}, {"number": "１３８００１３８０００"}],  # noqa: RUF001
            "email": "Wang.Fang@Example.COM",
            "messengers": [{"kind": "wechat", "account": "WangFang88"}, {"kind": "qq", "account": "wangfang88"}],
        }
    )
    state = contact().changed({name: getattr(body, name) for name in body.model_fields_set})

    assert {kind: set(values(state)) for kind, values in FOUND_BY.items()} == {
        "phone": {"+862158881234", "+8613800138000"},
        "email": {"wang.fang@example.com"},
        "messenger": {"wangfang88"},
    }
    assert sought_form("phone", "+86 138 0013 8000") == "+8613800138000"
    assert sought_form("phone", "(021) 5888-1234") == "+862158881234"
    assert sought_form("email", " WANG.FANG@example.com ") == "wang.fang@example.com"
    assert sought_form("messenger", "ＷangFang 88") == "wangfang88"  # noqa: RUF001
    with pytest.raises(Refused):
        sought_form("phone", "王芳")
