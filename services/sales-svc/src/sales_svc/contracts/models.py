"""Tables of the contracts and their numbers, and how contracts are shown, filtered and sorted."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, Date, Index, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.sales.v1 import ContractSnapshot, ContractStatus
from crm_platform.aggregate import AggregateSpec
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.external_refs import ExternalRefs, external_refs_table
from crm_platform.numbering import Numbering, counters_table
from crm_platform.reads.resource import Represent, represent_state
from crm_platform.store import Aggregate
from sales_svc.contracts.domain import NOUN, Contract
from sales_svc.known_customers.service import is_known
from sales_svc.metadata import METADATA

_UNSIGNED = "status IN ('draft', 'approved', 'cancelled')"
_OVER = "status IN ('fulfilled', 'terminated', 'cancelled')"

contracts: Table = aggregate_table(
    "contracts",
    METADATA,
    Column("number", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("customer_id", Uuid, nullable=False, comment="In customer-svc; it may not have arrived here yet."),
    Column("opportunity_id", Uuid),
    Column("status", Text, nullable=False),
    *money_columns("value"),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("our_signatory_id", Uuid, comment="A user."),
    Column("customer_signatory_id", Uuid, comment="A contact."),
    Column("description", Text),
    Column("drafted_by", Text, nullable=False),
    Column("approved_by", Text),
    Column("signed_on", Date),
    Column("ended_on", Date),
    Column("end_reason", Text),
    Column("external_refs", JSONB, nullable=False),
    one_of("status", [status.value for status in ContractStatus]),
    CheckConstraint("value_amount >= 0", name="value"),
    CheckConstraint("valid_until >= valid_from", name="validity"),
    CheckConstraint(f"(signed_on IS NULL) = ({_UNSIGNED})", name="signed_on"),
    CheckConstraint(f"(ended_on IS NULL) = (NOT ({_OVER}))", name="ended_on"),
    CheckConstraint("ended_on >= signed_on", name="dates"),
    CheckConstraint("approved_by IS NOT NULL OR status <> 'approved'", name="approved"),
    CheckConstraint(
        f"({_UNSIGNED}) OR (value_amount IS NOT NULL AND valid_from IS NOT NULL"
        " AND our_signatory_id IS NOT NULL AND customer_signatory_id IS NOT NULL)",
        name="signed",
    ),
    UniqueConstraint("tenant_id", "number"),
    belongs_to("opportunity_id", "opportunities"),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "opportunity_id"),
    Index(None, "tenant_id", "customer_signatory_id"),
    Index(None, "tenant_id", "status", "id"),
    Index(None, "tenant_id", "title", "id"),
    owned=True,
)

CONTRACT_NUMBERS = Numbering(counters_table("contract_counters", METADATA), prefix="CT")

CONTRACT_REFS = ExternalRefs(
    external_refs_table("contract_refs", METADATA, column="contract_id", table="contracts"),
    column="contract_id",
    what=NOUN,
)


def _represent(spec: AggregateSpec[Any]) -> Represent:
    return represent_state(spec, customer_known=lambda source: is_known(source.c.customer_id))


CONTRACTS = Aggregate(
    name="contract",
    plural="contracts",
    what=NOUN,
    table=contracts,
    state=Contract,
    snapshot=ContractSnapshot,
    sort_by={"number": contracts.c.number, "title": contracts.c.title, "status": contracts.c.status},
    represent=_represent,
)
