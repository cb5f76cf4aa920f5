"""The tables of the gateway."""

from crm_platform.db.schema import new_metadata

METADATA = new_metadata()
