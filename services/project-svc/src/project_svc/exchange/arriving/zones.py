"""Time zones that a request names."""

from zoneinfo import ZoneInfo

from crm_platform.errors import InvalidParameter
from crm_platform.words import Words

_UNKNOWN = Words("There is no such time zone.", "没有该时区。")


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        InvalidParameter: There is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidParameter(parameter="time_zone", message=_UNKNOWN) from error
