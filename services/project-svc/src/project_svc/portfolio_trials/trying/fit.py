"""Whom a project would overload, week by week."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from ortools.graph.python import max_flow

from project_svc.capacity.service import Capacity
from project_svc.portfolio_trials.schemas import Overload
from project_svc.standings.domain import Demand

_SOURCE, _SINK = 0, 1


def overloads(demands: Iterable[Demand], there: Capacity) -> list[Overload]:
    """Weeks in which people would be needed for longer than they are there, by week and name; only such as are wanted.

    Work outside of the weeks that are known overloads nobody.
    """
    wanted: Counter[tuple[UUID, int]] = Counter()
    places = there.periods.places
    for need in demands:
        for number, minutes in enumerate(need.minutes):
            place = places.get(there.periods.start_of(need.first_on + timedelta(number)))
            if minutes and place is not None:
                wanted[need.resource_id, place] += minutes
    found = []
    for (id, place), minutes in wanted.items():
        load = there.loads[id][place]
        over = load.demand + minutes - load.capacity
        if over > 0:
            found.append(
                Overload(
                    week=there.periods.starts[place],
                    resource_id=id,
                    name=there.workers[id].name,
                    capacity=hours(load.capacity),
                    committed=hours(load.demand),
                    wanted=hours(minutes),
                    over=hours(min(over, minutes)),
                )
            )
    return sorted(found, key=lambda one: (one.week, one.name, str(one.resource_id)))


def shortages(skills: Mapping[str, Sequence[int]], first: int, there: Capacity) -> list[Overload]:
    """Weeks in which those who have skills are not free for as long as these are wanted, from the ``first`` on.

    Whoever has two skills works for one of them at a time: how much can be met at most is a flow from skills through
    those who have them, no more than each is free for (Ford and Fulkerson, *Maximal flow through a network*, 1956).
    """
    found = []
    for number in range(max(map(len, skills.values()), default=0)):
        place = first + number
        if place >= len(there.periods.starts):
            break
        wanted = {skill: weeks[number] for skill, weeks in skills.items() if number < len(weeks) and weeks[number]}
        found += list(_short(wanted, place, there))
    return found


def hours(minutes: int) -> float:
    """Minutes as hours."""
    return round(minutes / 60, 2)


def _short(wanted: Mapping[str, int], place: int, there: Capacity) -> Iterator[Overload]:
    met = _met(wanted, place, there)
    for skill in sorted(wanted):
        if met[skill] >= wanted[skill]:
            continue
        loads = [there.loads[id][place] for id, one in there.workers.items() if skill in one.skills]
        yield Overload(
            week=there.periods.starts[place],
            resource_id=None,
            name=skill,
            capacity=hours(sum(one.capacity for one in loads)),
            committed=hours(sum(one.demand for one in loads)),
            wanted=hours(wanted[skill]),
            over=hours(wanted[skill] - met[skill]),
        )


def _met(wanted: Mapping[str, int], place: int, there: Capacity) -> dict[str, int]:
    """How many minutes of each skill can be had in a week."""
    flow = max_flow.SimpleMaxFlow()
    skills = {skill: 2 + number for number, skill in enumerate(sorted(wanted))}
    arcs = {skill: flow.add_arc_with_capacity(_SOURCE, node, wanted[skill]) for skill, node in skills.items()}
    for number, (id, worker) in enumerate(sorted(there.workers.items())):
        node, load = 2 + len(skills) + number, there.loads[id][place]
        flow.add_arc_with_capacity(node, _SINK, max(load.capacity - load.demand, 0))
        for skill in sorted(skills.keys() & set(worker.skills)):
            flow.add_arc_with_capacity(skills[skill], node, wanted[skill])
    flow.solve(_SOURCE, _SINK)
    return {skill: flow.flow(arc) for skill, arc in arcs.items()}
