"""Keys under which candidates are found by plain equality.

A pair that shares no key is never compared, so the keys decide what can be found at all, and how many rows a look-up
reads. Each kind finds one way of being alike; a pair has to agree in one of them only:

* exact normal forms: numbers of registers, phones, e-mails, web domains, names with their words sorted;
* one edit away: short names by the neighbourhood of deletions (as SymSpell does: two texts are at most one insertion,
  deletion, substitution or swap of neighbours apart only if they, or what is left of them without one character, meet);
  long ones by halves (pigeonhole: one edit leaves the first or the second half as it is), which takes 2 stored keys
  instead of one per character;
* the same distinctive word of a company's name, or the same Chinese trade name;
* for people, whose names are shared by thousands: the name as it sounds, a part of the name and the place, day of
  birth, or the address.

A key is its kind and 128 bits: the text, hashed by the function that the caller passes. For personal data that is the
keyed hash of the blind index, so that the table of keys tells nothing; equality of UUIDs is leakproof and keeps its
index under row-level security (`crm_platform.sealing.record_keys` has the table).
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from customer_svc.duplicates.matching.organisation import OrganisationName
from customer_svc.duplicates.matching.person import PersonName
from customer_svc.duplicates.matching.place import Place
from customer_svc.duplicates.matching.profile import Profile
from customer_svc.duplicates.matching.text import is_han, sound

Hash = Callable[[str, str], UUID]
"""Makes a key of its kind and its text."""

Text = tuple[str, str]
"""A kind, and what is hashed."""

Key = tuple[str, UUID]
"""A kind, and the hash of a text of it."""

SHORT = 12
"""Texts with fewer characters get the neighbourhood of deletions; halves of longer ones tell enough by themselves."""
_SHORTEST_FUZZY = 4
_DISTINCTIVE = 5
"""Letters that a word needs to be looked up by itself."""
_DISTINCTIVE_WORDS = 2


def plain_hash(kind: str, text: str) -> UUID:
    """Hash without a secret: for benchmarks, and for what is no personal data."""
    return UUID(bytes=blake2b(f"{kind}\0{text}".encode(), digest_size=16).digest())


@lru_cache(maxsize=2048)
def stored_texts(profile: Profile) -> frozenset[Text]:
    """What is hashed into :func:`stored_keys`; to compare records that stay in memory, it does as it is."""
    return _exact(profile).union(_near_names(profile, halves))


@lru_cache(maxsize=2048)
def probe_texts(profile: Profile) -> frozenset[Text]:
    """What is hashed into :func:`probe_keys`."""
    return _exact(profile).union(_near_names(profile, probed_halves))


def stored_keys(profile: Profile, hash: Hash = plain_hash) -> frozenset[Key]:
    """The keys under which a record is filed."""
    return _hashed(stored_texts(profile), hash)


def probe_keys(profile: Profile, hash: Hash = plain_hash) -> frozenset[Key]:
    """The keys under which to look for records that are like this one.

    They differ from the stored ones for long names alone: what was filed under two halves is looked for under eight.
    """
    return _hashed(probe_texts(profile), hash)


def exact_keys(profile: Profile, hash: Hash = plain_hash) -> frozenset[Key]:
    """Only the key of the whole name: what an exact check looks up, and a fuzzy one is measured beside."""
    return _hashed(_names(profile), hash)


def _hashed(texts: Iterable[Text], hash: Hash) -> frozenset[Key]:
    return frozenset((kind, hash(kind, text)) for kind, text in texts)


@lru_cache(maxsize=2048)
def _exact(profile: Profile) -> frozenset[Text]:
    """What a record is filed under and looked for alike."""
    found = [("phone", phone) for phone in profile.phones]
    found += [("email", email) for email in profile.emails]
    found += [("id", f"{kind}:{number}") for kind, number in profile.identifiers.items()]
    found += _names(profile)
    if profile.person:
        found += _of_person(profile, profile.person)
    else:
        found += [("domain", domain) for domain in profile.domains]
        found += [("word", word) for name in profile.organisations for word in _distinctive_words(name)]
    return frozenset((*found, *_of_place(profile.place)))


def _names(profile: Profile) -> list[Text]:
    if profile.person:
        name = profile.person
        heard = sorted((sound(name.family), sound(name.first))) if name.joined else ()
        return [("person", "".join(heard))] if heard else []
    return [("organisation", _sorted_words(name)) for name in profile.organisations if name.core]


def _sorted_words(name: OrganisationName) -> str:
    return " ".join(sorted({*name.core, *name.numerals})) if name.numerals or len(name.core) > 1 else name.core[0]


def _distinctive_words(name: OrganisationName) -> list[str]:
    """The words that say most: with digits, Chinese, or long."""
    found = {word for word in name.core if is_han(word) or len(word) >= _DISTINCTIVE or not word.isalpha()}
    return sorted(found, key=lambda word: (-len(word), word))[:_DISTINCTIVE_WORDS]


def _of_person(profile: Profile, name: PersonName) -> Iterator[Text]:
    # A Chinese family name is shared by up to seven in a hundred people: only the given name narrows anything down.
    parts = {name.first} if is_han(name.family) else {name.family, name.first}
    for at in {profile.place.postcode, profile.place.locality} - {""}:
        yield from (("named_at", f"{sound(part)} {at}") for part in parts if len(part) > 1)
    if profile.birth_date:
        yield "born", profile.birth_date.isoformat()


def _of_place(at: Place) -> list[Text]:
    number = " ".join(at.numbers)
    parts = (("numbered", at.postcode), ("door", at.street)) if number else ()
    return [(kind, f"{number} {part}") for kind, part in parts if part]


def _near_names(profile: Profile, long: Callable[[str], Iterable[str]]) -> list[Text]:
    if profile.person:
        name = profile.person.joined
        return _near(name, long, by_deletions=not is_han(name))
    return [text for one in profile.organisations for text in _near(one.joined, long, by_deletions=True)]


def _near(name: str, long: Callable[[str], Iterable[str]], *, by_deletions: bool) -> list[Text]:
    if len(name) >= SHORT:
        return [("half", half) for half in long(name)]
    if len(name) < _SHORTEST_FUZZY or not by_deletions:
        return []
    # With one character more than these, it is looked for by halves.
    split = long(name) if len(name) == SHORT - 1 else ()
    return [("near", near) for near in deletions(name)] + [("half", half) for half in split]


def deletions(text: str) -> frozenset[str]:
    """The text, and what is left of it without one of its characters."""
    return frozenset([text, *[text[:place] + text[place + 1 :] for place in range(len(text))]])


def halves(text: str) -> frozenset[str]:
    """The two halves of a text, each with the length of the whole and its side."""
    return _split(text, len(text))


def probed_halves(text: str) -> frozenset[str]:
    """The halves that texts one edit away from this one can be filed under.

    A swap of the two characters in the middle changes both halves, so it is undone first.
    """
    size, middle = len(text), len(text) // 2
    swapped = text[: middle - 1] + text[middle] + text[middle - 1] + text[middle + 1 :]
    return _split(text, size - 1) | _split(text, size) | _split(text, size + 1) | _split(swapped, size)


def _split(text: str, size: int) -> frozenset[str]:
    """What a text of ``size`` characters shares with this one, if one edit in its other half is all that differs."""
    middle = size // 2
    return frozenset({f"{size}<{text[:middle]}", f"{size}>{text[len(text) - (size - middle) :]}"})
