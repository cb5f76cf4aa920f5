"""To whom rows give their customers: a person by e-mail address, name or id, and a team by name or id; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from crm_contracts.imports.v1 import BadCells
from crm_platform.errors import DomainError
from crm_platform.words import Words
from customer_svc.customers.domain import Customer
from customer_svc.imports.rows.drafts import CellProblem, Draft, Named
from customer_svc.known_users.domain import People, Person, meant

Teams = Mapping[str, Sequence[UUID]]
"""Which teams texts may mean."""

Refusal = Callable[[Mapping[str, UUID | None]], DomainError | None]
"""Why the caller may not give customers to somebody, told by the members that differ; None where that is allowed."""

OWNER, TEAM = "owner_id", "team_id"


class _Rule(NamedTuple):
    code: str
    words: Words


_UNKNOWN_OWNER: Final = _Rule(
    "owner_unknown",
    Words("nobody has the e-mail address, name or id `{said}`.", "没有邮箱、姓名或编号为“{said}”的用户。"),
)
_SEVERAL_OWNERS: Final = _Rule(
    "owner_ambiguous",
    Words(
        "{number} people are called `{said}`; give the e-mail address.", "有 {number} 个用户名为“{said}”，请改填邮箱。"
    ),
)
_INACTIVE_OWNER: Final = _Rule(
    "owner_inactive", Words("the account of `{said}` is not active any more.", "用户“{said}”已停用。")
)
_UNKNOWN_TEAM: Final = _Rule("team_unknown", Words("no team is called `{said}`.", "没有名为“{said}”的团队。"))
_SEVERAL_TEAMS: Final = _Rule(
    "team_ambiguous",
    Words("{number} teams are called `{said}`; give the id.", "有 {number} 个团队名为“{said}”，请改填编号。"),
)


def named(drafts: Iterable[Draft]) -> tuple[set[str], set[str]]:
    """What rows say for people, and for teams."""
    people, teams = set[str](), set[str]()
    for draft in drafts:
        if draft.owner is not None:
            people.add(draft.owner.said)
        if draft.team is not None:
            teams.add(draft.team.said)
    return people, teams


class Owners:
    """Gives the customers of rows to whom these name.

    Args:
        people: Whom the texts may mean that rows have for people.
        teams: Which teams those may mean that they have for teams.
        refusal: Whether the caller may give customers to somebody.
        bad_cells: What is done where that is not possible.
        at: Since when customers belong to whom they are given.
    """

    def __init__(self, people: People, teams: Teams, refusal: Refusal, bad_cells: BadCells, at: datetime) -> None:
        self._people = people
        self._teams = teams
        self._refusal = refusal
        self._bad_cells = bad_cells
        self._at = at

    def place(self, draft: Draft, before: Customer | None) -> None:
        """Give a row's customer to whom it names; what is wrong with that is a problem of its cells.

        Who is named without a team brings the own one along. Nothing is said by a row that names whom the customer
        belongs to already, also if that one has left.

        Args:
            draft: What the row says; changed in place.
            before: The customer that the row is about, as it is; None for a new one.
        """
        if draft.customer is None or (draft.owner is None and draft.team is None):
            return
        given: dict[str, UUID | None] = {}
        problems = list(self._find_owner(draft.owner, before, given))
        problems += self._find_team(draft.team, before, given)
        if given and (refusal := self._refusal(given)) is not None:
            cell = draft.owner or draft.team
            given.clear()
            problems += [_told(cell, refusal.code, Words(refusal.detail("en"), refusal.detail("zh")))] if cell else []
        (draft.left_out if self._bad_cells is BadCells.LEAVE_OUT else draft.problems).extend(problems)
        if given:
            owner = (given.get(OWNER), given.get(TEAM))
            draft.customer = draft.customer.owned_by(*owner, at=self._at)
            draft.fields |= given.keys()

    def _find_owner(
        self, cell: Named | None, before: Customer | None, given: dict[str, UUID | None]
    ) -> Iterable[CellProblem]:
        if cell is None:
            return
        found = meant(self._people.get(cell.said, ()))
        if len(found) != 1:
            yield _problem(cell, _SEVERAL_OWNERS if found else _UNKNOWN_OWNER, len(found))
        elif before is None or before.owner_id != found[0].id:
            yield from self._give(cell, found[0], given)

    def _give(self, cell: Named, person: Person, given: dict[str, UUID | None]) -> Iterable[CellProblem]:
        if person.active:
            given |= {OWNER: person.id, TEAM: person.team_id}
        else:
            yield _problem(cell, _INACTIVE_OWNER)

    def _find_team(
        self, cell: Named | None, before: Customer | None, given: dict[str, UUID | None]
    ) -> Iterable[CellProblem]:
        if cell is None:
            return
        found = self._teams.get(cell.said, ())
        if len(found) != 1:
            yield _problem(cell, _SEVERAL_TEAMS if found else _UNKNOWN_TEAM, len(found))
        elif given or before is None or before.team_id != found[0]:
            given[TEAM] = found[0]


def given(customer: Customer, draft: Draft, said: Customer) -> Customer:
    """A customer, which belongs to whom a row gives it; ``said`` is the customer that the row would be alone."""
    owner_id, team_id = (getattr(said if name in draft.fields else customer, name) for name in (OWNER, TEAM))
    if said.owner_since is None or (owner_id, team_id) == (customer.owner_id, customer.team_id):
        return customer
    return customer.owned_by(owner_id, team_id, at=said.owner_since)


def _problem(cell: Named, rule: _Rule, number: int = 1) -> CellProblem:
    said = {"said": cell.said, "number": number}
    return _told(cell, rule.code, Words(rule.words.en.format(**said), rule.words.zh.format(**said)))


def _told(cell: Named, code: str, words: Words) -> CellProblem:
    return CellProblem(cell.column, code, cell.place, words)
