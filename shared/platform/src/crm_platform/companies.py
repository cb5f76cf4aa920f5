"""What is known in a service of the company whose data it works on: a copy, kept by the gateway's events.

A company has one time zone, in which its days begin and end. One that has named none lives by UTC, and so does, until
the event arrives, one that has just named its own.
"""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Column, MetaData, Text

from crm_platform.days import DEFAULT_ZONE, day_of
from crm_platform.db import Connection
from crm_platform.projection import Projection, projection_table
from crm_platform.uow import UnitOfWork

ZONE_SQL: Final = f"coalesce((SELECT time_zone FROM known_companies), '{DEFAULT_ZONE}')"
"""The zone of the company, in a statement; row-level security leaves no other company's row to find."""

TODAY_SQL: Final = f"(now() AT TIME ZONE {ZONE_SQL})::date"
"""The company's present day, in a statement."""

_ZONE: Final = f"SELECT {ZONE_SQL}"


def known_companies(metadata: MetaData) -> Projection:
    """The table ``known_companies`` of a service, and what keeps it: register its consumer of ``company``."""
    zone = Column("time_zone", Text, nullable=False, comment="IANA name: where the company's days begin and end.")
    return Projection(projection_table("known_companies", metadata, zone))


async def zone_of(connection: Connection) -> ZoneInfo:
    """Where the days of the company begin and end."""
    return ZoneInfo(await connection.fetchval(_ZONE))


async def today_of(unit: UnitOfWork) -> date:
    """The day of the company on which a unit of work happens."""
    return day_of(unit.now, await zone_of(unit.connection))
