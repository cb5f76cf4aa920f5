"""`state-machines.md`: the life cycles, drawn."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from crm_platform.statemachine import StateMachine
from tools.gen.artefact import Artefact
from tools.gen.markdown import mermaid, page
from tools.gen.system import modules_of
from tools.layout import deployables

_INTRODUCTION = (
    "How things change their state. Arrows are actions: `POST /<things>/{id}/<action>` where a person takes them. "
    "Any other move is refused with `invalid_transition`."
)


def make() -> Iterator[Artefact]:
    """The page."""
    parts: list[str] = []
    for one in deployables():
        for module in modules_of(one.package, named=("domain",)):
            for machine in machines_of(module):
                parts += [f"## {machine.what} ({one.name})", mermaid(diagram(machine))]
    yield Artefact(Path("docs/reference/state-machines.md"), page("State machines", _INTRODUCTION, *parts))


def machines_of(module: ModuleType) -> list[StateMachine[Any]]:
    """The state machines that a module defines, in its order."""
    return [value for value in vars(module).values() if isinstance(value, StateMachine)]


def diagram(machine: StateMachine[Any]) -> Iterator[str]:
    """Lines of a Mermaid state diagram; states that nothing leads out of are ends."""
    yield "stateDiagram-v2"
    yield f"    [*] --> {machine.initial.value}"
    left = set()
    for (state, action), following in machine.transitions.items():
        left.add(state)
        yield f"    {state.value} --> {following.value}: {action}"
    for state in dict.fromkeys(machine.transitions.values()):
        if state not in left:
            yield f"    {state.value} --> [*]"
