"""Tables of the tickets and their numbers, and how tickets are shown, filtered and sorted."""

from sqlalchemy import Boolean, Column, DateTime, Index, Table, Text, UniqueConstraint, Uuid

from crm_contracts.service_desk.v1 import TicketKind, TicketPriority, TicketSnapshot, TicketStatus
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.numbering import Numbering, counters_table
from crm_platform.store import Aggregate
from service_desk_svc.metadata import METADATA
from service_desk_svc.tickets.domain import NOUN, Ticket

tickets: Table = aggregate_table(
    "tickets",
    METADATA,
    Column("number", Text, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("project_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("description", Text),
    Column("status", Text, nullable=False),
    Column("in_service_period", Boolean, nullable=False),
    Column("assignee_id", Uuid),
    Column("assigned_at", DateTime(timezone=True)),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolution", Text),
    one_of("kind", [kind.value for kind in TicketKind]),
    one_of("priority", [priority.value for priority in TicketPriority]),
    one_of("status", [status.value for status in TicketStatus]),
    UniqueConstraint("tenant_id", "number"),
    Index(None, "tenant_id", "customer_id", "created_at", "id"),
    Index(None, "tenant_id", "status", "created_at", "id"),
    owned=True,
)

TICKET_NUMBERS = Numbering(counters_table("ticket_counters", METADATA), prefix="TK")

TICKETS = Aggregate(
    name="ticket",
    plural="tickets",
    what=NOUN,
    table=tickets,
    state=Ticket,
    snapshot=TicketSnapshot,
    sort_by={"number": tickets.c.number, "priority": tickets.c.priority},
)
