"""What texts are compared, looked up and sorted by."""

import unicodedata


def email_key(email: str) -> str:
    """What e-mail addresses are compared by: width and case do not count."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def name_key(name: str) -> str:
    """What names are compared and sorted by: width, case and spacing do not count."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
