"""Public holidays of the world, and China's make-up working days (调休).

China's holidays are moved about by a notice of the State Council, a year ahead at most: `chinesecalendar` has these
notices, and refuses years of which there is none. For such years the statutory days themselves are known (by the lunar
calendar, from `holidays`), but neither bridging days nor make-up days: what is computed from them is provisional, and
:func:`announced_until` says from when on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import chinese_calendar
import holidays
from chinese_calendar.constants import Holiday

from crm_platform.words import Words

CHINA = "CN"
_NOTICES = frozenset(day.year for day in chinese_calendar.holidays)


class UnknownRegionError(ValueError):
    """There is no list of holidays for a country or its part."""


@dataclass(frozen=True, slots=True)
class Region:
    """Whose holidays count: a country (ISO 3166-1 alpha-2) and, where they differ inside it, its part (ISO 3166-2)."""

    country: str
    part: str | None = None

    def __post_init__(self) -> None:
        """Refuse what has no list.

        Raises:
            UnknownRegionError: The country or its part is not known.
        """
        parts = holidays.list_supported_countries().get(self.country)
        if parts is None or (self.part is not None and self.part not in parts):
            raise UnknownRegionError(f"no public holidays are known for {self.country} {self.part or ''}".rstrip())


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDays:
    """Days of one year on which the week does not hold."""

    off: Mapping[date, Words] = field(default_factory=dict)
    make_up: Mapping[date, Words] = field(default_factory=dict)


def announced_until(region: Region) -> date | None:
    """The last day of which the holidays are announced; None where law alone makes them, for all years."""
    return date(max(_NOTICES), 12, 31) if region.country == CHINA else None


@lru_cache(maxsize=4096)
def public_days(region: Region, year: int) -> PublicDays:
    """The holidays and make-up working days of a year."""
    if region.country == CHINA and year in _NOTICES:
        return PublicDays(
            off=_of_year(chinese_calendar.holidays, year), make_up=_of_year(chinese_calendar.workdays, year)
        )
    english = holidays.country_holidays(
        region.country, subdiv=region.part, years=year, language=_language(region, "en_US")
    )
    chinese = holidays.country_holidays(
        region.country, subdiv=region.part, years=year, language=_language(region, "zh_CN")
    )
    return PublicDays(off=MappingProxyType({day: Words(name, chinese[day]) for day, name in english.items()}))


def _of_year(days: Mapping[date, str], year: int) -> Mapping[date, Words]:
    names = {one.value: one.chinese for one in Holiday}
    return MappingProxyType({day: Words(name, names[name]) for day, name in days.items() if day.year == year})


def _language(region: Region, wanted: str) -> str | None:
    """The language if the country's list has names in it; None is its own."""
    return wanted if wanted in holidays.list_localized_countries().get(region.country, ()) else None
