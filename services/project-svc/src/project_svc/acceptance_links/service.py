"""Use cases of links for acceptance."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.delivery.v1 import (
    AcceptanceLinkIssued,
    AcceptanceLinkRevoked,
    AcceptanceLinkUsed,
    DecisionChannel,
    DeliveryVersion,
    Verdict,
)
from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.companies import today_of, zone_of
from crm_platform.days import day_of
from crm_platform.db import Connection
from crm_platform.errors import NotFound
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.secret_addresses import Place, new_secret
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.acceptance_links import repository
from project_svc.acceptance_links.domain import NOUN, AcceptanceLink, opens, signature
from project_svc.acceptance_links.errors import NothingToDecide, OpenPointsUnfit, ReasonMissing, VersionMovedOn
from project_svc.acceptance_links.models import ACCEPTANCE_LINKS
from project_svc.acceptance_links.schemas import AcceptanceLinkCreate, AcceptanceShown, LinkDecision
from project_svc.acceptances import service as acceptances
from project_svc.deliveries import service as deliveries
from project_svc.known_contacts import service as known_contacts


@dataclass(frozen=True, slots=True)
class Issued:
    """A new link, and what opens it: its path, with the secret in the query."""

    link: Rendered
    path: str
    secret: str


async def issue_link(unit: UnitOfWork, body: AcceptanceLinkCreate) -> Issued:
    """Give a contact of the customer a link by which to decide about the version that lies before them.

    Raises:
        UnknownDelivery: There is none that the caller may see.
        NothingToDecide: It is not submitted.
        UnknownContact: This service knows no such contact.
        ContactNotAtCustomer: They cannot decide for this customer.
    """
    delivery = await deliveries.expect_for(unit, body.delivery_id)
    if delivery.status is not DeliveryStatus.SUBMITTED:
        raise NothingToDecide(status=delivery.status.value)
    await known_contacts.expect_speaker(
        unit.connection, body.contact_id, customer_id=delivery.customer_id, on=await today_of(unit)
    )
    link = AcceptanceLink(
        id=new_id(),
        owner_id=delivery.owner_id,
        team_id=delivery.team_id,
        project_id=delivery.project_id,
        delivery_id=delivery.id,
        submission=delivery.submissions,
        contact_id=body.contact_id,
        expires_at=unit.now.replace(microsecond=0) + timedelta(days=body.expires_in_days),
    )
    rendered = await unit.insert(ACCEPTANCE_LINKS, link, AcceptanceLinkIssued)
    secret, tenant = new_secret(), unit.caller.tenant_id
    await repository.store_signature(unit.connection, link.id, signature(secret, tenant, link))
    return Issued(rendered, f"/v1/acceptances/{Place(tenant, link.id)}", secret)


async def revoke_link(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Withdraw a link for good.

    Raises:
        InvalidTransition: It was used or revoked before.
    """
    before = await unit.load(ACCEPTANCE_LINKS, id, if_match=if_match)
    return await unit.update(ACCEPTANCE_LINKS, before, before.revoked(), AcceptanceLinkRevoked, reason=reason)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link whose secret is the right one, and what it is about."""

    link: AcceptanceLink
    delivery: deliveries.Delivery
    contact: known_contacts.KnownContact
    zone: ZoneInfo
    """Where the days of the company begin and end."""

    @property
    def version(self) -> DeliveryVersion:
        """The version that the link is about."""
        return next(one for one in self.delivery.versions if one.number == self.link.submission)

    @property
    def is_undecided(self) -> bool:
        """Whether the version lies before the customer, and the contact has not decided."""
        is_last = self.link.submission == self.delivery.submissions
        return self.link.verdict is None and is_last and self.delivery.status is DeliveryStatus.SUBMITTED


async def open_link(connection: Connection, place: Place, secret: str, *, now: datetime) -> Opened:
    """What is behind a link.

    Raises:
        NotFound: There is no such link, or none any more, or the secret is another, or the contact is not (any more)
            whom we asked; nothing tells which.
    """
    found = await repository.find(connection, place.record_id)
    if found is not None:
        link, known = found
        delivery = await deliveries.look_at(connection, link.delivery_id)
        contact = await known_contacts.find(connection, link.contact_id)
        may_see = opens(known, secret, place.tenant_id, link) and link.shows(now)
        zone = await zone_of(connection)
        if may_see and delivery and contact and contact.speaks_for(delivery.customer_id, day_of(now, zone)):
            return Opened(link, delivery, contact, zone)
    raise NotFound(what=NOUN, id=str(place))


def shown(opened: Opened) -> AcceptanceShown:
    """What the contact sees; after their decision as it was found."""
    delivery, version, link = opened.delivery, opened.version, opened.link
    decision = version.decision
    is_last = version.number == delivery.submissions
    return AcceptanceShown(
        contact=opened.contact.name,
        delivery=delivery.name,
        status=delivery.status,
        due_on=delivery.due_on,
        submission=version.number,
        submitted_at=version.submitted_at,
        notes=version.notes,
        evidence=list(version.evidence),
        fingerprint=version.fingerprint,
        criteria=list(decision.criteria if decision else delivery.criteria),
        open_points=list(delivery.open_points) if is_last else [],
        expires_at=link.expires_at,
        deemed_on=delivery.deemed_on if is_last else None,
        verdict=link.verdict,
        decided_at=link.used_at,
    )


async def decide(unit: UnitOfWork, opened: Opened, body: LinkDecision, *, network: str | None) -> None:
    """Let a contact's decision count, once; the delivery is locked before the link, as by everybody.

    Raises:
        ReasonMissing: They refuse without a reason.
        OpenPointsUnfit: A condition without open points, or the other way round.
        InvalidTransition: The link was used or revoked before.
        LinkExpired: Its time is over.
        VersionMovedOn: The version does not lie before the customer any more.
        ProjectNotActive: The project rests or is over.
    """
    if body.verdict is Verdict.REJECTED and body.comment is None:
        raise ReasonMissing
    if (body.verdict is Verdict.CONDITIONALLY_ACCEPTED) != bool(body.open_points):
        raise OpenPointsUnfit
    opened.link.used(body.verdict, unit.now)
    delivery = (await deliveries.lock(unit, opened.delivery.id, if_match=ANY_VERSION)).delivery
    link = await unit.load(ACCEPTANCE_LINKS, opened.link.id, if_match=ANY_VERSION)
    used = link.used(body.verdict, unit.now)
    if delivery.submissions != link.submission or delivery.status is not DeliveryStatus.SUBMITTED:
        raise VersionMovedOn(submission=link.submission)
    decision = acceptances.Decision(
        verdict=body.verdict,
        channel=DecisionChannel.LINK,
        comment=body.comment,
        findings=acceptances.findings_of(body.criteria),
        open_points=acceptances.points_of(body.open_points),
        contact_id=link.contact_id,
        link_id=link.id,
        network=network,
    )
    await acceptances.decide(unit, delivery.id, decision, if_match=ANY_VERSION)
    await unit.update(ACCEPTANCE_LINKS, link, used, AcceptanceLinkUsed)
