import re

import pytest

from crm_contracts.control.v1 import CheckState, GateKind
from project_svc.gate_checklists.service import ready_made


@pytest.mark.parametrize("kind", GateKind)
def test_a_gate_begins_with_an_open_checklist_in_the_language_of_who_plans_it(kind: GateKind) -> None:
    english, chinese = ready_made(kind, "en"), ready_made(kind, "zh")

    assert [item.number for item in english] == list(range(1, len(english) + 1))
    assert [(item.number, item.mandatory) for item in english] == [(item.number, item.mandatory) for item in chinese]
    assert all(item.state is CheckState.OPEN for item in (*english, *chinese))
    assert not any(re.search(r"[\u4e00-\u9fff]", item.text) for item in english)
    assert all(re.search(r"[\u4e00-\u9fff]", item.text) for item in chinese)
    assert any(item.mandatory for item in english)
