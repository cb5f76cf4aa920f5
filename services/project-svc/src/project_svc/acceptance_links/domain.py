"""A link for acceptance: what it is bound to, its signature, its life."""

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from crm_contracts.delivery.v1 import AcceptanceLinkStatus, Verdict
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.acceptance_links.errors import LinkExpired

NOUN = Words("acceptance link", "验收链接")

LIFE_CYCLE: StateMachine[AcceptanceLinkStatus] = StateMachine(
    what=NOUN,
    initial=AcceptanceLinkStatus.OPEN,
    transitions={
        (AcceptanceLinkStatus.OPEN, "use"): AcceptanceLinkStatus.USED,
        (AcceptanceLinkStatus.OPEN, "revoke"): AcceptanceLinkStatus.REVOKED,
    },
)


class AcceptanceLink(OwnedState):
    """What one contact was given to decide about one version of one delivery, once and for some time."""

    project_id: UUID
    delivery_id: UUID
    submission: int
    contact_id: UUID
    expires_at: datetime
    status: AcceptanceLinkStatus = LIFE_CYCLE.initial
    verdict: Verdict | None = None
    used_at: datetime | None = None

    def used(self, verdict: Verdict, at: datetime) -> "AcceptanceLink":
        """The link after the contact's decision.

        Raises:
            InvalidTransition: It was used or revoked before.
            LinkExpired: Its time is over.
        """
        status = LIFE_CYCLE.after(self.status, "use")
        if at >= self.expires_at:
            raise LinkExpired(expires_at=self.expires_at.isoformat())
        return self.with_(status=status, verdict=verdict, used_at=at)

    def revoked(self) -> "AcceptanceLink":
        """The link without effect.

        Raises:
            InvalidTransition: It was used or revoked before.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "revoke"))

    def shows(self, at: datetime) -> bool:
        """Whether whoever has it still sees the delivery; after the decision that is their receipt."""
        return self.status is not AcceptanceLinkStatus.REVOKED and at < self.expires_at


def signature(secret: str, tenant_id: UUID, link: AcceptanceLink) -> bytes:
    """HMAC-SHA-256 (RFC 2104) of all that the link is bound to, by the secret in it.

    Only this is kept. Whoever reads it cannot make a link of it; whoever changes to what a link is bound makes it
    worthless; and no key of ours opens all links.
    """
    bound = (
        str(tenant_id),
        str(link.id),
        str(link.delivery_id),
        str(link.submission),
        str(link.contact_id),
        str(int(link.expires_at.timestamp())),
    )
    return hmac.digest(secret.encode(), "\n".join(bound).encode(), hashlib.sha256)


def opens(known: bytes, secret: str, tenant_id: UUID, link: AcceptanceLink) -> bool:
    """Whether ``secret`` has made the signature; takes as long whichever way."""
    return hmac.compare_digest(known, signature(secret, tenant_id, link))
