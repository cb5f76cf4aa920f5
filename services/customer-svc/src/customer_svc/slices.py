"""What this service is made of."""

from crm_contracts.communication.v1 import CommunicationRuleCreated, CommunicationRuleUpdated
from crm_contracts.customer.v1 import CustomerUpdated
from crm_contracts.identity.v1 import UserUpdated
from crm_contracts.inbound.v1 import ErpCustomerChanged, OaCommunicationRecorded, OaMeetingHeld
from crm_contracts.privacy.v1 import ANSWERS
from crm_contracts.project.v1 import (
    DeliveryCancelled,
    DeliveryCompleted,
    DeliveryPlanned,
    DeliveryRejected,
    DeliveryStarted,
    DeliverySubmitted,
    RequirementIntakeRefused,
)
from crm_contracts.quality.v1 import QualityRuleCreated, QualityRuleDeleted, QualityRuleUpdated
from crm_contracts.sales.v1 import OpportunityWon
from crm_contracts.segment.v1 import SegmentCreated, SegmentUpdated
from crm_contracts.subject_access.v1 import ANSWERS as ACCESS_ANSWERS
from crm_platform.access.endpoints import access_router
from crm_platform.custom_fields.applying import application
from crm_platform.custom_fields.conversion import conversion
from crm_platform.custom_fields.endpoints import custom_fields_router
from crm_platform.custom_fields.model import CUSTOM_FIELDS, Customised
from crm_platform.history.endpoints import history_router
from crm_platform.operations.endpoints import operations_router
from crm_platform.saved_views.endpoints import saved_views_router
from crm_platform.saved_views.service import Viewed
from crm_platform.saved_views.tables import SAVED_VIEWS
from crm_platform.search.filling import filling
from crm_platform.service import Consumer, Service
from customer_svc.bulk_actions import endpoints as bulk_actions
from customer_svc.bulk_actions.operations import BULK
from customer_svc.calendar_feeds import endpoints as calendar_feeds
from customer_svc.calendar_feeds.consumers import on_user_updated
from customer_svc.calendar_feeds.models import CALENDAR_FEEDS
from customer_svc.communication_rules import endpoints as communication_rules
from customer_svc.communication_rules.models import COMMUNICATION_RULES
from customer_svc.communications import endpoints as communications
from customer_svc.communications.consumers import on_communication_recorded, on_meeting_held
from customer_svc.communications.consumers import on_rule as on_communication_rule
from customer_svc.communications.models import COMMUNICATIONS
from customer_svc.communications.operations import SETTLE_AGAIN, SETTLING
from customer_svc.communications.schemas import CommunicationRead
from customer_svc.communications.service import REMINDER
from customer_svc.consent_purposes import endpoints as consent_purposes
from customer_svc.consent_purposes.models import CONSENT_PURPOSES
from customer_svc.consents import endpoints as consents
from customer_svc.consents.models import CONSENTS
from customer_svc.consents.operations import EXPIRY
from customer_svc.consents.schemas import ConsentRead
from customer_svc.contacts import endpoints as contacts
from customer_svc.contacts.models import CONTACTS
from customer_svc.custom_fields.schemas import CustomerFieldCreate
from customer_svc.customer_changes.consumers import projections as change_projections
from customer_svc.customer_merges import endpoints as customer_merges
from customer_svc.customer_merges.models import CUSTOMER_MERGES
from customer_svc.customer_merges.operations import KINDS as MERGE_KINDS
from customer_svc.customers import endpoints as customers
from customer_svc.customers.consumers import on_opportunity_won
from customer_svc.customers.models import CUSTOMERS
from customer_svc.customers.operations import SEALING
from customer_svc.customers.schemas import CustomerRead
from customer_svc.customers.service import view_for
from customer_svc.duplicate_groups import endpoints as duplicate_groups
from customer_svc.duplicate_groups.models import DUPLICATE_GROUPS
from customer_svc.duplicate_groups.operations import MERGE as GROUP_MERGE
from customer_svc.duplicate_groups.operations import SCAN
from customer_svc.duplicate_rules import endpoints as duplicate_rules
from customer_svc.duplicate_rules.models import DUPLICATE_RULES
from customer_svc.erasures.consumers import on_answer
from customer_svc.erasures.endpoints import erasures_router
from customer_svc.erasures.models import ERASURES
from customer_svc.erasures.operations import ALARM
from customer_svc.exports import endpoints as exports
from customer_svc.exports.operations import CLEARING as CLEARING_EXPORTS
from customer_svc.exports.operations import EXPORT
from customer_svc.hold_rules import endpoints as hold_rules
from customer_svc.hold_rules.models import HOLD_RULES
from customer_svc.holdings import ACCESS, HELD
from customer_svc.imports import endpoints as imports
from customer_svc.imports.models import IMPORTS
from customer_svc.imports.operations import CLEARING
from customer_svc.imports.operations import KINDS as IMPORT_KINDS
from customer_svc.known_companies.models import KNOWN_COMPANIES
from customer_svc.known_teams.models import KNOWN_TEAMS
from customer_svc.known_users.consumers import FOLLOWING as KNOWN_USERS
from customer_svc.merged_customers.models import SUCCESSORS
from customer_svc.metadata import METADATA
from customer_svc.pool import endpoints as pool
from customer_svc.pool.operations import RETURNS
from customer_svc.pool_rules import endpoints as pool_rules
from customer_svc.pool_rules.models import POOL_RULES
from customer_svc.quality_days import endpoints as quality_days
from customer_svc.quality_days.operations import WRITE_DOWN
from customer_svc.quality_monitors import endpoints as quality_monitors
from customer_svc.quality_monitors.models import QUALITY_MONITORS
from customer_svc.quality_monitors.operations import WATCH
from customer_svc.quality_rules import endpoints as quality_rules
from customer_svc.quality_rules.models import QUALITY_RULES
from customer_svc.quality_scores import endpoints as quality_scores
from customer_svc.quality_scores.consumers import on_rule
from customer_svc.quality_scores.operations import EVALUATION as SCORING
from customer_svc.quality_scores.operations import LOOK_AGAIN as SCORE_AGAIN
from customer_svc.quality_scores.operations import TRIAL
from customer_svc.requesters.consumers import on_rights_changed
from customer_svc.requesters.service import standing
from customer_svc.requirements import endpoints as requirements
from customer_svc.requirements.consumers import on_delivery, on_requirement_refused
from customer_svc.requirements.models import REQUIREMENTS
from customer_svc.requirements.schemas import RequirementRead
from customer_svc.saved_views.schemas import CustomerViewCreate
from customer_svc.segment_members import endpoints as segment_members
from customer_svc.segment_members.consumers import on_segment
from customer_svc.segment_members.models import SEGMENT_MEMBERS
from customer_svc.segment_members.operations import EVALUATION, LOOK_AGAIN
from customer_svc.segment_snapshots import endpoints as segment_snapshots
from customer_svc.segment_snapshots.models import SEGMENT_SNAPSHOTS
from customer_svc.segments import endpoints as segments
from customer_svc.segments.models import SEGMENTS
from customer_svc.subject_access.consumers import on_access_answer
from customer_svc.subject_access.endpoints import subject_access_router
from customer_svc.subject_access.models import SUBJECT_ACCESS
from customer_svc.subject_access.operations import ASK_AGAIN
from customer_svc.subject_access.operations import EXPIRY as ACCESS_EXPIRY
from customer_svc.sync import endpoints as sync
from customer_svc.sync.consumers import on_customer_changed
from customer_svc.sync.models import SYNC_CONFLICTS
from customer_svc.sync.operations import SEALING as SEALING_CONFLICTS
from customer_svc.timeline import endpoints as timeline
from customer_svc.timeline.consumers import projections as timeline_projections
from customer_svc.vcards import endpoints as vcards

