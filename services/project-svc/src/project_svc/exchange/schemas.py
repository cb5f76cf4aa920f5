"""What clients get."""

from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from project_svc.plan.service import PlanState


class PlanFormat(StrEnum):
    """Files that a plan leaves as."""

    MSPROJECT = "msproject"
    CSV = "csv"
    ICALENDAR = "icalendar"


class PictureFormat(StrEnum):
    """Pictures that a plan leaves as."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


class Missing(StrEnum):
    """What becomes of tasks that an earlier file has brought and this one does not have."""

    KEEP = "keep"
    REMOVE = "remove"


class Remark(BaseModel):
    """Something that is not as the file has it."""

    code: str
    count: int
    text: str


class FileTakenOver(BaseModel):
    """What has become of a file."""

    plan: PlanState
    created: int = Field(description="Tasks that are new.")
    updated: int = Field(description="Tasks that an earlier file has brought.")
    removed: int = Field(description="Tasks that are gone, as the file does not have them.")
    tasks: dict[str, UUID] = Field(description="Ids of the tasks, by their UID in the file.")
    resources_created: list[UUID] = Field(description="Resources that were not known by name and kind.")
    calendars_created: list[UUID] = Field(description="Calendars that were not known by name with the same times.")
    baselines_created: list[UUID] = Field(description="Baselines that were not on record yet, the current one last.")
    adapted: list[Remark] = Field(description="What is taken over in another form.")
    left: list[Remark] = Field(description="What the file says and is not taken over.")
