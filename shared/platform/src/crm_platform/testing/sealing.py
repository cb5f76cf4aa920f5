"""Keys of sealed data for tests; everybody knows them."""

from base64 import urlsafe_b64encode

from pydantic import SecretStr

from crm_platform.settings import SealingSettings


def key_text(byte: int) -> SecretStr:
    """A key as settings have it, of 32 equal bytes."""
    return SecretStr(urlsafe_b64encode(bytes([byte]) * 32).decode())


SEALING = SealingSettings(keys={"k1": key_text(1)}, index_secret=key_text(99))
"""What services under test seal with."""
