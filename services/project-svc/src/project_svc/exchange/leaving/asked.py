"""Which baseline a chart is asked to show."""

from enum import StrEnum
from uuid import UUID

from crm_platform.errors import InvalidParameter
from crm_platform.words import Words

_NOT_ONE = Words(
    "That is neither the id of a baseline nor `current` or `none`.", "既不是基准计划的 ID，也不是 current 或 none。"
)


class Shown(StrEnum):
    """Which one, where it is not named by its id."""

    CURRENT = "current"
    NONE = "none"


def shown_of(text: str) -> UUID | Shown:
    """What a parameter says.

    Raises:
        InvalidParameter: It says nothing that could be shown.
    """
    if text in {one.value for one in Shown}:
        return Shown(text)
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidParameter(parameter="baseline", message=_NOT_ONE) from error
