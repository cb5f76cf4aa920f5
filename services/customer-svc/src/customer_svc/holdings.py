"""What this service holds about people, beside the records of the people themselves."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Table

from crm_contracts.communication.v1 import CommunicationUpdated
from crm_contracts.contact.v1 import ContactErased
from crm_contracts.customer.v1 import CustomerErased
from crm_contracts.privacy.v1 import SubjectKind
from crm_contracts.subject_access.v1 import CustomerAccessAnswered
from crm_platform.privacy import BLANK, AccessAnswers, Holding, Subject
from crm_platform.privacy.gathering import Section
from crm_platform.privacy.telling import history_of, tell_history, tell_subjects
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from customer_svc.bulk_actions.models import bulk_targets
from customer_svc.communications.models import COMMUNICATIONS
from customer_svc.consents import service as consents
from customer_svc.consents.models import CONSENTS
from customer_svc.contacts.models import CONTACT_REFS, CONTACTS, contact_links
from customer_svc.customer_merges import models as merges
from customer_svc.customers.models import CUSTOMER_REFS, CUSTOMERS
from customer_svc.disclosures import service as disclosures
from customer_svc.erasures.service import Held
from customer_svc.facts import models as facts
from customer_svc.metadata import METADATA
from customer_svc.quality_scores import models as quality
from customer_svc.requirements.models import REQUIREMENTS
from customer_svc.segment_members import models as members
from customer_svc.segment_snapshots import models as snapshots
from customer_svc.subject_access.models import SUBJECT_ACCESS
from customer_svc.sync.models import SYNC_CONFLICTS
from customer_svc.timeline.models import timeline_entries

_PROOF = "proof that the data was used lawfully; its evidence is erased with the key"
_COLLECTED = "proof that the person was answered; what was collected is unreadable without the key"
_UNREADABLE = "its values are erased with the key"
_FIGURES: tuple[tuple[str, Table, Words], ...] = (
    ("figures", facts.customer_facts, Words("figures about the customer", "客户指标")),
    ("order", facts.known_orders, Words("order, for figures", "订单（统计用）")),
    ("opportunity", facts.known_opportunities, Words("opportunity, for figures", "商机（统计用）")),
    ("ticket", facts.known_tickets, Words("service ticket, for figures", "服务工单（统计用）")),
    ("survey", facts.known_surveys, Words("satisfaction survey, for figures", "满意度调查（统计用）")),
)
_LINK = Words("what a contact is at a customer", "联系人与客户的关系")
_SEGMENT = Words("membership in a segment of customers", "客户分群成员关系")
_BULK = Words("record chosen for a bulk action", "批量操作对象")
_QUALITY = Words("quality of the data", "数据质量")
_SNAPSHOT = Words("membership in a segment at a moment", "分群快照成员关系")
_MERGE = Words("record as it was before a merge", "合并前的记录")
_SEALED_TWICE = "kept as sealed as it was, to undo a merge; what it says is told by the history of the record"
_MECHANICS = "tells when to look at the record again, and nothing else"

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        record="communication",
        table=COMMUNICATIONS.table,
        aggregate=COMMUNICATIONS,
        event=CommunicationUpdated,
        blank={"subject": BLANK, "content": None, "participants": (), "outcome": None, "follow_up": None},
        held={"contents_sealed": False},
        dated="happened_at",
    ),
    Holding(
        record="timeline",
        table=timeline_entries,
        blank={"title": BLANK, "facts": {}},
        dated="happened_at",
        title=Words("happening with the customer", "客户时间线"),
    ),
    Holding(record="requirement", table=REQUIREMENTS.table, aggregate=REQUIREMENTS),
    Holding(record="contact_link", table=contact_links, title=_LINK),
    Holding(record="contact_link", table=contact_links, column="contact_id", about=SubjectKind.CONTACT, title=_LINK),
    *(
        Holding(record="consent", table=CONSENTS.table, column="subject_id", about=kind, why=_PROOF, aggregate=CONSENTS)
        for kind in SubjectKind
    ),
    *(
        Holding(
            record="subject_access",
            table=SUBJECT_ACCESS.table,
            column="subject_id",
            about=kind,
            why=_COLLECTED,
            aggregate=SUBJECT_ACCESS,
        )
        for kind in SubjectKind
    ),
    Holding(record="sync_conflict", table=SYNC_CONFLICTS.table, why=_UNREADABLE, aggregate=SYNC_CONFLICTS),
    *(Holding(record=record, table=table, title=title) for record, table, title in _FIGURES),
    Holding(record="segment", table=members.segment_members, title=_SEGMENT),
    Holding(record="segment", table=members.segment_watches, title=_SEGMENT, withheld=_MECHANICS),
    Holding(record="bulk_target", table=bulk_targets, title=_BULK),
    Holding(record="quality", table=quality.quality_marks, title=_QUALITY, withheld=_MECHANICS),
    Holding(record="quality", table=quality.quality_scores, column="id", title=_QUALITY),
    Holding(record="segment_snapshot", table=snapshots.segment_snapshot_members, title=_SNAPSHOT),
    Holding(
        record="merge", table=merges.customers_before, blank={"content": None}, title=_MERGE, withheld=_SEALED_TWICE
    ),
    Holding(
        record="merge",
        table=merges.links_before,
        column="contact_id",
        about=SubjectKind.CONTACT,
        blank={"absorbed_link": None, "survivor_link": None, "merged_link": None},
        title=_MERGE,
    ),
)
"""Tables that refer to people, one line each."""

PEOPLE = {
    SubjectKind.CUSTOMER: Subject(CUSTOMERS, CUSTOMER_REFS, CustomerErased),
    SubjectKind.CONTACT: Subject(CONTACTS, CONTACT_REFS, ContactErased),
}
"""The people themselves."""

HELD = Held(HOLDINGS, PEOPLE)


async def _tell_consents(unit: UnitOfWork, _: SubjectKind, subject_id: UUID) -> Sequence[Section]:
    """Every word of a person about consent, with what shows it."""
    return [await history_of(unit, CONSENTS, await consents.consents_of(unit, subject_id))]


ACCESS = AccessAnswers(
    METADATA,
    "customer-svc",
    CustomerAccessAnswered,
    HOLDINGS,
    tell_subjects(PEOPLE),
    tell_history(PEOPLE),
    _tell_consents,
    disclosures.tell,
)
"""The part of this service where people ask what is known of them."""