_DELIVERIES = (
    DeliveryPlanned,
    DeliveryStarted,
    DeliverySubmitted,
    DeliveryRejected,
    DeliveryCompleted,
    DeliveryCancelled,
)

_VIEWED = {
    "customers": Viewed("customers:read", CUSTOMERS.resource),
    "contacts": Viewed("contacts:read", CONTACTS.resource),
    "communications": Viewed("communications:read", COMMUNICATIONS.resource),
    "requirements": Viewed("requirements:read", REQUIREMENTS.resource),
}
"""Lists of which people save views."""

_CUSTOMISED = {"customers": Customised(CUSTOMERS, CustomerUpdated)}
"""Records that have custom fields."""

SERVICE = Service(
    name="customer-svc",
    title="Guanxi customers",
    description="Customers, what was said to them, and the agreement with other systems about them.",
    metadata=METADATA,
    routers=(
        customers.router,
        vcards.router,
        customer_merges.router,
        bulk_actions.router,
        duplicate_groups.router,
        duplicate_rules.router,
        contacts.router,
        communications.router,
        communication_rules.router,
        calendar_feeds.router,
        requirements.router,
        segment_members.router,
        segments.router,
        segment_snapshots.router,
        imports.router,
        exports.router,
        pool.router,
        pool_rules.router,
        quality_scores.router,
        quality_rules.router,
        quality_days.router,
        quality_monitors.router,
        sync.router,
        consent_purposes.router,
        consents.router,
        hold_rules.router,
        erasures_router(HELD),
        subject_access_router(HELD.people),
        history_router(CONSENTS, "consents:read", ConsentRead),
        timeline.router,
        saved_views_router(CustomerViewCreate, _VIEWED),
        custom_fields_router(CustomerFieldCreate, _CUSTOMISED),
        access_router(CUSTOMERS, "customers", view_for),
        access_router(CONTACTS, "contacts"),
        access_router(COMMUNICATIONS, "communications"),
        access_router(REQUIREMENTS, "requirements"),
        access_router(IMPORTS, "imports"),
        history_router(CUSTOMERS, "customers:read", CustomerRead, view_for),
        history_router(COMMUNICATIONS, "communications:read", CommunicationRead),
        history_router(REQUIREMENTS, "requirements:read", RequirementRead),
        operations_router(),
    ),
    aggregates=(
        CUSTOMERS,
        CUSTOMER_MERGES,
        DUPLICATE_GROUPS,
        DUPLICATE_RULES,
        CONTACTS,
        COMMUNICATIONS,
        COMMUNICATION_RULES,
        CALENDAR_FEEDS,
        REQUIREMENTS,
        SEGMENTS,
        SEGMENT_MEMBERS,
        SEGMENT_SNAPSHOTS,
        IMPORTS,
        POOL_RULES,
        QUALITY_RULES,
        QUALITY_MONITORS,
        CONSENT_PURPOSES,
        CONSENTS,
        HOLD_RULES,
        ERASURES,
        SUBJECT_ACCESS,
        ACCESS.aggregate,
        SYNC_CONFLICTS,
        SAVED_VIEWS,
        CUSTOM_FIELDS,
    ),
    consumers=(
        *(Consumer(event, on_answer) for event in ANSWERS.values()),
        *(Consumer(event, on_access_answer) for event in ACCESS_ANSWERS.values()),
        *ACCESS.consumers,
        Consumer(OpportunityWon, on_opportunity_won),
        Consumer(OaMeetingHeld, on_meeting_held),
        Consumer(UserUpdated, on_user_updated),
        Consumer(UserUpdated, on_rights_changed),
        Consumer(OaCommunicationRecorded, on_communication_recorded),
        Consumer(ErpCustomerChanged, on_customer_changed),
        *(Consumer(event, on_communication_rule) for event in (CommunicationRuleCreated, CommunicationRuleUpdated)),
        Consumer(RequirementIntakeRefused, on_requirement_refused),
        *(Consumer(event, on_delivery) for event in _DELIVERIES),
        Consumer(SegmentCreated, on_segment),
        Consumer(SegmentUpdated, on_segment),
        *(Consumer(event, on_rule) for event in (QualityRuleCreated, QualityRuleUpdated, QualityRuleDeleted)),
    ),
    standing=standing,
    redirects={"customer_id": SUCCESSORS},
    projections=(
        *change_projections(),
        *timeline_projections(),
        KNOWN_USERS,
        KNOWN_TEAMS.consumer("team"),
        KNOWN_COMPANIES.consumer("company"),
    ),
    operations=(
        application(_CUSTOMISED),
        conversion(_CUSTOMISED),
        *IMPORT_KINDS,
        *MERGE_KINDS,
        GROUP_MERGE,
        BULK,
        SCAN,
        EXPORT,
        REMINDER,
        SETTLING,
        EVALUATION,
        SCORING,
        TRIAL,
    ),
    sweeps=(
        CLEARING,
        CLEARING_EXPORTS,
        SEALING,
        SEALING_CONFLICTS,
        SETTLE_AGAIN,
        EXPIRY,
        ALARM,
        ASK_AGAIN,
        ACCESS_EXPIRY,
        RETURNS,
        LOOK_AGAIN,
        SCORE_AGAIN,
        WRITE_DOWN,
        WATCH,
        filling(CUSTOMERS),
        filling(COMMUNICATIONS),
        filling(CONTACTS),
    ),
)
