"""Keys of sealed data for tests; everybody knows them."""

from base64 import urlsafe_b64encode

from pydantic import SecretStr

from crm_platform.settings import SealingSettings


def key_texts(*bytes_: int) -> SecretStr:
    """Keys as settings have them, each of 32 equal bytes."""
    return SecretStr(",".join(urlsafe_b64encode(bytes([byte]) * 32).decode() for byte in bytes_))


SEALING = SealingSettings(keys=key_texts(1), index_secret=key_texts(99))
"""What services under test seal with."""
