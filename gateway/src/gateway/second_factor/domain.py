"""Rules of the second factor: time-based one-time codes (RFC 6238) and recovery codes."""

import secrets
from base64 import b32encode
from datetime import datetime

import pyotp

STEP_SECONDS = 30
_DRIFT = 1
RECOVERY_CODES = 10
_GROUPS, _GROUP_LENGTH = 4, 4


def new_secret() -> str:
    """A secret to share with a phone: 160 random bits in base32."""
    return pyotp.random_base32(32)


def provisioning_uri(secret: str, *, email: str, issuer: str) -> str:
    """What a phone reads as a QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=email, issuer_name=issuer)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, one before and one after the present included; None where it is none."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(now.timestamp()) // STEP_SECONDS
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(step), code):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, in groups that can be written down."""
    codes = []
    for _ in range(RECOVERY_CODES):
        text = b32encode(secrets.token_bytes(_GROUPS * _GROUP_LENGTH * 5 // 8)).decode().lower()
        codes.append("-".join(text[i : i + _GROUP_LENGTH] for i in range(0, len(text), _GROUP_LENGTH)))
    return codes


def recovery_key(code: str) -> bytes:
    """What recovery codes are compared by: case, hyphens and blanks do not count."""
    return "".join(character for character in code.casefold() if character.isalnum()).encode()
