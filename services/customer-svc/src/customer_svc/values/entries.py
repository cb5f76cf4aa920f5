"""Lists of entries of which at most one is primary, each with a member that shows the primary one alone."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from crm_contracts.base import Contract
from crm_platform.words import Words
from customer_svc.values.refused import AllRefused, Refused

E = TypeVar("E", bound=Contract)

_SEVERAL = Words("only one entry can be primary", "只能有一个主要条目")
_TWICE = Words("the same entry stands in the list before", "列表中已有相同的条目")
_OTHER = Words(
    "not the primary entry of `{plural}`; send one of the two", "与 {plural} 的主要条目不一致，请只提交其中之一"
)


@dataclass(frozen=True)
class Entries(Generic[E]):
    """Rules of one list, such as ``phones``, and of the member that shows its primary entry, such as ``phone``.

    Attributes:
        plural: Name of the list.
        single: Name of the member for the primary entry.
        enter: Makes an entry of what a client sent in the list; raises :class:`Refused`.
        enter_single: Makes an entry of what a client sent as the single member; raises :class:`Refused`.
        shown: The single member's value for an entry.
        key: What a value of the single member is found in the list by.
        distinct: What no two entries of the list may share.
        kept: Members of the present primary entry that a new value of the single member does not touch.
    """

    plural: str
    single: str
    enter: Callable[[Any, str], E]
    enter_single: Callable[[Any, str], E]
    shown: Callable[[E], Any]
    key: Callable[[E], Hashable]
    distinct: Callable[[E], Hashable]
    kept: tuple[str, ...] = ("label",)

    def members(self, entries: Sequence[E]) -> dict[str, Any]:
        """Both members of a record that has ``entries``."""
        main = primary_of(entries)
        return {self.plural: tuple(entries), self.single: None if main is None else self.shown(main)}

    def known(self, entries: tuple[E, ...], single: Any, country: str) -> tuple[E, ...]:
        """The entries of a record; one that was last written before there were lists has its single member's."""
        if entries or single is None:
            return entries
        return (_marked(self.enter_single(single, country), primary=True),)

    def changed(self, before: tuple[E, ...], changes: Mapping[str, Any], country: str) -> dict[str, Any]:
        """Both members after ``changes``; empty where these name neither.

        Args:
            before: The entries so far.
            changes: What was sent.
            country: Where entries are from that do not say so.

        Raises:
            AllRefused: Entries break rules; their places are seen from the body.
        """
        if self.plural in changes:
            entries = self._listed(changes[self.plural], country)
            if changes.get(self.single) is not None:
                self._compare(entries, changes[self.single], country)
            return self.members(entries)
        if self.single not in changes:
            return {}
        value = changes[self.single]
        if value is None or value == "":  # other systems send blanks; clients cannot
            return self.members([entry for entry in before if not is_primary(entry)])
        return self.members(self._with_primary(before, self._single(value, country)))

    def _listed(self, sent: Sequence[Any], country: str) -> tuple[E, ...]:
        entries: list[E] = []
        refusals: list[Refused] = []
        seen: set[Hashable] = set()
        for index, one in enumerate(sent):
            try:
                entry = self.enter(one, country)
                if self.distinct(entry) in seen:
                    raise Refused("duplicate_entry", _TWICE)  # noqa: TRY301  (told with its place, as all others)
            except Refused as refused:
                refusals.append(refused.at(self.plural, index))
                continue
            seen.add(self.distinct(entry))
            entries.append(entry)
        if sum(map(is_primary, entries)) > 1:
            refusals.append(Refused("several_primary", _SEVERAL, (self.plural,)))
        if refusals:
            raise AllRefused(refusals)
        if entries and not any(map(is_primary, entries)):
            entries[0] = _marked(entries[0], primary=True)
        return tuple(entries)

    def _single(self, value: Any, country: str) -> E:
        try:
            return self.enter_single(value, country)
        except Refused as refused:
            raise AllRefused([refused.at(self.single)]) from refused

    def _compare(self, entries: Sequence[E], value: Any, country: str) -> None:
        main = primary_of(entries)
        if main is None or self.key(self._single(value, country)) != self.key(main):
            words = Words(_OTHER.en.format(plural=self.plural), _OTHER.zh.format(plural=self.plural))
            raise AllRefused([Refused("not_the_primary", words, (self.single,))])

    def _with_primary(self, before: tuple[E, ...], new: E) -> tuple[E, ...]:
        """The entries with ``new`` as the primary one: one that is there is promoted, else it takes the place."""
        main = primary_of(before)
        known = next((entry for entry in before if self.key(entry) == self.key(new)), None)
        if known is not None:
            return tuple(_marked(entry, primary=entry is known) for entry in before)
        if main is None:
            return (_marked(new, primary=True), *before)
        new = new.model_copy(update={name: getattr(main, name) for name in self.kept} | {"primary": True})
        return tuple(new if entry is main else entry for entry in before)


def is_primary(entry: Any) -> bool:
    """Whether an entry is the primary one of its list."""
    return bool(entry.primary)


def primary_of(entries: Sequence[E]) -> E | None:
    """The primary entry, if there is one."""
    return next((entry for entry in entries if is_primary(entry)), None)


def _marked(entry: E, *, primary: bool) -> E:
    return entry if is_primary(entry) is primary else entry.model_copy(update={"primary": primary})
