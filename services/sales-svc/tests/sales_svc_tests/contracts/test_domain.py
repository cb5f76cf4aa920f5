"""What holds of contracts whatever happens to them, in any order."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.base import Money
from crm_contracts.sales.v1 import ContractStatus
from crm_platform.errors import DomainError
from sales_svc.contracts.domain import LIFE_CYCLE, TERMS, Contract, Signature

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
PEOPLE = ("user:1", "user:2")
IDS = (UUID(int=1), UUID(int=2))

days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
maybe = st.none() | days
money = st.none() | st.builds(Money, amount=st.integers(0, 3), currency=st.just("CNY"))
terms: dict[str, st.SearchStrategy[Any]] = {
    "title": st.sampled_from(("甲", "乙")),
    "value": money,
    "valid_from": maybe,
    "valid_until": maybe,
    "our_signatory_id": st.sampled_from((None, *IDS)),
    "customer_signatory_id": st.sampled_from((None, *IDS)),
    "description": st.sampled_from((None, "备注")),
}
people = st.sampled_from(PEOPLE)
steps: st.SearchStrategy[tuple[str, str, dict[str, Any]]] = st.one_of(
    st.tuples(st.just("edit"), people, st.fixed_dictionaries({}, optional=terms)),
    st.tuples(st.just("approve"), people, st.just({})),
    st.tuples(st.just("return"), people, st.just({})),
    st.tuples(st.just("sign"), people, st.fixed_dictionaries({"signed_on": days})),
    st.tuples(st.sampled_from(("fulfil", "terminate", "cancel")), people, st.fixed_dictionaries({"on": days})),
)
UNSIGNED = {ContractStatus.DRAFT, ContractStatus.APPROVED, ContractStatus.CANCELLED}
OVER = {ContractStatus.FULFILLED, ContractStatus.TERMINATED, ContractStatus.CANCELLED}


def taken(contract: Contract, step: tuple[str, str, dict[str, Any]]) -> Contract:
    action, by, values = step
    if action == "edit":
        return contract.edited(by=by, **values)
    if action == "approve":
        return contract.approved(by=by)
    if action == "return":
        return contract.returned()
    if action == "sign":
        return contract.signed(Signature(**values), now=NOW)
    return contract.ended(action, values["on"])


def check(contract: Contract) -> None:
    assert (contract.signed_on is None) == (contract.status in UNSIGNED)
    assert (contract.ended_on is None) == (contract.status not in OVER)
    if contract.signed_on is not None:
        assert contract.signed_on <= date(2026, 7, 1)
        assert None not in {contract.value, contract.our_signatory_id, contract.customer_signatory_id}
        assert contract.valid_from is not None
        assert contract.ended_on is None or contract.ended_on >= contract.signed_on
    if contract.valid_from is not None and contract.valid_until is not None:
        assert contract.valid_from <= contract.valid_until
    if contract.status is ContractStatus.APPROVED:
        assert contract.approved_by not in {None, contract.drafted_by}


@given(history=st.lists(steps, max_size=12))
def test_whatever_happens_a_contract_is_whole_and_what_was_agreed_stays(
    history: list[tuple[str, str, dict[str, Any]]],
) -> None:
    contract = Contract(id=uuid4(), number="CT-2026-000001", title="甲", customer_id=IDS[0], drafted_by=PEOPLE[0])
    for step in history:
        before = contract
        try:
            contract = taken(before, step)
        except DomainError:
            continue
        check(contract)
        moved = contract.status is not before.status
        assert moved == (step[0] != "edit")
        assert not moved or LIFE_CYCLE.transitions[before.status, step[0]] is contract.status
        agreed = TERMS if before.status is not ContractStatus.DRAFT else ()
        first_day = {"valid_from"} if step[0] == "sign" and before.valid_from is None else set()
        changed = {name for name in agreed if getattr(before, name) != getattr(contract, name)}
        assert changed <= first_day
