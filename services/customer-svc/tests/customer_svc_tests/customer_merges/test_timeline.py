"""The timeline of a customer goes into a merge and comes back out of it; a real worker hears of both."""

from crm_platform.testing.events import StartWorker
from crm_platform.testing.waiting import until
from customer_svc_tests.customer_merges.support import Office, Record
from customer_svc_tests.customer_merges.test_merging import MET


async def _told(office: Office, customer: Record) -> list[tuple[str, str]]:
    answer = await office.send("GET", f"/v1/customers/{customer['id']}/timeline?limit=50")
    if answer.status_code != 200:
        return [("status", str(answer.status_code))]
    return sorted((one["type"], one["source_id"]) for one in answer.json()["items"])


async def test_what_happened_goes_along_and_comes_back(office: Office, start_worker: StartWorker) -> None:
    await start_worker(office.service)
    kept, other = await office.customer("kept"), await office.customer("other")
    met = await office.enter("/v1/communications", customer_id=other["id"], **MET)
    before = [("communication.recorded", met["id"]), ("customer.created", other["id"])]

    async def shows(customer: Record, entries: list[tuple[str, str]]) -> bool:
        return set(entries) <= set(await _told(office, customer))

    await until(lambda: shows(other, before))
    outcome = await office.merge(kept, other)
    await until(lambda: shows(kept, [*before, ("customer.created", kept["id"])]))
    assert await _told(office, other) == [("status", "308")]
    await office.unmerge(outcome)
    await until(lambda: shows(other, before))

    async def alone() -> bool:
        return not {source for _, source in await _told(office, kept)} & {met["id"], other["id"]}

    await until(alone)
