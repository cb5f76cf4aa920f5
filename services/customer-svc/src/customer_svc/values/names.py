"""Names of companies and people: Chinese, Latin, mixed."""

import re
import unicodedata
from uuid import UUID

_HAN = re.compile(r"[\u3400-\u9fff]")


def name_key(name: str) -> str:
    """What names are compared and sorted by: width, case and spacing do not count.

    Full-width forms become half-width (NFKC), letters are case-folded, white space is dropped, so that
    ``Ｇｕａｎｘｉ　科技`` and ``guanxi科技`` have the same key.
    """  # noqa: RUF002 - full-width letters are the example
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def is_han(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return _HAN.search(text) is not None


def id_in(text: str) -> UUID | None:
    """The id that a text is; None where it is none."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None
