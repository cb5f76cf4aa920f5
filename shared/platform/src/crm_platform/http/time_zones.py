"""Names of time zones in requests."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator

from crm_platform.http.fields import ShortText
from crm_platform.http.validation_messages import refusal
from crm_platform.words import Words

_NO_ZONE = Words("no time zone of the IANA database, such as Asia/Shanghai", "不是 IANA 时区名称，例如 Asia/Shanghai")
_NO_PLACES = frozenset({"localtime", "Factory"})
"""Files that lie among the zones: that of the machine, and the one of a machine that was never set up."""


@cache
def known_zones() -> frozenset[str]:
    """The names that are accepted."""
    return frozenset(available_timezones()) - _NO_PLACES


def _zone(name: str) -> str:
    if name not in known_zones():
        raise refusal("unknown_time_zone", _NO_ZONE)
    return name


TimeZone = Annotated[ShortText, AfterValidator(_zone)]
"""The IANA name of a time zone."""
