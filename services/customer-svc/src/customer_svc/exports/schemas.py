"""What clients send and get."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from customer_svc.exports.table.columns import BY_NAME


class ExportFormat(StrEnum):
    """What customers are written as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"


# The list only documents: what is refused, and what there is instead, UnknownColumn says better.
_Column = Annotated[
    str, Field(json_schema_extra={"anyOf": [{"enum": list(BY_NAME)}, {"pattern": r"^custom\.[a-z][a-z0-9_]{0,39}$"}]})
]


class ExportCreate(BaseModel):
    """Which customers are to be exported, and as what."""

    model_config = ConfigDict(extra="forbid")

    format: ExportFormat = ExportFormat.CSV
    filter: Annotated[str, Field(max_length=4000)] | None = Field(default=None, description="As of the list, in CEL.")
    columns: Annotated[tuple[_Column, ...], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="All that there are, unless some are named."
    )
