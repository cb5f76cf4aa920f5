"""The whole system on Apache Kafka: the story on a small company, and every event where it belongs."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm_platform.events.kafka import KafkaOptions, Slot
from crm_platform.events.log_reader import LogReader
from crm_platform.testing.waiting import until
from crm_runtime.demo.hook import STATE_FILE
from crm_runtime.demo.seed import Size, write_company
from tests.real_system import ROOT, RealSystem, running_system

pytestmark = [pytest.mark.e2e, pytest.mark.kafka, pytest.mark.timeout(600)]

PUBLISHERS = ("customer_svc", "sales_svc", "project_svc", "service_desk_svc", "gateway")
TAKERS = ("customer_svc", "sales_svc", "project_svc", "service_desk_svc", "analytics_svc")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    mapping = ROOT / "examples" / "partner_import" / "maven.toml"
    write_company(folder, mapping, seed=7, size=Size(accounts=12, deals=60), today=date(2026, 1, 31))
    return folder


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, company: Path, kafka_bootstrap: str) -> Iterator[RealSystem]:
    arguments = ("--kafka", kafka_bootstrap, "--data", str(company))
    with running_system(tmp_path_factory.mktemp("system"), *arguments, story=True) as system:
        yield system


async def test_the_story_ends_on_the_figures_of_the_files(system: RealSystem, company: Path) -> None:
    with (company / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        deals = list(csv.DictReader(file))
    ending = json.loads((system.folder / STATE_FILE).read_text(encoding="utf-8"))
    stages = {stage["stage"]: stage for stage in ending["sales"]["stages"]}
    counts = Counter(deal["deal_stage"].lower() for deal in deals)
    won = sum((Decimal(deal["close_value"]) for deal in deals if deal["deal_stage"] == "Won"), Decimal())

    assert "broker" not in {record.name for record in system.state.processes}
    assert {name: stage["count"] for name, stage in stages.items()} == dict(counts)
    assert Decimal(stages["won"]["value"]["amount"]) == won
    assert ending["project"]["status"] == "completed"
    assert (ending["satisfaction"]["tickets_resolved"], ending["satisfaction"]["csat"]) == (1, 0.6667)


async def test_every_event_is_in_the_log_and_was_taken_in_once(system: RealSystem) -> None:
    published: Counter[tuple[str, int]] = Counter()
    for package in PUBLISHERS:

        async def all_published(package: str = package) -> bool:
            return not await system.rows(package, "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1")

        await until(all_published, seconds=60)
        sent = "SELECT topic, partition, count(*) AS n FROM outbox GROUP BY 1, 2"
        published.update({(row["topic"], row["partition"]): row["n"] for row in await system.rows(package, sent)})
        assert await system.rows(package, "SELECT 1 FROM relay_epoch") == [], package
    ends = await log_ends(system, published)

    assert sum(published.values()) > 100
    assert {place: end for place, end in ends.items() if end < published[place]} == {}
    for package in TAKERS:

        async def caught_up(package: str = package) -> bool:
            rows = await system.rows(package, "SELECT topic, partition, next_offset FROM consumer_position")
            return all(row["next_offset"] >= ends.get((row["topic"], row["partition"]), 0) for row in rows)

        await until(caught_up, seconds=60)
        assert await system.rows(package, "SELECT type, reason FROM dead_letter") == [], package
        assert await system.rows(package, "SELECT aggregate_id FROM consumer_gap") == [], package


async def log_ends(system: RealSystem, places: Counter[tuple[str, int]]) -> dict[tuple[str, int], int]:
    reader = await LogReader.open(KafkaOptions(bootstrap=system.state.kafka_bootstrap))
    try:
        found = await reader.ends([Slot(*place) for place in places])
    finally:
        await reader.close()
    return {(slot.topic, slot.partition): end for slot, end in found.items()}
