"""What was sold, as a won opportunity or a signed contract tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.sales.v1 import ContractSnapshot, OpportunitySnapshot
from project_svc.lifecycle.errors import OpportunityWithoutCustomer


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """For whom a project is, and what is known of it.

    Attributes:
        begins_on: When work begins; None where nobody has said it.
    """

    name: str
    customer_id: UUID
    value: Money | None
    begins_on: date | None
    owner_id: UUID | None
    team_id: UUID | None
    product_id: UUID | None = None
    opportunity_id: UUID | None = None
    contract_id: UUID | None = None
    contract_number: str | None = None
    signed_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def members(self) -> Mapping[str, Any]:
        """What rules of templates can read."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        value, _ = told.pop("value"), told.pop("begins_on")
        return told | {
            "amount": None if value is None else value.amount,
            "currency": None if value is None else value.currency,
        }


def of_opportunity(opportunity: OpportunitySnapshot) -> Deal:
    """What a won opportunity tells.

    Raises:
        OpportunityWithoutCustomer: There is nobody to do a project for.
    """
    if opportunity.customer_id is None:
        raise OpportunityWithoutCustomer(opportunity_id=opportunity.id)
    return Deal(
        name=opportunity.name,
        customer_id=opportunity.customer_id,
        value=opportunity.value,
        begins_on=opportunity.closed_on,
        owner_id=opportunity.owner_id,
        team_id=opportunity.team_id,
        product_id=opportunity.product_id,
        opportunity_id=opportunity.id,
    )


def of_contract(contract: ContractSnapshot) -> Deal:
    """What a signed contract tells."""
    return Deal(
        name=contract.title,
        customer_id=contract.customer_id,
        value=contract.value,
        begins_on=contract.valid_from or contract.signed_on,
        owner_id=contract.owner_id,
        team_id=contract.team_id,
        opportunity_id=contract.opportunity_id,
        contract_id=contract.id,
        contract_number=contract.number,
        signed_on=contract.signed_on,
        valid_from=contract.valid_from,
        valid_until=contract.valid_until,
    )
