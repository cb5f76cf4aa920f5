"""Keys of sealed data for tests; everybody knows them."""

from base64 import urlsafe_b64encode

from pydantic import SecretStr

from crm_platform.sealing.vault import Vault, vault_for
from crm_platform.settings import SealingSettings


def key_texts(*bytes_: int) -> SecretStr:
    """Keys as settings have them, each of 32 equal bytes."""
    return SecretStr(",".join(urlsafe_b64encode(bytes([byte]) * 32).decode() for byte in bytes_))


def sealing_variables(sealing: SealingSettings) -> dict[str, str]:
    """The environment of a process that is to have these settings."""
    texts = {"CRM_SEALING__KEYS": sealing.keys, "CRM_SEALING__INDEX_SECRET": sealing.index_secret}
    return {name: text.get_secret_value() for name, text in texts.items() if text is not None}


SEALING = SealingSettings(keys=key_texts(1), index_secret=key_texts(99))
"""What services under test seal with."""


def vault() -> Vault:
    """A vault of :data:`SEALING`, for a database that a test opens by itself."""
    made = vault_for(SEALING, needed=True)
    assert made is not None
    return made
