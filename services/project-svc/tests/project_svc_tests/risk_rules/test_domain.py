from dataclasses import dataclass
from itertools import product
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from project_svc.risk_rules.domain import judged

PROJECTS = [UUID(int=number) for number in (1, 2, 3)]
RULES = [UUID(int=number) for number in (11, 12)]
GONE = UUID(int=13)


@dataclass(frozen=True)
class Open:
    """A risk that a rule has raised."""

    project_id: UUID
    rule_id: UUID | None
    close_suggested: bool = False


PAIRS = list(product(PROJECTS, RULES))
KNOWN = st.lists(
    st.builds(Open, st.sampled_from(PROJECTS), st.sampled_from([*RULES, GONE]), st.booleans()),
    unique_by=lambda one: (one.project_id, one.rule_id),
)


@given(bad=st.lists(st.sampled_from(PAIRS)), known=KNOWN)
def test_looking_again_finds_nothing_new(bad: list[tuple[UUID, UUID]], known: list[Open]) -> None:
    verdict = judged(bad, RULES, known)

    turned = {*verdict.over, *verdict.back}
    assert not set(verdict.over) & set(verdict.back)
    after = [
        Open(one.project_id, one.rule_id, one.close_suggested != (place in turned)) for place, one in enumerate(known)
    ]
    after += [Open(project, rule) for project, rule in verdict.raised]
    again = judged(bad, RULES, after)
    assert (again.raised, again.over, again.back) == ([], [], [])
    pairs = [(one.project_id, one.rule_id) for one in after]
    assert len(pairs) == len(set(pairs))
    assert all(((one.project_id, one.rule_id) in bad) != one.close_suggested for one in after if one.rule_id != GONE)
    assert [one for one in after if one.rule_id == GONE] == [one for one in known if one.rule_id == GONE]
