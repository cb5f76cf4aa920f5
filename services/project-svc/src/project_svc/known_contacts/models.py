"""Table of the known contacts."""

import orjson
from sqlalchemy import Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.contact.v1 import ContactDeleted, ContactErased, ContactSnapshot
from crm_platform.projection import Projection, projection_table
from project_svc.metadata import METADATA

known_contacts: Table = projection_table(
    "known_contacts",
    METADATA,
    Column("name", Text, comment="NULL once the contact was deleted or erased."),
    Column("status", Text),
    Column(
        "customers", JSONB, comment="At which customers, as an object: customer_id, and the last day there or null."
    ),
)


def _customers(contact: ContactSnapshot) -> str:
    ends = {str(link.customer_id): link.until and link.until.isoformat() for link in contact.links}
    return orjson.dumps(ends).decode()


KNOWN_CONTACTS = Projection(
    known_contacts, gone=(ContactDeleted, ContactErased), remember_gone=True, derived={"customers": _customers}
)
