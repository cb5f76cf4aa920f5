"""How far the fields of two profiles agree."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from customer_svc.duplicates.matching.identifier import checks_itself
from customer_svc.duplicates.matching.person import PersonName, same_given
from customer_svc.duplicates.matching.place import Place
from customer_svc.duplicates.matching.profile import Profile
from customer_svc.duplicates.matching.text import is_han, sound
from customer_svc.duplicates.matching.weights import Level

_ALIKE = 0.92
"""Jaro-Winkler similarity of a slip of the pen; 0.92 is what splink calls close, too."""
_LONG_ENOUGH = 4
"""Characters from which one edit leaves most of a word."""


class Finding(NamedTuple):
    """A field and how far it agrees."""

    field: str
    level: Level


def close(left: str, right: str) -> bool:
    """Whether two different texts are a slip of the pen apart: one edit in four characters or more, or nearly alike."""
    if min(len(left), len(right)) < _LONG_ENOUGH:
        return False
    if DamerauLevenshtein.distance(left, right, score_cutoff=1) <= 1:
        return True
    return not is_han(left) and JaroWinkler.similarity(left, right, score_cutoff=_ALIKE) >= _ALIKE


def _of_texts(left: str, right: str) -> Level:
    if left == right:
        return Level.SAME
    return Level.CLOSE if close(left, right) else Level.DIFFERENT


def compare_fields(left: Profile, right: Profile) -> Iterator[Finding]:
    """What both sides have, but for the names of organisations and the place, which are judged as a whole."""
    if left.identifiers and right.identifiers:
        yield from _identifiers(left, right)
    if left.person and right.person:
        yield from compare_people(left.person, right.person)
    if left.birth_date and right.birth_date:
        yield Finding("birth_date", _of_dates(left.birth_date, right.birth_date))
    if left.emails and right.emails:
        yield Finding("email", _of_emails(left, right))
    elif left.domains and right.domains and not left.person and not right.person:
        yield Finding("domain", Level.SAME if left.domains & right.domains else Level.DIFFERENT)
    if left.phones and right.phones:
        yield Finding("phone", _best(left.phones, right.phones))


def _best(left: frozenset[str], right: frozenset[str]) -> Level:
    if left & right:
        return Level.SAME
    for one in left:
        for other in right:
            if DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1:
                return Level.CLOSE
    return Level.DIFFERENT


def _of_emails(left: Profile, right: Profile) -> Level:
    found = _best(left.emails, right.emails)
    # Colleagues have addresses of one domain: that tells companies, not people.
    same_domain = not (left.person or right.person) and left.domains & right.domains
    return Level.FORM if found is Level.DIFFERENT and same_domain else found


def _of_dates(left: date, right: date) -> Level:
    if left == right:
        return Level.SAME
    one, other = f"{left:%Y%m%d}", f"{right:%Y%m%d}"
    swapped = (left.year, left.month, left.day) == (right.year, right.day, right.month)
    slip = DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1
    return Level.CLOSE if swapped or slip else Level.DIFFERENT


def _identifiers(left: Profile, right: Profile) -> Iterator[Finding]:
    for kind in sorted(left.identifiers.keys() & right.identifiers.keys()):
        yield Finding(f"identifier.{kind}", _of_identifiers(left.identifiers[kind], right.identifiers[kind]))


def _of_identifiers(left: str, right: str) -> Level:
    if left == right:
        return Level.SAME
    # Both check characters are right: neither is a slip, so they are two holders.
    if checks_itself(left) and checks_itself(right):
        return Level.CONTRARY
    near = DamerauLevenshtein.distance(left, right, score_cutoff=1) <= 1
    return Level.CLOSE if near else Level.DIFFERENT


def compare_people(left: PersonName, right: PersonName) -> Iterator[Finding]:
    """Family and given name; where they agree better the other way round, they are taken to be swapped."""
    if is_han(left.family) != is_han(right.family):
        yield from _across_scripts(left, right)
        return
    straight = _names_of_people(left, right)
    if Level.DIFFERENT in straight.values():
        straight = _otherwise(left, right) or straight
    suffix = "_han" if is_han(left.family) and is_han(right.family) else ""
    for name, level in straight.items():
        yield Finding(name + suffix, level)


def _across_scripts(left: PersonName, right: PersonName) -> Iterator[Finding]:
    """A Chinese name and one in pinyin: what sounds the same is close, as homophones are."""
    heard = [PersonName(sound(name.family), (sound(name.first),)) for name in (left, right)]
    swapped = PersonName(heard[1].first, (heard[1].family,))
    found = heard[0] in {heard[1], swapped}
    for name in ("family_name_han", "given_name_han"):
        yield Finding(name, Level.CLOSE if found else Level.DIFFERENT)


def _otherwise(left: PersonName, right: PersonName) -> dict[str, Level]:
    """Findings for names that agree the other way round, or but for a space; empty if they do not.

    Which part is the family name was a slip by itself, so that the given name is never the same.
    """
    swapped = _names_of_people(left, PersonName(right.first, (right.family,) if right.family else ()))
    if len(swapped) > 1 and Level.DIFFERENT not in swapped.values():
        return swapped | {"given_name": Level.FORM}
    whole = _of_texts(left.first + left.family, right.first + right.family)
    spaced_apart = whole is Level.SAME or (whole is Level.CLOSE and left.given != right.given)
    return {"family_name": Level.CLOSE, "given_name": Level.CLOSE} if spaced_apart else {}


def _names_of_people(left: PersonName, right: PersonName) -> dict[str, Level]:
    found = {}
    if left.family and right.family:
        found["family_name"] = _of_family(left.family, right.family)
    if left.given and right.given:
        found["given_name"] = _of_given(left, right)
    return found


def _of_family(left: str, right: str) -> Level:
    if left != right and is_han(left + right) and sound(left) == sound(right):
        return Level.CLOSE
    return _of_texts(left, right)


def _of_given(left: PersonName, right: PersonName) -> Level:
    if left.first == right.first:
        return Level.SAME
    one, other = left.given[0], right.given[0]
    if is_han(left.first + right.first):
        return Level.CLOSE if sound(left.first) == sound(right.first) else _of_texts(left.first, right.first)
    initial = 1 in {len(one), len(other)} and one[0] == other[0]
    # A middle name that only one side has leaves the first name as it is.
    if initial or one == other or same_given(one, other):
        return Level.FORM
    return _of_texts(left.first, right.first)


def compare_places(left: Place, right: Place) -> Iterator[Finding]:
    """The parts of an address that both sides have."""
    if left.street and right.street:
        yield Finding("street", _of_texts(left.street, right.street))
    if left.locality and right.locality:
        yield Finding("locality", _of_texts(left.locality, right.locality))
    if left.postcode and right.postcode:
        yield Finding("postcode", _of_texts(left.postcode, right.postcode))
    if left.region and right.region:
        yield Finding("region", Level.SAME if left.region == right.region else Level.DIFFERENT)
    if left.numbers and right.numbers:
        yield Finding("number", _of_numbers(left.numbers, right.numbers))


def _of_numbers(left: tuple[str, ...], right: tuple[str, ...]) -> Level:
    if left == right:
        return Level.SAME
    # A house number with and without the room is the same house.
    return Level.CLOSE if set(left) & set(right) else Level.DIFFERENT
