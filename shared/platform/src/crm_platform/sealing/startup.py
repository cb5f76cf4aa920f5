"""What is checked before a process that seals takes its first request."""

from crm_platform.db import Connection, Database
from crm_platform.sealing.keyring import UnusableKeys

# One step per key through the index, instead of a scan of all subjects.
_USED = """
WITH RECURSIVE used AS (
  (SELECT kek_id FROM subject_keys WHERE wrapped_key IS NOT NULL ORDER BY kek_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT kek_id FROM subject_keys WHERE wrapped_key IS NOT NULL AND kek_id > used.kek_id ORDER BY kek_id LIMIT 1
  ) FROM used WHERE used.kek_id IS NOT NULL
) SELECT kek_id FROM used WHERE kek_id IS NOT NULL
"""


async def used_keys(connection: Connection) -> list[str]:
    """Ids of the keys that wrap any subject's key, of all tenants."""
    return [row[0] for row in await connection.fetch(_USED)]


async def open_checked(database: Database) -> None:
    """Connect to the database, and see that what is sealed in it can be opened; closed again if it cannot.

    Raises:
        Unavailable: PostgreSQL does not answer.
        UnusableKeys: There is data sealed with a key that the settings do not name.
    """
    await database.open()
    try:
        await check_keys(database)
    except BaseException:
        await database.close()
        raise


async def check_keys(database: Database) -> None:
    """Make sure that every key in use is among those of the settings.

    Raises:
        UnusableKeys: One is missing; the message names it.
    """
    vault = database.vault
    if vault is None:
        return
    async with database.system() as connection:
        used = await used_keys(connection)
    missing = [kek_id for kek_id in used if not vault.keys.knows(kek_id)]
    if missing:
        listed = ", ".join(missing)
        raise UnusableKeys(f"personal data is sealed by way of keys that CRM_SEALING__KEYS does not have: {listed}")
