"""Every event and message there is, by wire type; a new one is added to its module's list."""

from typing import Any

from crm_contracts.base import DomainEvent, InboundMessage
from crm_contracts.change_request import v1 as change_request
from crm_contracts.closing import v1 as closing
from crm_contracts.communication import v1 as communication
from crm_contracts.contact import v1 as contact
from crm_contracts.control import v1 as control
from crm_contracts.custom_field import v1 as custom_field
from crm_contracts.customer import v1 as customer
from crm_contracts.delivery import v1 as delivery
from crm_contracts.document import v1 as document
from crm_contracts.duplicate import v1 as duplicate
from crm_contracts.execution import v1 as execution
from crm_contracts.identity import v1 as identity
from crm_contracts.imports import v1 as imports
from crm_contracts.inbound import v1 as inbound
from crm_contracts.outcome import v1 as outcome
from crm_contracts.plan import v1 as plan
from crm_contracts.privacy import v1 as privacy
from crm_contracts.project import v1 as project
from crm_contracts.project_template import v1 as project_template
from crm_contracts.quality import v1 as quality
from crm_contracts.requirement import v1 as requirement
from crm_contracts.risk import v1 as risk
from crm_contracts.sales import v1 as sales
from crm_contracts.saved_view import v1 as saved_view
from crm_contracts.segment import v1 as segment
from crm_contracts.service_desk import v1 as service_desk
from crm_contracts.subject_access import v1 as subject_access

PRODUCERS: dict[str, tuple[type[DomainEvent[Any]], ...]] = {
    "customer-svc": (
        *customer.EVENTS,
        *duplicate.EVENTS,
        *communication.EVENTS,
        *contact.EVENTS,
        *requirement.EVENTS,
        *segment.EVENTS,
        *quality.EVENTS,
        *privacy.EVENTS,
        *subject_access.EVENTS,
        *saved_view.EVENTS,
        *custom_field.EVENTS,
        *imports.EVENTS,
    ),
    "gateway": identity.EVENTS,
    "analytics-svc": (privacy.AnalyticsErasureAnswered, subject_access.AnalyticsAccessAnswered),
    "project-svc": (
        *project.EVENTS,
        *project_template.EVENTS,
        *risk.EVENTS,
        *delivery.EVENTS,
        *plan.EVENTS,
        *control.EVENTS,
        *change_request.EVENTS,
        *outcome.EVENTS,
        *execution.EVENTS,
        *closing.EVENTS,
        *document.EVENTS,
        privacy.ProjectErasureAnswered,
        subject_access.ProjectAccessAnswered,
    ),
    "sales-svc": (*sales.EVENTS, privacy.SalesErasureAnswered, subject_access.SalesAccessAnswered),
    "service-desk-svc": (
        *service_desk.EVENTS,
        privacy.ServiceDeskErasureAnswered,
        subject_access.ServiceDeskAccessAnswered,
    ),
}
"""Events by the deployable that publishes them."""

EVENTS: dict[str, type[DomainEvent[Any]]] = {event.type: event for events in PRODUCERS.values() for event in events}
"""Events by wire type."""

MESSAGES: dict[str, type[InboundMessage]] = {message.type: message for message in inbound.MESSAGES}
"""Inbound messages by wire type."""

TOPICS: tuple[str, ...] = tuple(
    sorted({event.topic for event in EVENTS.values()} | {message.topic for message in MESSAGES.values()})
)
"""Every topic, without the prefix that a deployment may put before."""
