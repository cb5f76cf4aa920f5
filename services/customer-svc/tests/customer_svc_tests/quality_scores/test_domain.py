from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from crm_contracts.customer.v1 import Email, Phone, PostalAddress, Registration, RegistrationKind
from crm_platform.cel import check, compile_program
from crm_platform.ids import new_id
from customer_svc.customers.domain import Customer
from customer_svc.quality_rules.domain import READY_MADE, judges_otherwise
from customer_svc.quality_rules.models import CONTACT_FIELDS, FIELDS
from customer_svc.quality_scores.domain import Judge, assess, contact_figures, is_complete

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RULES = [uuid4() for _ in range(3)]


def judge(rule_id: UUID, weight: int, expression: str, applies_to: str | None = None) -> Judge:
    condition = None if applies_to is None else compile_program(applies_to, FIELDS)
    return Judge(rule_id, weight, compile_program(expression, FIELDS), condition)


def score(values: Mapping[str, Any], *judges: Judge) -> tuple[int, tuple[UUID, ...], datetime | None]:
    found = assess(judges, values, NOW)
    return found.score, found.failed, found.look_again_at


def test_a_score_is_the_weight_of_the_rules_that_hold_of_those_that_apply() -> None:
    judges = (
        judge(RULES[0], 30, "has(industry)"),
        judge(RULES[1], 10, "has(source)"),
        judge(RULES[2], 60, "has(grade)", "status == 'active'"),
    )

    assert score({"industry": "制造", "status": "prospect"}, *judges) == (75, (RULES[1],), None)
    assert score({"industry": "制造", "status": "active"}, *judges) == (30, (RULES[1], RULES[2]), None)
    assert score({"status": "active"}, *judges) == (0, tuple(RULES), None)
    assert score({"industry": "制造", "source": "展会", "grade": "A", "status": "active"}, *judges) == (100, (), None)


def test_a_score_is_rounded_down_and_perfect_without_rules_that_apply() -> None:
    judges = [judge(uuid4(), 100, "true") for _ in range(2)] + [judge(RULES[0], 1, "has(source)")]

    assert score({}, *judges) == (99, (RULES[0],), None)
    assert score({}, judge(RULES[0], 5, "false", "status == 'active'")) == (100, (), None)
    assert score({}) == (100, (), None)


def test_the_first_moment_at_which_a_rule_or_whom_it_is_about_may_change_counts() -> None:
    talked = NOW - timedelta(days=80)
    followed_up = judge(RULES[0], 1, "now() - facts.last_communication_at < duration('2160h')")
    only_old = judge(RULES[1], 1, "has(source)", "now() - created_at > duration('24h')")
    values = {"facts.last_communication_at": talked, "created_at": NOW - timedelta(hours=23)}

    assert score(values, followed_up) == (100, (), talked + timedelta(days=90))
    _, failed, moment = score(values, followed_up, only_old)
    assert (failed, moment) == ((), NOW + timedelta(hours=1))
    assert assess([followed_up], values, talked + timedelta(days=90)).failed == (RULES[0],)


@pytest.mark.parametrize(
    ("address", "complete"),
    [
        ({"country": "CN", "province": "浙江省", "city": "杭州市", "street": "文三路 1 号"}, True),
        ({"country": "CN", "province": "北京市", "district": "海淀区", "street": "中关村大街 1 号"}, True),
        ({"country": "CN", "city": "杭州市", "street": "文三路 1 号"}, False),
        ({"country": "CN", "province": "浙江省", "street": "文三路 1 号"}, False),
        ({"country": "CN", "province": "浙江省", "city": "杭州市"}, False),
        ({"country": "DE", "city": "Köln", "street": "Domkloster 4"}, True),
        ({"country": "DE", "province": "NRW", "street": "Domkloster 4"}, False),
    ],
)
def test_an_address_is_complete_when_a_letter_would_arrive(address: dict[str, str], complete: bool) -> None:
    assert is_complete(PostalAddress.model_validate(address)) is complete


def test_contact_data_is_counted_and_what_is_wrong_with_it() -> None:
    customer = Customer(
        id=new_id(),
        name="甲",
        phones=(Phone(number="+8613800138000", entered="138"), Phone(entered="总机转张工")),
        emails=(Email(address="a@例子.公司"), Email(address="not an address")),
        addresses=(PostalAddress(country="CN", city="杭州市"),),
        registrations=(
            Registration(kind=RegistrationKind.USCC, number="91350211M000100Y46"),
            Registration(kind=RegistrationKind.USCC, number="91350211M000100Y44"),
        ),
    )

    assert contact_figures(customer) == {
        "contact.phones": 2,
        "contact.valid_phones": 1,
        "contact.emails": 2,
        "contact.valid_emails": 1,
        "contact.addresses": 1,
        "contact.complete_addresses": 0,
        "contact.identity_documents": 0,
        "contact.invalid_registrations": 1,
    }
    assert tuple(contact_figures(customer)) == CONTACT_FIELDS


def test_ready_made_rules_are_conditions_on_what_there_is() -> None:
    read: set[str] = set()
    for rule in READY_MADE:
        read |= check(rule["expression"], FIELDS) | check(rule.get("applies_to", "true"), FIELDS)
        assert all((rule["label"].en, rule["label"].zh, rule["message"].en, rule["message"].zh))
    assert len({rule["code"] for rule in READY_MADE}) == len(READY_MADE) == 12
    assert {"contact.valid_phones", "contact.shared", "facts.last_communication_at", "registration_id"} <= read


def test_only_what_scores_depend_on_leads_to_other_scores() -> None:
    assert not judges_otherwise({"label": 1, "message": 2, "member": 3, "severity": 4})
    assert all(judges_otherwise({name: 1}) for name in ("expression", "applies_to", "weight", "enabled"))
