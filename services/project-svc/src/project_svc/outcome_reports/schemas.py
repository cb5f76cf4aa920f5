"""What clients ask for."""

from enum import StrEnum


class ReportFormat(StrEnum):
    """As what a report comes."""

    HTML = "html"
    PDF = "pdf"
