"""Normal forms of postal addresses."""

import re
from dataclasses import dataclass
from functools import lru_cache

from customer_svc.duplicates.matching.text import is_han, words

_SHORT = {
    "st": "street", "str": "strasse", "rd": "road", "ave": "avenue", "av": "avenue", "blvd": "boulevard",
    "bvd": "boulevard", "dr": "drive", "ln": "lane", "ct": "court", "crt": "court", "cct": "circuit",
    "cres": "crescent",
    "cr": "crescent", "pl": "place", "sq": "square", "hwy": "highway", "pkwy": "parkway", "tce": "terrace",
    "ter": "terrace", "apt": "apartment", "apmnt": "apartment", "fl": "floor", "ste": "suite", "bldg": "building",
    "n": "north", "s": "south", "e": "east", "w": "west", "strasse": "strasse",
}  # fmt: skip
_HAN_NUMBER = re.compile(r"\d+")
_HAN_NOISE = re.compile(r"\d+|[省市区县镇乡街道路号楼层室栋座单元弄巷]")
_HAN_DIVISION = re.compile(r"^(.{2,8}?)(?:省|市|自治区|特别行政区|地区|区|县|州|盟|旗)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address; empty texts are unknown.

    Attributes:
        numbers: House, floor and room numbers, in order.
        street: The rest of the street line without spaces.
        locality: City, suburb or district.
        region: Province or state.
        postcode: Letters and digits alone.
    """

    numbers: tuple[str, ...] = ()
    street: str = ""
    locality: str = ""
    region: str = ""
    postcode: str = ""


def place(*, street: str = "", locality: str = "", region: str = "", postcode: str = "") -> Place:
    """Normalise an address: abbreviations are written out, numbers stand apart, Chinese levels (省, 市, 路 …) go."""
    numbers, rest = _street(street) if street else ((), "")
    return Place(
        numbers=numbers,
        street=rest,
        locality=_division(locality) if locality else "",
        region=_division(region) if region else "",
        postcode="".join(words(postcode)) if postcode else "",
    )


def _street(text: str) -> tuple[tuple[str, ...], str]:
    parts = words(text)
    if is_han(text):
        joined = "".join(parts)
        return tuple(_HAN_NUMBER.findall(joined)), _HAN_NOISE.sub("", joined)
    numbers = tuple(part for part in parts if part[0].isdigit())
    return numbers, "".join(_SHORT.get(part, part) for part in parts if not part[0].isdigit())


@lru_cache(maxsize=1024)
def _division(text: str) -> str:
    joined = "".join(words(text))
    found = _HAN_DIVISION.match(joined)
    return found[1] if found else joined
