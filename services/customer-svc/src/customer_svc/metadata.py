"""The tables of this service."""

from crm_platform.db.schema import new_metadata
from crm_platform.sealing import subject_keys_table

METADATA = new_metadata()

subject_keys_table(METADATA)
