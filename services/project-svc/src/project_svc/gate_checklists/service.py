"""Finding ready-made checklists."""

from crm_contracts.control.v1 import CheckItem, GateKind
from project_svc.gate_checklists.domain import CHECKLISTS


def ready_made(kind: GateKind, language: str) -> tuple[CheckItem, ...]:
    """The checklist of a kind of gate, in ``language``."""
    return tuple(
        CheckItem(number=number, text=item.text.into(language), mandatory=item.mandatory)
        for number, item in enumerate(CHECKLISTS[kind], 1)
    )
