"""What a password must be like."""

import unicodedata

from crm_platform.words import Words
from gateway.passwords.errors import WeakPassword
from gateway.text import email_key

MIN_LENGTH = 12
_MIN_DIFFERENT = 5
_TOO_SHORT = Words(f"it has fewer than {MIN_LENGTH} characters", f"少于 {MIN_LENGTH} 个字符")

_DENIED = frozenset(
    {
        "123456789012",
        "1234567890123",
        "123456789012345",
        "1qaz2wsx3edc",
        "1q2w3e4r5t6y",
        "administrator",
        "changemeplease",
        "correcthorsebatterystaple",
        "iloveyou1234",
        "letmein123456",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopasdfgh",
        "qwerty123456",
        "welcome12345",
        "woaini520520",
        "woaini1314520",
    }
)
"""Long enough, and among the first that anybody tries."""


def normalised(password: str) -> str:
    """The same text however the keyboard composed it (RFC 8265 would do the same, and refuse more)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, email: str) -> None:
    """Refuse a password that is too easy to guess.

    Raises:
        WeakPassword: Says why.
    """
    text = normalised(password)
    plain = text.casefold()
    key = email_key(email)
    if len(text) < MIN_LENGTH:
        raise WeakPassword(why=_TOO_SHORT)
    if plain in {key, key.partition("@")[0]}:
        raise WeakPassword(why=Words("it is the e-mail address", "与电子邮箱相同"))
    if plain in _DENIED or len(set(plain)) < _MIN_DIFFERENT:
        raise WeakPassword(why=Words("it is one of the first that anybody would try", "过于常见"))
