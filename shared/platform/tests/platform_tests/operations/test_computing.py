"""What is raised in a process for computing, and how it arrives."""

import asyncio
import os
import signal
from collections.abc import Callable
from threading import Lock
from typing import Any

import pytest

from crm_platform.errors import Conflict, FieldProblem, InvalidPayload, NotFound
from crm_platform.http.problems import problem_of
from crm_platform.operations.compute import ComputationError, Compute
from crm_platform.words import Words


class TooSteep(Conflict):
    """A refusal whose constructor wants something that its arguments do not tell."""

    code = "too_steep"
    en, zh = "It is steeper than {most}.", "坡度超过 {most}。"

    def __init__(self, *, places: list[str], most: int) -> None:
        self.places = places
        super().__init__(most=most)

    def members(self, language: str) -> dict[str, Any]:
        """Where."""
        return {"places": self.places, "language": language}


class WornError(ValueError):
    """One of a library, with a positional constructor and another text."""

    def __init__(self, part: str, times: int) -> None:
        self.part, self.times = part, times
        super().__init__(f"{part} used {times} times")


class LockedError(Exception):
    """One that cannot leave its process."""

    def __init__(self) -> None:
        self.lock = Lock()
        super().__init__("held here")


def steep(most: int) -> None:
    raise TooSteep(places=["北坡"], most=most)


def misfit() -> None:
    problem = FieldProblem("/tasks/3/duration", "less_than", "too long")
    raise InvalidPayload(count=1, errors=[problem]) from ValueError("the reason")


def missing() -> None:
    raise NotFound(what=Words("task", "任务"), id="7")


def worn() -> None:
    raise WornError("belt", 9)


def locked() -> None:
    raise LockedError


async def raised(function: Callable[..., None], *arguments: Any) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  (which one is what the tests ask)
        await Compute(2)(function, *arguments)
    return caught.value


async def test_what_is_raised_comes_back_as_it_was_or_says_all_it_can() -> None:
    ways = (steep, 12), (misfit,), (missing,), (worn,), (locked,)
    steep_, misfit_, missing_, worn_, locked_ = [await raised(*way) for way in ways]

    assert isinstance(steep_, TooSteep)
    assert isinstance(misfit_, InvalidPayload)
    assert isinstance(missing_, NotFound)
    assert [one.detail("zh") for one in (steep_, missing_)] == ["坡度超过 12。", "未找到任务（7）。"]
    assert (steep_.status, problem_of(steep_, "zh")["places"]) == (409, ["北坡"])
    assert problem_of(misfit_, "en")["errors"] == [
        {"pointer": "/tasks/3/duration", "code": "less_than", "detail": "too long"}
    ]
    [note] = misfit_.__notes__
    assert ("in misfit" in note, "the reason" in note) == (True, True)
    assert isinstance(worn_, WornError)
    assert (worn_.part, worn_.times, str(worn_)) == ("belt", 9, "belt used 9 times")
    assert type(locked_) is ComputationError
    assert ("held here" in str(locked_), "in locked" in str(locked_)) == (True, True)
    assert await Compute(1)(len, "afterwards") == 10


def large(size: int) -> bytes:
    return b"\xe4" * size


async def stopped_and_gone_on() -> None:
    compute, size = Compute(1), 8_000_000

    first = await compute(large, size)
    process = await compute(os.getpid)
    os.kill(process, signal.SIGSTOP)
    asking = asyncio.create_task(compute(large, size + 1))
    await asyncio.sleep(0)
    os.kill(process, signal.SIGCONT)
    second = await asking
    again = await compute(os.getpid)

    assert (len(first), set(first), len(second), again) == (size, {0xE4}, size + 1, process)


def test_what_fits_no_pipe_arrives_whole_also_from_a_process_that_was_stopped() -> None:
    asyncio.run(stopped_and_gone_on())  # the processes are those of a loop, and end with the first task in it
