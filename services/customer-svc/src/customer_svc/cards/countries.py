"""Which country people mean when they write its name."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from customer_svc.values.country_names import country_names
from customer_svc.values.phones import REGIONS

_OTHERS = {
    "usa": "US",
    "us": "US",
    "unitedstatesofamerica": "US",
    "uk": "GB",
    "greatbritain": "GB",
    "england": "GB",
    "prc": "CN",
    "prchina": "CN",
    "peoplesrepublicofchina": "CN",
    "中国大陆": "CN",
    "中华人民共和国": "CN",
    "香港": "HK",
    "hongkong": "HK",
    "澳门": "MO",
    "macau": "MO",
    "台湾": "TW",
    "臺灣": "TW",
}


def country_of(name: str) -> str | None:
    """The ISO 3166-1 code of a country by its name in any of the world's bigger languages (CLDR), or by its code."""
    key = _key(name)
    if key.upper() in REGIONS:
        return key.upper()
    return _OTHERS.get(key) or _names().get(key)


@cache
def _names() -> dict[str, str]:
    return {_key(name): region for region in REGIONS for name in _names_of(region)}


def _names_of(region: str) -> Iterator[str]:
    """The names in libphonenumber's copy of CLDR, where ``*xx`` stands for the same name as in language ``xx``."""
    return (name for name in country_names().get(region, {}).values() if not name.startswith("*"))


def _key(name: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).casefold())
