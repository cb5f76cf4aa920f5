"""The tables of this service."""

from crm_platform.db.schema import new_metadata

METADATA = new_metadata()
