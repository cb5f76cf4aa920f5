"""How far a computation in another process is, seen while it goes on."""

import tempfile
from pathlib import Path
from typing import Any

import pytest

from crm_platform.context import Caller
from crm_platform.operations.gauge import Gauge
from crm_platform.testing.waiting import until
from platform_tests.operations.support import House


async def test_what_a_computation_tells_is_shown_before_it_ends(house: House, agent: Caller, tmp_path: Path) -> None:
    flag = tmp_path / "go on"
    async with house.working():
        path = await house.begin(agent, "test.compute", products=50, fails="told", name=str(flag))

        async def told() -> dict[str, Any] | None:
            found = await house.get(agent, path)
            return found if found["progress"]["done"] == 20 else None

        begun = await until(told, seconds=60)
        versions = [begun["version"]]
        for _ in range(3):
            seen = await house.get(agent, path)
            versions.append(seen["version"])
            assert (seen["status"], seen["progress"]["done"]) == ("running", 20)
        flag.touch()

        async def over() -> dict[str, Any] | None:
            found = await house.get(agent, path)
            return found if found["finished_at"] else None

        ended = await until(over, seconds=60)

    assert (begun["status"], set(versions)) == ("running", {begun["version"]})
    assert (ended["status"], ended["progress"]["done"], ended["progress"]["total"]) == ("succeeded", 50, 50)
    assert ended["version"] > begun["version"]


def test_a_gauge_shows_what_was_told_last_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Gauge() as gauge:
        assert (gauge.read(), list(tmp_path.iterdir())) == (None, [])
        teller = gauge.teller(200)
        seen = [gauge.read()]
        for share in (0.25, 0.5, 7.0, -1.0):
            teller(share)
            seen.append(gauge.read())
        assert seen == [0, 50, 100, 200, 0]

    teller(0.5)
    assert (gauge.read(), list(tmp_path.iterdir())) == (None, [])


def test_a_file_that_is_gone_ends_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Gauge() as gauge:
        teller = gauge.teller(10)
        next(tmp_path.iterdir()).unlink()
        teller(1.0)
        assert gauge.read() is None
