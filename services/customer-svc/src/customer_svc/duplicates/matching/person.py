"""Names of people, taken apart, and how alike two of them are."""

from dataclasses import dataclass
from functools import cache, lru_cache

from nicknames import NickNamer

from customer_svc.duplicates.matching.lists import listed
from customer_svc.duplicates.matching.text import fold, is_han, words

_COMPOUND_SURNAMES = frozenset(listed("compound_surnames"))
_TITLES = frozenset(listed("titles"))
_HAN_TITLES = tuple(sorted(("先生", "女士", "小姐", "博士", "教授", "经理", "总经理", "老师"), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name.

    Attributes:
        family: The family name, folded; empty where only one name is known.
        given: Given names, folded, in order.
    """

    family: str = ""
    given: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The given names as one text without spaces."""
        return "".join(self.given)

    @property
    def joined(self) -> str:
        """The name without spaces, its parts in an order of their own, so that swapped ones are the same."""
        return self.family + self.first if is_han(self.family) else "".join(sorted((self.first, self.family)))


def parse_person(name: str, given: str = "", family: str = "") -> PersonName:
    """Take a person's name apart.

    Args:
        name: The full name: ``Family, Given``, ``Given Family``, or Chinese with the family name first.
        given: The given names, where they are known apart.
        family: The family name, where it is known apart.
    """
    if given or family:
        return PersonName("".join(words(family)), words(given))
    if is_han(name):
        return _parse_han("".join(words(name)))
    front, comma, back = fold(name).partition(",")
    if comma and back.strip() not in _TITLES:
        return PersonName("".join(words(front)), _untitled(words(back)))
    parts = _untitled(words(name))
    return PersonName(parts[-1], parts[:-1]) if parts else PersonName()


def _untitled(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part in parts if part not in _TITLES) or parts


def _parse_han(name: str) -> PersonName:
    for title in _HAN_TITLES if name.endswith(_HAN_TITLES) else ():
        name = name.removesuffix(title) or name
    size = 2 if name[:2] in _COMPOUND_SURNAMES and len(name) > len("某某") else 1
    return PersonName(name[:size], (name[size:],) if name[size:] else ())


@cache
def _nicknames() -> NickNamer:
    return NickNamer()


@lru_cache(maxsize=4096)
def _forms(given: str) -> frozenset[str]:
    return frozenset({given, *_nicknames().canonicals_of(given)})


def same_given(left: str, right: str) -> bool:
    """Whether two given names are forms of one (Bill and William), by the nicknames list (Apache-2.0)."""
    return bool(_forms(left) & _forms(right))
