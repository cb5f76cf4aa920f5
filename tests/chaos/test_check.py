"""The check itself, on histories made by hand: a sound one passes, and each kind of harm is found for what it is."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.chaos.check import check
from tests.chaos.history import Copies, Effect, Event, History
from tests.chaos.ledger import Change, Ledger, Outcome, Write

CUSTOMER, DEAL, PROJECT = UUID(int=1), UUID(int=2), UUID(int=3)
CREATE, RENAME, WIN, REFUSED, UNKNOWN = (UUID(int=number) for number in range(11, 16))


def event(number: int, type_: str, change: Change, write: UUID, cause: int | None = None) -> Event:
    return Event(UUID(int=100 + number), type_, change, write, None if cause is None else UUID(int=100 + cause))


CREATED = event(1, "customer.created", Change("customer", CUSTOMER, 1), CREATE)
RENAMED = event(2, "customer.updated", Change("customer", CUSTOMER, 2), RENAME)
WON = event(3, "opportunity.won", Change("opportunity", DEAL, 1), WIN)
OPENED = event(4, "project.opened", Change("project", PROJECT, 1), WIN, cause=3)


def ledger() -> Ledger:
    return Ledger(
        [
            Write(CREATE, "create customer", outcome=Outcome.OK, changes=(CREATED.change,)),
            Write(RENAME, "rename customer", outcome=Outcome.OK, changes=(RENAMED.change,)),
            Write(WIN, "win deal", outcome=Outcome.OK, changes=(WON.change,)),
            Write(REFUSED, "enter a taken id", outcome=Outcome.FAILED),
            Write(UNKNOWN, "rename customer", outcome=Outcome.UNKNOWN),
        ]
    )


def effect(of: Event) -> Effect:
    return Effect(of.event_id, of.change, of.correlation_id)


SOUND = History(
    outboxes={"customer_svc": [CREATED, RENAMED], "sales_svc": [WON], "project_svc": [OPENED]},
    states={"customer": {CUSTOMER: 2}, "opportunity": {DEAL: 1}, "project": {PROJECT: 1}},
    effects=[effect(one) for one in (CREATED, WON, RENAMED, OPENED)],
    gates={"sales_svc": {("customer", CUSTOMER): 2}, "project_svc": {("opportunity", DEAL): 1}},
    subscriptions={"sales_svc": {"customer"}, "project_svc": {"opportunity"}},
    copies={"known": Copies(source={"(1,Acme)"}, copy={"(1,Acme)"})},
    figures={"won": (1, 1)},
)


def broken(history: History, writes: Ledger | None = None) -> dict[str, list[str]]:
    """The promises that a history breaks, with the findings."""
    return {one.name: list(one.findings) for one in check(writes or ledger(), history) if not one.kept}


def changed(**fields: Any) -> History:
    return replace(SOUND, **fields)


def outboxes(**packages: list[Event]) -> dict[str, Any]:
    return {**SOUND.outboxes, **packages}


def test_a_sound_history_breaks_nothing() -> None:
    assert broken(SOUND) == {}
    assert [one.name for one in check(ledger(), SOUND)] == [
        *("missing", "lost", "repeated", "phantom", "order", "copies", "analytics", "stuck"),
    ]


def test_an_acknowledged_write_without_a_trace_is_missing() -> None:
    history = changed(
        outboxes=outboxes(customer_svc=[CREATED]),
        states={**SOUND.states, "customer": {CUSTOMER: 1}},
        effects=[effect(one) for one in (CREATED, WON, OPENED)],
        gates={**SOUND.gates, "sales_svc": {("customer", CUSTOMER): 1}},
    )

    found = broken(history)

    assert found.keys() == {"missing"}
    assert len(found["missing"]) == 3  # no event of its own, none of that version, the record stands before it


def test_an_acknowledged_write_that_another_one_overwrote_is_missing() -> None:
    foreign = RENAMED._replace(correlation_id=UNKNOWN)
    found = broken(changed(outboxes=outboxes(customer_svc=[CREATED, foreign])))

    assert found.keys() == {"missing"}
    assert len(found["missing"]) == 2


def test_a_record_that_was_put_back_to_an_older_state_is_missing() -> None:
    found = broken(changed(states={**SOUND.states, "customer": {CUSTOMER: 1}}))

    assert found.keys() == {"missing"}
    (finding,) = found["missing"]
    assert finding.endswith(f"customer {CUSTOMER} v2 was acknowledged, the record stands at 1")


def test_a_deleted_record_is_not_missing() -> None:
    gone = RENAMED._replace(type="customer.deleted")
    history = changed(outboxes=outboxes(customer_svc=[CREATED, gone]), states={**SOUND.states, "customer": {}})

    assert broken(history) == {}


def test_a_write_of_several_events_of_which_one_is_absent_is_missing() -> None:
    writes = ledger()
    writes.writes[2].events = 2

    assert broken(SOUND, writes).keys() == {"missing"}


def test_an_event_without_effect_is_lost() -> None:
    found = broken(changed(effects=[effect(one) for one in (CREATED, WON, OPENED)]))

    assert found == {"lost": [f"customer.updated customer {CUSTOMER} v2 never took effect at the witness"]}


def test_a_gap_in_the_effects_is_lost_and_out_of_order() -> None:
    assert broken(changed(effects=[effect(one) for one in (RENAMED, WON, OPENED)])).keys() == {"lost", "order"}


def test_a_consumer_that_stands_behind_has_lost_events() -> None:
    found = broken(changed(gates={**SOUND.gates, "sales_svc": {("customer", CUSTOMER): 1}}))

    assert found == {"lost": [f"sales_svc has applied customer {CUSTOMER} up to 1 of 2"]}


def test_a_won_deal_without_a_project_is_a_lost_effect() -> None:
    history = changed(
        outboxes=outboxes(project_svc=[]),
        states={**SOUND.states, "project": {}},
        effects=[effect(one) for one in (CREATED, WON, RENAMED)],
    )

    assert broken(history) == {"lost": [f"no project.opened came of opportunity.won opportunity {DEAL} v1"]}


def test_an_event_that_took_effect_twice_is_repeated_and_out_of_order() -> None:
    history = changed(effects=[*SOUND.effects, effect(RENAMED)])

    found = broken(history)

    assert found.keys() == {"repeated", "order"}
    assert found["repeated"] == [f"event {RENAMED.event_id} took effect 2 times"]


def test_a_second_project_of_one_deal_is_repeated() -> None:
    second = event(5, "project.opened", Change("project", UUID(int=4), 1), WIN, cause=3)
    history = changed(outboxes=outboxes(project_svc=[OPENED, second]), effects=[*SOUND.effects, effect(second)])

    assert broken(history) == {"repeated": [f"2 times project.opened came of event {WON.event_id}"]}


@pytest.mark.parametrize("write", [CREATE, UNKNOWN])
def test_a_write_that_took_effect_twice_is_repeated(write: UUID) -> None:
    copies = [event(number, "customer.created", Change("customer", UUID(int=number), 1), write) for number in (5, 6)]
    history = changed(
        outboxes=outboxes(customer_svc=[CREATED, RENAMED, *copies]),
        effects=[*SOUND.effects, *map(effect, copies)],
        gates={**SOUND.gates, "sales_svc": {("customer", UUID(int=number)): 2 for number in (1, 5, 6)}},
    )

    assert broken(history).keys() == {"repeated"}


def test_an_unknown_write_may_have_taken_effect_once() -> None:
    late = event(5, "customer.updated", Change("customer", CUSTOMER, 3), UNKNOWN)
    history = changed(
        outboxes=outboxes(customer_svc=[CREATED, RENAMED, late]),
        states={**SOUND.states, "customer": {CUSTOMER: 3}},
        effects=[*SOUND.effects, effect(late)],
        gates={**SOUND.gates, "sales_svc": {("customer", CUSTOMER): 3}},
    )

    assert broken(history) == {}


@pytest.mark.parametrize("write", [REFUSED, UUID(int=99)])
def test_an_event_of_a_refused_write_or_of_none_is_a_phantom(write: UUID) -> None:
    ghost = event(5, "customer.created", Change("customer", UUID(int=5), 1), write)
    history = changed(
        outboxes=outboxes(customer_svc=[CREATED, RENAMED, ghost]),
        effects=[*SOUND.effects, effect(ghost)],
        gates={**SOUND.gates, "sales_svc": {**SOUND.gates["sales_svc"], ("customer", UUID(int=5)): 1}},
    )

    assert broken(history).keys() == {"phantom"}


def test_an_effect_that_no_outbox_knows_is_a_phantom() -> None:
    ghost = Effect(UUID(int=777), Change("customer", UUID(int=5), 1), CREATE)

    assert broken(changed(effects=[*SOUND.effects, ghost])) == {
        "phantom": [f"customer {UUID(int=5)} v1 took effect, but no outbox has recorded it"]
    }


def test_effects_in_the_wrong_order_are_found() -> None:
    found = broken(changed(effects=[effect(one) for one in (RENAMED, CREATED, WON, OPENED)]))

    assert found == {"order": [f"witness: customer {CUSTOMER} has the versions [2, 1]"]}


def test_an_outbox_in_the_wrong_order_is_found() -> None:
    found = broken(changed(outboxes=outboxes(customer_svc=[RENAMED, CREATED])))

    assert found == {"order": [f"outbox of customer_svc: customer {CUSTOMER} has the versions [2, 1]"]}


def test_copies_that_differ_are_found_on_both_sides() -> None:
    found = broken(changed(copies={"known": Copies(source={"(1,Acme)"}, copy={"(1,Old)"})}))

    assert found == {"copies": ["known: missing or stale: (1,Acme)", "known: not at the source: (1,Old)"]}


def test_a_figure_that_differs_is_found() -> None:
    assert broken(changed(figures={"won": (1, 2)})) == {"analytics": ["won: shown 1, recomputed 2"]}


def test_what_did_not_come_to_rest_is_stuck() -> None:
    assert broken(changed(unsettled=("sales_svc: 3 gaps",))) == {"stuck": ["sales_svc: 3 gaps"]}
