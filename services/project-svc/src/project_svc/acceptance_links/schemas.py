"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.delivery.v1 import AcceptanceLinkStatus, Criterion, Evidence, OpenPoint, Verdict
from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.http.fields import NUMERIC, LongText
from project_svc.acceptances.service import FindingsGiven, OpenPointsGiven


class AcceptanceLinkCreate(BaseModel):
    """A link for one contact of the customer, about the version that lies before them."""

    model_config = ConfigDict(extra="forbid")

    delivery_id: UUID
    contact_id: UUID
    expires_in_days: Annotated[int, Field(ge=1, le=90), NUMERIC] = 14


class AcceptanceLinkRead(BaseModel):
    """A link that a contact was given."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    delivery_id: UUID
    submission: int
    contact_id: UUID
    expires_at: datetime
    status: AcceptanceLinkStatus
    verdict: Verdict | None
    used_at: datetime | None


class AcceptanceLinkCreated(AcceptanceLinkRead):
    """A new link; it is shown this once."""

    path: str = Field(description="Behind the address of this API, with the secret in the query `?secret=`.")
    secret: str = Field(description="Whoever has it decides in the contact's name.")


class AcceptanceShown(BaseModel):
    """What a contact sees by a link: the version that they decide about."""

    contact: str = Field(description="Who is asked.")
    delivery: str
    status: DeliveryStatus
    due_on: date
    submission: int
    submitted_at: datetime
    notes: str | None
    evidence: list[Evidence]
    fingerprint: str = Field(description="Of what exactly is decided about.")
    criteria: list[Criterion]
    open_points: list[OpenPoint]
    expires_at: datetime
    deemed_on: date | None = Field(description="The last day to decide; after it the version counts as accepted.")
    verdict: Verdict | None = Field(description="What the contact has decided; null until then.")
    decided_at: datetime | None


class LinkDecision(BaseModel):
    """What the contact decides, once."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    comment: LongText | None = Field(default=None, description="A rejection needs one.")
    criteria: FindingsGiven = Field(
        default=(), description="Criteria that are not named are met, or if it is rejected undecided."
    )
    open_points: OpenPointsGiven = Field(default=(), description="Of a conditional acceptance.")
