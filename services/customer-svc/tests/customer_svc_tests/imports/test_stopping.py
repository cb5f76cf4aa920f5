"""An import that is stopped goes on where it stood, and comes to what it would have come to."""

from customer_svc_tests.imports.support import Importer, as_csv

COUNT = 1200
"""Rows of three steps."""


def rows() -> list[list[str]]:
    """Customers, every tenth of whom comes twice and every fiftieth of whom cannot be read."""
    made = []
    for number in range(COUNT):
        id = f"K-{number - 1 if number % 10 == 9 else number}"
        staff = "很多" if number % 50 == 0 else "7"
        made.append([id, f"第 {number} 号公司", "", f"138{number:08}", "", "上海", staff, "B", ""])
    return made


async def test_paused_and_resumed_it_comes_to_the_same(importer: Importer) -> None:
    path = await importer.mapped(as_csv(rows()), alike="ignore", match_by=["external_id"])
    begun = (await importer.client.post(f"{path}/run")).json()["id"]
    paused = await importer.client.post(f"/v1/operations/{begun}/pause")
    assert paused.status_code == 202
    rested = await importer.reaches(begun, "paused")
    await importer.client.post(f"/v1/operations/{begun}/resume")
    done = await importer.ended(begun)

    assert rested["progress"]["done"] in {0, 500, 1000, 1200}
    assert done["counters"] == {"created": COUNT - 120 - 24, "skipped": 120, "failed": 24}


async def test_cancelled_it_can_be_taken_back_or_run_again(importer: Importer) -> None:
    path = await importer.mapped(as_csv(rows()), alike="ignore", match_by=["external_id"])
    begun = (await importer.client.post(f"{path}/run")).json()["id"]
    assert (await importer.client.post(f"/v1/operations/{begun}/cancel")).status_code == 202
    await importer.ended(begun, "cancelled")
    stopped = await importer.get(path)
    again = await importer.done(path, "run")

    assert stopped["status"] == "stopped"
    assert sum(again["counters"].values()) == COUNT
    assert again["counters"]["failed"] == 24
    assert len(await importer.sql("SELECT 1 FROM customers WHERE true")) == COUNT - 120 - 24
