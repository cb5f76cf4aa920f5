"""What countries are called in the languages of the world."""

from collections.abc import Mapping
from functools import cache

from crm_platform.module_alone import module_alone


@cache
def country_names() -> Mapping[str, Mapping[str, str]]:
    """Names by language, by ISO 3166-1 alpha-2 code: Unicode's CLDR, as libphonenumber carries it.

    ``*xx`` stands for the same name as in language ``xx``.
    """
    names: Mapping[str, Mapping[str, str]] = module_alone("phonenumbers.geodata.locale").LOCALE_DATA
    return names
