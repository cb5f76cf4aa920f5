"""Use cases of duplicates; slices whose records are like customers file and look them up through here.

In ``models.py`` of such a slice: ``Sealed(members=..., keys=KEYS)`` with ``KEYS = DuplicateKeys(record_keys_table(...),
{...})``, whose statements then file each record; and ``LIKES = Likes(AGGREGATE, LookUp(KEYS.table))`` for the checks.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.duplicate.v1 import RefuseFrom
from crm_platform.context import Caller, FieldLevel
from crm_platform.db import Connection
from crm_platform.errors import DomainError
from crm_platform.reads.field_access import masked, rules_for
from crm_platform.reads.members import Members, look_at_members
from crm_platform.sealing.record_keys import Entry as Filed
from crm_platform.sealing.vault import vault_of
from crm_platform.store import Aggregate
from crm_platform.uow import UnitOfWork
from customer_svc.duplicate_rules import service as duplicate_rules
from customer_svc.duplicate_rules.domain import DuplicateRule
from customer_svc.duplicates import repository
from customer_svc.duplicates.domain import (
    COMPARED,
    Candidate,
    Described,
    Trial,
    also_among,
    among,
    entry_of,
    profile_of,
    ranked,
)
from customer_svc.duplicates.errors import PossibleDuplicates
from customer_svc.duplicates.matching.clusters import Pair, clusters
from customer_svc.duplicates.matching.profile import Profile, identifiers
from customer_svc.duplicates.matching.scoring import Match, Verdict, compare
from customer_svc.duplicates.matching.weights import Model
from customer_svc.duplicates.models import DuplicateKeys, Packed, keys_of, note_keys, wanted_keys
from customer_svc.duplicates.repository import MOST_PER_KEY, SWIFT, THOROUGH, LookUp, Reach, Two, pairs_of
from customer_svc.duplicates.schemas import CandidateRead, CandidatesRead

__all__ = [
    "COMPARED",
    "SWIFT",
    "Candidate",
    "CandidateRead",
    "CandidatesRead",
    "Described",
    "DuplicateKeys",
    "Judged",
    "Likes",
    "LookUp",
    "Match",
    "Model",
    "Packed",
    "Pair",
    "Profile",
    "Trial",
    "Two",
    "Verdict",
    "clusters",
    "compare",
    "forget_different",
    "keys_of",
    "model_of",
    "note_different",
    "note_keys",
    "noted_different",
    "numbers_of",
    "pairs_of",
    "possible_duplicates",
    "profile_of",
]

Load = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Described]]]
"""Reads records by their ids; what the caller may not see is absent."""

Models = Mapping[CustomerKind, Model]
"""How pairs are judged, by the kind of the customer in question."""

note_different = repository.note_different
forget_different = repository.forget_different
noted_different = repository.noted_different


class Judged(NamedTuple):
    """Whom somebody was compared with.

    Attributes:
        told: Those who may be the same, the likeliest first.
        compared: All of them.
        keys: Under which they were looked for.
    """

    told: Sequence[Candidate]
    compared: tuple[UUID, ...]
    keys: Collection[Filed]


async def possible_duplicates(
    connection: Connection, tenant_id: UUID, customer: Described, *, likes: LookUp, load: Load, model: Model
) -> Sequence[Candidate]:
    """Who may be the same as ``customer``, the likeliest first; empty if nobody is.

    Args:
        connection: Where to look.
        tenant_id: Whose customers.
        customer: A new one, or the new state of a known one, which is not told itself.
        likes: The table to look in.
        load: Reads the candidates.
        model: Weights and thresholds.
    """
    models = dict.fromkeys(CustomerKind, model)
    (found,) = await _of_each(connection, tenant_id, [customer], likes=likes, load=load, models=models)
    return found.told


async def _of_each(
    connection: Connection,
    tenant_id: UUID,
    asked: Sequence[Described],
    *,
    likes: LookUp,
    load: Load,
    models: Models,
    reach: Reach = THOROUGH,
    trial: Trial | None = None,
) -> list[Judged]:
    index = vault_of(connection).index
    profiles = [profile_of(customer) for customer in asked]
    wanted = [wanted_keys(index, tenant_id, one) for one in profiles]
    ids = await likes.candidates_of_each(connection, wanted, reach, None if trial is None else trial.id)
    loaded = await _loaded([id for found in ids for id in found], load, trial)
    others = {id: profile_of(other) for id, other in loaded.items()}
    own = [getattr(customer, "id", None) for customer in asked]
    different = await noted_different(connection, [id for id in own if id is not None]) if others else set()
    compared = [
        {id: others[id] for id in found if id in others and _may_be(self, id, different)}
        for found, self in zip(ids, own, strict=True)
    ]
    return [
        Judged(ranked(one, near, models[who.kind]), tuple(near), keys)
        for one, near, keys, who in zip(profiles, compared, wanted, asked, strict=True)
    ]


async def _loaded(ids: Sequence[UUID], load: Load, trial: Trial | None) -> Mapping[UUID, Described]:
    """What is compared, as the trial would have it."""
    if trial is None:
        return await load(ids)
    tried = await trial.load(ids)
    return {**await load([id for id in ids if id not in tried]), **tried}


def _may_be(one: UUID | None, other: UUID, different: Collection[Two]) -> bool:
    """Whether two are neither the very same record nor known to be different."""
    return one is None or (one != other and (min(one, other), max(one, other)) not in different)


def numbers_of(customer: Described) -> dict[str, str]:
    """The numbers of registers by which a customer is compared and filed, by their kind."""
    return identifiers(entry_of(customer))


def model_of(rule: DuplicateRule, model: Model | None = None) -> Model:
    """How pairs are judged under a rule."""
    return replace(model or Model(), likely=rule.likely / 100, possible=rule.possible / 100)


@dataclass(frozen=True, slots=True)
class Likes:
    """Finds who may be the same among the records of one aggregate.

    Attributes:
        aggregate: Whose states are like customers.
        look_up: Where they are filed.
        shown: What of a record a caller may have compared.
        asked: Further members that ``shown`` asks.
    """

    aggregate: Aggregate[Any]
    look_up: LookUp
    shown: Callable[[Caller, Members], Described] = lambda _, members: members
    asked: tuple[str, ...] = ()

    async def candidates(
        self,
        unit: UnitOfWork,
        asked: Sequence[Described],
        *,
        records: int | None = None,
        reach: Reach = THOROUGH,
        trial: Trial | None = None,
    ) -> list[Sequence[Candidate]]:
        """For each, who may be the same among those whom the caller may see; judged as in a base of ``records``."""
        rules = await duplicate_rules.rules_by_kind(unit.connection)
        base = Model() if records is None else Model().sized(records)
        models = {kind: model_of(rule, base) for kind, rule in rules.items()}
        return [one.told for one in await self._judged(unit, asked, models, reach, trial)]

    async def judged(self, unit: UnitOfWork, asked: Sequence[Described], reach: Reach) -> list[Judged]:
        """Like :meth:`candidates`, with all who were compared.

        It holds for as long as none of these changes, and nobody is filed under the keys that was not.
        """
        rules = await duplicate_rules.rules_by_kind(unit.connection)
        models = {kind: model_of(rule) for kind, rule in rules.items()}
        return await self._judged(unit, asked, models, reach)

    async def among(self, unit: UnitOfWork, asked: Sequence[Any]) -> list[Sequence[Candidate]]:
        """For each of ``asked``, none of whom is entered yet, who of those before it may be the same."""
        rules = await duplicate_rules.rules_by_kind(unit.connection)
        models = {kind: model_of(rule) for kind, rule in rules.items()}
        return among(asked, models, most_per_key=MOST_PER_KEY, most=SWIFT.most)

    async def file(self, unit: UnitOfWork, states: Iterable[Any]) -> None:
        """File records under the keys of today: those that were written before there were such, are not filed yet."""
        index, tenant_id = vault_of(unit.connection).index, unit.caller.tenant_id
        filed = [(kind, key, one.id) for one in states for kind, key in keys_of(index, tenant_id, profile_of(one))]
        await self.look_up.file(unit.connection, sorted(filed))

    async def told(self, unit: UnitOfWork, customer: Described) -> CandidatesRead:
        """Who may be the same, for people."""
        (found,) = await self.candidates(unit, [customer])
        states = await self._seen(unit, [candidate.id for candidate in found])
        language = unit.caller.language
        return CandidatesRead(candidates=[_told(candidate, states[candidate.id], language) for candidate in found])

    async def refusals(self, unit: UnitOfWork, asked: Sequence[Described]) -> list[PossibleDuplicates | None]:
        """For each of ``asked`` why it is not to be entered: who is there already, or in ``asked`` before it."""
        rules = await duplicate_rules.rules_by_kind(unit.connection)
        strict = {kind: _refusing(rule) for kind, rule in rules.items() if rule.refuse_from is not RefuseFrom.NEVER}
        checked = [customer for customer in asked if customer.kind in strict]
        if not checked:
            return [None] * len(asked)
        known = iter([one.told for one in await self._judged(unit, checked, strict)])
        found = [next(known) if customer.kind in strict else () for customer in asked]
        if len(asked) > 1:
            found = also_among(asked, found, strict, most_per_key=MOST_PER_KEY, most=THOROUGH.most)
        states = await self._seen(unit, [candidate.id for told in found for candidate in told])
        states |= {customer.id: customer for customer in asked if hasattr(customer, "id")}
        return [_refusal(told, states) for told in found]

    async def refuse(self, unit: UnitOfWork, customer: Described) -> None:
        """See to it that a customer is not there already.

        Raises:
            PossibleDuplicates: It may be.
        """
        (refusal,) = await self.refusals(unit, [customer])
        if refusal is not None:
            raise refusal

    async def without_refused(self, unit: UnitOfWork, drafts: Sequence[Any]) -> list[Any]:
        """``drafts``, some of them problems already, with a refusal in the place of who may be there already."""
        refusals = iter(await self.refusals(unit, [one for one in drafts if not isinstance(one, DomainError)]))
        return [one if isinstance(one, DomainError) else (next(refusals) or one) for one in drafts]

    async def _judged(
        self,
        unit: UnitOfWork,
        asked: Sequence[Described],
        models: Models,
        reach: Reach = THOROUGH,
        trial: Trial | None = None,
    ) -> list[Judged]:
        async def load(ids: Sequence[UUID]) -> dict[UUID, Described]:
            found = await self._load(unit, ids, (*COMPARED, *self.asked))
            return {id: self.shown(unit.caller, members) for id, members in found.items()}

        tenant_id = unit.caller.tenant_id
        return await _of_each(
            unit.connection, tenant_id, asked, likes=self.look_up, load=load, models=models, reach=reach, trial=trial
        )

    async def _seen(self, unit: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, Any]:
        """What the caller is told of candidates: their versions, and of their names what field rules leave."""
        level = rules_for(unit.caller, self.aggregate.resource).get("name")
        found = await self._load(unit, ids, ("version", "name"))
        return {id: _Seen(members.version, _left(members.name, level)) for id, members in found.items()}

    async def _load(self, unit: UnitOfWork, ids: Iterable[UUID], names: tuple[str, ...]) -> dict[UUID, Members]:
        return await look_at_members(unit.connection, self.aggregate, unit.caller, ids, names)


class _Seen(NamedTuple):
    version: int
    name: str | None


def _left(name: str, level: FieldLevel | None) -> str | None:
    if level == "hidden":
        return None
    return str(masked(name)) if level == "masked" else name


def _refusing(rule: DuplicateRule) -> Model:
    """The model under which whoever is told is refused."""
    least = rule.likely if rule.refuse_from is RefuseFrom.LIKELY else rule.possible
    return replace(model_of(rule), possible=least / 100)


def _refusal(found: Sequence[Candidate], states: Mapping[UUID, Any]) -> PossibleDuplicates | None:
    if not found:
        return None
    return PossibleDuplicates(
        {
            language: [_told(one, states[one.id], language).model_dump(mode="json") for one in found]
            for language in ("en", "zh")
        }
    )


def _told(candidate: Candidate, state: Any, language: str) -> CandidateRead:
    reasons = [
        {"field": one.field, "level": one.level, "bits": round(one.bits, 2), "text": one.text.into(language)}
        for one in candidate.match.reasons
    ]
    told = {"score": round(candidate.match.score * 100, 2), "verdict": candidate.match.verdict, "reasons": reasons}
    return CandidateRead.model_validate({"id": candidate.id, "version": state.version, "name": state.name, **told})
