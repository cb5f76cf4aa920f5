"""Personal data encrypted at rest per subject, so that destroying one key erases a person everywhere.

It takes three lines: an aggregate says which members of its state are personal,
``Aggregate(..., sealed=Sealed(members=("phone", "email")))``, its table has ``sealed_column()`` in place of theirs, and
``metadata.py`` of its service ``subject_keys_table(METADATA)``. All else (rows, audit entries, events, reads)
follows; no slice ever touches ciphertext. See ADR 0015.
"""

from crm_platform.sealing.declare import FoundBy, InTrail, Sealed
from crm_platform.sealing.record_keys import RecordKeys, record_keys_table
from crm_platform.sealing.tables import sealed_column, subject_keys_table

__all__ = ["FoundBy", "InTrail", "RecordKeys", "Sealed", "record_keys_table", "sealed_column", "subject_keys_table"]
