"""An event that ends the process of whoever handles it is put aside; one that only meets restarts is not."""

from crm_platform.events import dead_letters
from crm_platform.events.crashpoints import KILLED
from crm_platform.events.positions import SUSPECT_AFTER
from crm_platform.events.retrying import PROCESSES_ENDED
from crm_platform.ids import new_id
from platform_tests.events.processes import Nursery
from platform_tests.events.support import Ends, running

DEADLY = "consumer.after_effects_before_commit"


async def test_an_event_that_ends_every_process_is_put_aside(ends: Ends, nursery: Nursery) -> None:
    deadly, well = new_id(), new_id()
    await ends.write(deadly, 1)
    async with running(ends.relay()):
        await ends.await_published()
        for _ in range(SUSPECT_AFTER + PROCESSES_ENDED):
            async with nursery.victim(ends, "consumer", crashpoint=DEADLY) as process:
                assert await process.exit_code() == KILLED
        assert await ends.fetch("SELECT 1 FROM dead_letter") == []

        async with running(ends.consumer(), ends.redriver()):
            await ends.await_rows("SELECT 1 FROM dead_letter WHERE kind = 'failed'")
            await ends.write(deadly, 2)
            await ends.write(well, 1)
            await ends.await_rows("SELECT 1 FROM dead_letter WHERE kind = 'parked'")
            await ends.await_effects(1)
            before = await ends.versions(deadly), await ends.versions(well)
            [letter, _] = await dead_letters.list_letters(await ends.reader(), aggregate_id=deadly)
            await dead_letters.request_redrive(await ends.reader())
            await ends.await_effects(3)

    assert before == ([], [1])
    assert letter.reason.startswith("ProcessEndedError: 3 processes ended while they handled this event")
    assert letter.attempts == PROCESSES_ENDED
    assert await ends.versions(deadly) == [1, 2]
    assert await ends.fetch("SELECT 1 FROM consumer_position WHERE next_offset > 0 AND starts + attempts > 0") == []


async def test_restarts_over_nothing_to_do_are_held_against_no_event(ends: Ends) -> None:
    aggregate = new_id()
    for number in range(SUSPECT_AFTER + PROCESSES_ENDED + 2):
        async with running(ends.consumer()):
            await ends.await_rows("SELECT 1 FROM consumer_position HAVING min(starts) > $1", number)
    await ends.write(aggregate, 1)
    async with running(ends.relay(), ends.consumer()):
        await ends.await_effects(1)
    assert await ends.fetch("SELECT 1 FROM dead_letter") == []
    assert await ends.versions(aggregate) == [1]
