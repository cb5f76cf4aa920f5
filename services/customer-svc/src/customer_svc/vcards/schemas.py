"""What clients get."""

from pydantic import BaseModel, Field

from crm_platform.http.batch import BatchResult


class CardRemark(BaseModel):
    """Something of a card that was not taken over, or not as it is."""

    property: str
    code: str
    detail: str


class CardResult(BatchResult):
    """What became of one card."""

    line: int | None = Field(description="The line of the file on which the card begins.")
    row: int | None = Field(description="The row of a table, counted from 1 with the header; null for a card.")
    name: str | None
    remarks: list[CardRemark]
    ignored: list[str] = Field(description="Properties for which a contact has no place.")


class TableColumn(BaseModel):
    """A column of a table, and what it was taken for."""

    name: str
    field: str | None = Field(description="The field of a contact; null where none was recognised.")


class CardsImported(BaseModel):
    """The results, in the order of the cards, and how many of each there are."""

    results: list[CardResult]
    columns: list[TableColumn] = Field(description="Of a table; empty for cards.")
    dry_run: bool
    created: int
    updated: int
    unchanged: int
    failed: int
