"""Reads: PostgreSQL renders the JSON, the bytes go out as they are."""

from crm_platform.reads.page import PageParams
from crm_platform.reads.reader import Reader, Rendered
from crm_platform.reads.resource import Resource, Sort

__all__ = ["PageParams", "Reader", "Rendered", "Resource", "Sort"]
