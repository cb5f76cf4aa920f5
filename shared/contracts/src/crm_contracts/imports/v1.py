"""Events about imports, major version 1; customer-svc publishes them."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, OwnedSnapshot


class ImportStatus(StrEnum):
    """Where an import stands."""

    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    MAPPED = "mapped"
    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"
    UNDOING = "undoing"
    UNDONE = "undone"


class ImportMode(StrEnum):
    """What is done with rows: those that are known already are skipped by `create`, those that are not by `update`."""

    CREATE = "create"
    UPDATE = "update"
    CREATE_OR_UPDATE = "create_or_update"


class MatchRule(StrEnum):
    """By what a row is known again."""

    EXTERNAL_ID = "external_id"
    REGISTRATION_ID = "registration_id"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"


class LikenessHandling(StrEnum):
    """What is done with a new row that is much like a customer whom no rule matches."""

    IGNORE = "ignore"
    FLAG = "flag"
    SKIP = "skip"
    MERGE = "merge"


class BadCells(StrEnum):
    """What is done with a row of which a cell cannot be read: it is refused as a whole, or enters without the cell."""

    REFUSE = "refuse"
    LEAVE_OUT = "leave_out"


class TextCase(StrEnum):
    """How the letters of a text are written."""

    UPPER = "upper"
    LOWER = "lower"
    TITLE = "title"


class DateOrder(StrEnum):
    """In which order days and months stand, where the values alone do not say."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class ImportColumn(Contract):
    """A column of the file, and what it probably is."""

    name: str
    field: str | None = Field(description="The field that is suggested; null where none fits.")
    confidence: float = Field(ge=0, le=1)
    because: str = Field(description="What speaks for it, in English.")
    because_zh: str = Field(description="The same in Chinese.")


class MappedColumn(Contract):
    """Where the values of a column go, and what is done to them, in the order of the members."""

    column: str = Field(min_length=1, max_length=1000)
    field: str = Field(min_length=1, max_length=100)
    join_with: tuple[str, ...] = Field(
        default=(), max_length=10, description="Further columns, whose values are put behind that of this one."
    )
    joiner: str = Field(default=" ", max_length=5, description="Between the values that are joined; may be empty.")
    split_by: str | None = Field(
        default=None, min_length=1, max_length=5, description="Take a part of the text: what its parts stand between."
    )
    take: int = Field(
        default=1, ge=-20, le=20, description="Which part, from 1; -1 is the last. A text without it is empty."
    )
    case: TextCase | None = Field(default=None, description="Letters are written so.")
    separator: str | None = Field(
        default=None, min_length=1, max_length=5, description="Between several values of one cell, such as `;`."
    )
    values: dict[str, str] = Field(default_factory=dict, description="What stands in the file, and what it means.")
    default: str | None = Field(default=None, max_length=1000, description="For cells that are empty.")
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$", description="Of amounts without a sign.")


class ImportMapping(Contract):
    """How the rows of a file become records."""

    columns: tuple[MappedColumn, ...] = Field(min_length=1, max_length=200)
    mode: ImportMode = ImportMode.CREATE_OR_UPDATE
    match_by: tuple[MatchRule, ...] = Field(
        default=(MatchRule.EXTERNAL_ID, MatchRule.REGISTRATION_ID, MatchRule.EMAIL, MatchRule.PHONE, MatchRule.NAME),
        max_length=5,
        description="In this order; the first rule by which exactly one customer is found counts.",
    )
    alike: LikenessHandling = LikenessHandling.FLAG
    system: str | None = Field(
        default=None, pattern=r"^[a-z][a-z0-9_-]{0,31}$", description="The system whose ids `external_id` are."
    )
    kind: str = Field(default="company", pattern=r"^(company|person)$", description="Of rows that do not say it.")
    country: str = Field(default="CN", pattern=r"^[A-Z]{2}$", description="Of phones and addresses that name none.")
    decimal_mark: str = Field(default=".", pattern=r"^[.,]$")
    bad_cells: BadCells = BadCells.REFUSE
    date_order: DateOrder | None = Field(default=None, description="Of dates such as `5/3/2024`.")
    constants: dict[str, str] = Field(
        default_factory=dict, max_length=50, description="What every row says that does not say otherwise, by field."
    )


class ImportSnapshot(OwnedSnapshot):
    """State of an import: a file, and what became of its rows."""

    file_name: str
    status: ImportStatus
    format: str | None = Field(description="`csv`, `xlsx`, `jsonl` or `vcard`.")
    size: int | None = Field(description="Bytes.")
    sha256: str | None
    details: dict[str, Any] = Field(description="How the file is read: encoding, delimiter, sheet.")
    columns: tuple[ImportColumn, ...]
    mapping: ImportMapping | None
    check_id: UUID | None = Field(description="The operation that has tried the mapping last.")
    run_ids: tuple[UUID, ...] = Field(description="The operations that have carried the import out, the last one last.")
    undo_id: UUID | None = Field(description="The operation that has undone it.")
    counters: dict[str, int] = Field(description="What became of the rows, by outcome.")


class ImportEvent(DomainEvent[ImportSnapshot]):
    """Base of the events about imports."""

    topic = "crm.import.v1"
    aggregate_type = "import"


class ImportCreated(ImportEvent):
    """A file was given, or is about to be given in parts."""

    type = "import.created"


class ImportUploaded(ImportEvent):
    """The file is complete, and its columns are known."""

    type = "import.uploaded"


class ImportMapped(ImportEvent):
    """It was said how the rows become customers."""

    type = "import.mapped"


class ImportChecked(ImportEvent):
    """The mapping is tried on all rows, without effect."""

    type = "import.checked"


class ImportStarted(ImportEvent):
    """The import is carried out."""

    type = "import.started"


class ImportEnded(ImportEvent):
    """The import has come to its end, or was stopped before."""

    type = "import.ended"


class ImportUndoStarted(ImportEvent):
    """What the import has changed is taken back."""

    type = "import.undo_started"


class ImportUndone(ImportEvent):
    """What the import has changed is taken back, but for what was edited since."""

    type = "import.undone"


EVENTS: tuple[type[ImportEvent], ...] = (
    ImportCreated,
    ImportUploaded,
    ImportMapped,
    ImportChecked,
    ImportStarted,
    ImportEnded,
    ImportUndoStarted,
    ImportUndone,
)
