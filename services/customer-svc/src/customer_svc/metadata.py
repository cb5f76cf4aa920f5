"""The tables of this service."""

from crm_platform.custom_fields.tables import custom_field_tables
from crm_platform.db.schema import new_metadata
from crm_platform.saved_views.tables import saved_views_table
from crm_platform.sealing import subject_keys_table

METADATA = new_metadata()

custom_field_tables(METADATA)
saved_views_table(METADATA)
subject_keys_table(METADATA)
