"""What this service holds about people, beside the records of the people themselves."""

from sqlalchemy import Table

from crm_contracts.communication.v1 import CommunicationUpdated
from crm_contracts.contact.v1 import ContactErased
from crm_contracts.customer.v1 import CustomerErased
from crm_contracts.privacy.v1 import SubjectKind
from crm_platform.privacy import BLANK, Holding, Subject
from customer_svc.bulk_actions.models import bulk_targets
from customer_svc.communications.models import COMMUNICATIONS
from customer_svc.consents.models import consents
from customer_svc.contacts.models import CONTACT_REFS, CONTACTS, contact_links
from customer_svc.customer_merges import models as merges
from customer_svc.customers.models import CUSTOMER_REFS, CUSTOMERS
from customer_svc.erasures.service import Held
from customer_svc.facts import models as facts
from customer_svc.quality_scores import models as quality
from customer_svc.requirements.models import requirements
from customer_svc.segment_members import models as members
from customer_svc.segment_snapshots import models as snapshots
from customer_svc.sync.models import sync_conflicts
from customer_svc.timeline.models import timeline_entries

_PROOF = "proof that the data was used lawfully; its evidence is erased with the key"
_UNREADABLE = "its values are erased with the key"
_FIGURES: dict[str, Table] = {
    "figures": facts.customer_facts,
    "order": facts.known_orders,
    "opportunity": facts.known_opportunities,
    "ticket": facts.known_tickets,
    "survey": facts.known_surveys,
}

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        record="communication",
        table=COMMUNICATIONS.table,
        aggregate=COMMUNICATIONS,
        event=CommunicationUpdated,
        blank={"subject": BLANK, "content": None, "participants": (), "outcome": None, "follow_up": None},
        dated="happened_at",
    ),
    Holding(record="timeline", table=timeline_entries, blank={"title": BLANK, "facts": {}}, dated="happened_at"),
    Holding(record="requirement", table=requirements),
    Holding(record="contact_link", table=contact_links),
    Holding(record="contact_link", table=contact_links, column="contact_id", about=SubjectKind.CONTACT),
    Holding(record="consent", table=consents, column="subject_id", why=_PROOF),
    Holding(record="consent", table=consents, column="subject_id", about=SubjectKind.CONTACT, why=_PROOF),
    Holding(record="sync_conflict", table=sync_conflicts, why=_UNREADABLE),
    *(Holding(record=record, table=table) for record, table in _FIGURES.items()),
    Holding(record="segment", table=members.segment_members),
    Holding(record="segment", table=members.segment_watches),
    Holding(record="bulk_target", table=bulk_targets),
    Holding(record="quality", table=quality.quality_marks),
    Holding(record="quality", table=quality.quality_scores, column="id"),
    Holding(record="segment_snapshot", table=snapshots.segment_snapshot_members),
    Holding(record="merge", table=merges.customers_before, blank={"content": None}),
    Holding(record="merge", table=merges.links_before, column="contact_id", about=SubjectKind.CONTACT),
)
"""Tables that refer to people, one line each."""

PEOPLE = {
    SubjectKind.CUSTOMER: Subject(CUSTOMERS, CUSTOMER_REFS, CustomerErased),
    SubjectKind.CONTACT: Subject(CONTACTS, CONTACT_REFS, ContactErased),
}
"""The people themselves."""

HELD = Held(HOLDINGS, PEOPLE)
