"""What is checked before a process that seals takes its first request."""

from crm_contracts.sealing import BrokenSeal
from crm_platform.db import Database
from crm_platform.sealing.keyring import UnusableKeys

# One step per key through the index, instead of a scan of all subjects.
_SAMPLES = """
WITH RECURSIVE used AS (
  (SELECT kek_id FROM subject_keys WHERE wrapped_key IS NOT NULL ORDER BY kek_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT kek_id FROM subject_keys WHERE wrapped_key IS NOT NULL AND kek_id > used.kek_id ORDER BY kek_id LIMIT 1
  ) FROM used WHERE used.kek_id IS NOT NULL
) SELECT used.kek_id, sample.* FROM used CROSS JOIN LATERAL (
  SELECT tenant_id, subject_id, wrapped_key FROM subject_keys
  WHERE kek_id = used.kek_id AND wrapped_key IS NOT NULL LIMIT 1
) sample
"""


async def check_keys(database: Database) -> None:
    """Make sure that every key in use is among those of the settings, and is what it was.

    Raises:
        UnusableKeys: One is missing or another; the message names it.
    """
    vault = database.vault
    if vault is None:
        return
    async with database.system() as connection:
        samples = await connection.fetch(_SAMPLES)
    for row in samples:
        kek_id = row["kek_id"]
        if not vault.keys.knows(kek_id):
            raise UnusableKeys(
                f"there is personal data under the key {kek_id!r}, which CRM_SEALING__KEYS does not name"
            )
        try:
            vault.keys.unwrap(row["tenant_id"], row["subject_id"], kek_id, row["wrapped_key"])
        except BrokenSeal:
            raise UnusableKeys(f"the key {kek_id!r} of CRM_SEALING__KEYS is not the one that was in use") from None
