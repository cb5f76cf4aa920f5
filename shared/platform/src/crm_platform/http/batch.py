"""Batches: many records in one call, a result for each, one bad record never spoils the others."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import asyncpg
import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, WrapValidator
from pydantic_core import ErrorDetails
from starlette.responses import Response

from crm_platform.db.database import Savepoint
from crm_platform.errors import DomainError
from crm_platform.http.problems import from_database_error, from_validation_error, problem_of
from crm_platform.http.responses import JSON
from crm_platform.uow import UnitOfWork

T = TypeVar("T", bound=BaseModel)

MAX_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class InvalidItem:
    """An item that does not fit its schema; kept in its place so that the others can go on."""

    errors: list[ErrorDetails]


def _keep_errors(value: Any, validate: Callable[[Any], Any]) -> Any:
    try:
        return validate(value)
    except ValidationError as error:
        return InvalidItem(error.errors(include_url=False))


class BatchMode(StrEnum):
    """What to do with an item whose external id is already known."""

    CREATE = "create"
    UPSERT = "upsert"


class BatchRequest(BaseModel, Generic[T]):
    """Up to 1,000 records; each is checked and written on its own."""

    model_config = ConfigDict(extra="forbid")

    items: list[Annotated[T, WrapValidator(_keep_errors)]] = Field(min_length=1, max_length=MAX_ITEMS)
    mode: BatchMode = Field(
        default=BatchMode.CREATE, description="`upsert` updates the record that carries the same external id."
    )


class BatchStatus(StrEnum):
    """What became of one item."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class BatchResult(BaseModel):
    """What became of one item."""

    index: int
    status: BatchStatus
    id: UUID | None = None
    version: int | None = None
    problem: dict[str, Any] | None = None


class BatchResponse(BaseModel):
    """The results, in the order of the items, and how many of each there are."""

    results: list[BatchResult]
    created: int
    updated: int
    unchanged: int
    failed: int


@dataclass(frozen=True, slots=True)
class Written:
    """A record after a batch has dealt with it."""

    status: BatchStatus
    id: UUID
    version: int


One = Callable[[UnitOfWork, Any], Awaitable[Written]]
Many = Callable[[UnitOfWork, Sequence[Any]], Awaitable[Sequence[Written | DomainError]]]


def rounds(keys: Sequence[Iterable[Hashable]]) -> list[list[int]]:
    """Split items into rounds, so that no two items of a round share a key and items that do keep their order.

    A batch that names a record twice can then be written round by round, each in bulk.

    Args:
        keys: The keys of each item.

    Returns:
        The indices of the items of each round.
    """
    last: dict[Hashable, int] = {}
    split: list[list[int]] = []
    for index, own in enumerate(map(set, keys)):
        number = max((last[key] + 1 for key in own if key in last), default=0)
        last |= dict.fromkeys(own, number)
        if number == len(split):
            split.append([])
        split[number].append(index)
    return split


async def run_batch(unit: UnitOfWork, items: Sequence[Any], *, many: Many, one: One | None = None) -> Response:
    """Write ``items``: all that are well formed at once, and one by one only if that is refused.

    Args:
        unit: The transaction of the request; what succeeds is committed together.
        items: Parsed items, or :class:`InvalidItem` in the place of malformed ones.
        many: Writes a list of items and returns what became of each: written, or the problem with it (then nothing
            was written for it). If it raises instead, its effects are undone and the items are tried singly.
        one: Writes one item; raises its problem. Without it, ``many`` gets the items one at a time.
    """
    one = one or _singly(many)
    language = unit.caller.language
    results: dict[int, BatchResult] = {}
    sound: list[tuple[int, Any]] = []
    for index, item in enumerate(items):
        if isinstance(item, InvalidItem):
            results[index] = _failed(index, from_validation_error(_in_body(item.errors), language), language)
        else:
            sound.append((index, item))
    for result in await _write(unit, sound, many, one):
        results[result.index] = result
    return _respond([results[index] for index in range(len(items))])


async def _write(unit: UnitOfWork, sound: list[tuple[int, Any]], many: Many, one: One) -> list[BatchResult]:
    if not sound:
        return []
    try:
        async with Savepoint(unit.connection):
            written = await many(unit, [item for _, item in sound])
    except (DomainError, asyncpg.PostgresError) as error:
        if isinstance(error, asyncpg.PostgresError) and from_database_error(error) is None:
            raise
        return [await _write_one(unit, index, item, one) for index, item in sound]
    language = unit.caller.language
    return [
        _failed(index, done, language) if isinstance(done, DomainError) else _done(index, done)
        for (index, _), done in zip(sound, written, strict=True)
    ]


def _singly(many: Many) -> One:
    async def one(unit: UnitOfWork, item: Any) -> Written:
        (outcome,) = await many(unit, [item])
        if isinstance(outcome, DomainError):
            raise outcome
        return outcome

    return one


async def _write_one(unit: UnitOfWork, index: int, item: Any, one: One) -> BatchResult:
    try:
        async with Savepoint(unit.connection):
            return _done(index, await one(unit, item))
    except DomainError as error:
        return _failed(index, error, unit.caller.language)
    except asyncpg.PostgresError as error:
        known = from_database_error(error)
        if known is None or known.retryable:
            raise
        return _failed(index, known, unit.caller.language)


def _done(index: int, written: Written) -> BatchResult:
    return BatchResult(index=index, status=written.status, id=written.id, version=written.version)


def _in_body(errors: list[ErrorDetails]) -> list[dict[str, Any]]:
    return [{**error, "loc": ("body", *error["loc"])} for error in errors]


def _failed(index: int, error: DomainError, language: str) -> BatchResult:
    return BatchResult(index=index, status=BatchStatus.FAILED, problem=problem_of(error, language))


def _respond(results: list[BatchResult]) -> Response:
    counts = {status.value: sum(result.status is status for result in results) for status in BatchStatus}
    body = {"results": [result.model_dump(mode="json", exclude_none=True) for result in results], **counts}
    return Response(orjson.dumps(body), media_type=JSON)


__all__ = ["BatchMode", "BatchRequest", "BatchResponse", "BatchStatus", "Written", "rounds", "run_batch"]
