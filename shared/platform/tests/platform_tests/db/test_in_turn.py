"""Statements that are made while the one before is under way."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from crm_platform.db.in_turn import Statement, in_turn


class Line:
    """One connection: what happens on it, in order; it takes one statement at a time."""

    def __init__(self, *, broken: int | None = None) -> None:
        self.told: list[str] = []
        self._broken = broken
        self._busy = False

    async def run(self, number: int) -> None:
        assert not self._busy
        self._busy = True
        self.told.append(f"{number} sent")
        try:
            for _ in range(3):
                await asyncio.sleep(0)
            if number == self._broken:
                raise LookupError(number)
            self.told.append(f"{number} done")
        except asyncio.CancelledError:
            self.told.append(f"{number} cancelled")
            raise
        finally:
            self._busy = False

    def made(self, count: int, *, unmakable: int | None = None) -> Iterator[Statement]:
        for number in range(1, count + 1):
            if number == unmakable:
                raise ValueError(number)
            self.told.append(f"{number} made")
            yield partial(self.run, number)


async def test_the_next_is_made_while_one_is_under_way() -> None:
    line = Line()
    await in_turn(line.made(3))

    assert line.told == [
        *("1 made", "1 sent", "2 made", "1 done"),
        *("2 sent", "3 made", "2 done", "3 sent", "3 done"),
    ]


async def test_of_nothing_comes_nothing() -> None:
    line = Line()
    await in_turn(line.made(0))

    assert line.told == []


async def test_what_cannot_be_made_is_told_once_the_one_before_has_ended() -> None:
    line = Line()
    with pytest.raises(ValueError, match="2"):
        await in_turn(line.made(3, unmakable=2))

    assert line.told == ["1 made", "1 sent", "1 done"]


async def test_what_cannot_be_made_is_told_before_what_went_wrong_beside_it() -> None:
    with pytest.raises(ValueError, match="2"):
        await in_turn(Line(broken=1).made(3, unmakable=2))


async def test_nothing_is_sent_after_what_went_wrong() -> None:
    line = Line(broken=2)
    with pytest.raises(LookupError):
        await in_turn(line.made(4))

    assert line.told == ["1 made", "1 sent", "2 made", "1 done", "2 sent", "3 made"]


@pytest.mark.parametrize("turns", range(1, 9))
async def test_who_is_stopped_leaves_nothing_under_way(turns: int) -> None:
    line = Line()
    working = asyncio.create_task(in_turn(line.made(2)))
    for _ in range(turns):
        await asyncio.sleep(0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    sent = [one for one in line.told if one.endswith("sent")]
    ended = [one for one in line.told if one.endswith(("done", "cancelled"))]
    assert 1 <= len(sent) == len(ended) <= 2
