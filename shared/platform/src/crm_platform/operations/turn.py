"""One operation's turn at a worker: step after step, until it ends, gives way, waits, or fails."""

import asyncio
import random
import time
from dataclasses import replace
from typing import Any

import structlog
from pydantic import TypeAdapter

from crm_platform.auth.claims import Claims
from crm_platform.context import Caller, Cause, system_caller
from crm_platform.db import Connection
from crm_platform.db.database import CONNECTION_ERRORS
from crm_platform.errors import DomainError
from crm_platform.events.crashpoints import crashpoint
from crm_platform.events.failures import FencedError, passes, reason_of
from crm_platform.events.supervise import meanwhile
from crm_platform.http.problems import problem_of
from crm_platform.operations import queue
from crm_platform.operations.errors import OperationAbandoned, OperationFailed, RequesterGone
from crm_platform.operations.foresight import Foresight
from crm_platform.operations.host import Host
from crm_platform.operations.kinds import Ahead, Done, Later, More, Next, OperationKind, Progress, Step
from crm_platform.operations.lifecycle import OperationStatus, Wish
from crm_platform.uow import UnitOfWork

_log = structlog.get_logger(__name__)


class WishHeardError(Exception):
    """Somebody wants the operation to stop while it prepares a step."""


class Turn:
    """Works on one operation that this worker has taken up."""

    def __init__(self, host: Host, kind: OperationKind[Any], mine: queue.Claimed) -> None:
        self._host = host
        self._kind = kind
        self._mine = mine
        self._input: Any = None
        self._foresight = Foresight()
        self._over = float("inf")
        self._left = False
        """The claim was given up, in a transaction that has committed."""
        self._log = _log.bind(operation=str(mine.id), kind=kind.name, tenant=str(mine.tenant_id))

    async def run(self, stop: asyncio.Event) -> None:
        """Work until the operation ends or waits, its turn is over, or the worker has to stop; never raises."""
        self._over = time.monotonic() + self._host.settings.turn
        try:
            while await self._go_on():
                if stop.is_set() or (not self._foresight.is_at_work and await self._gives_way()):
                    await self._give_back()
                    return
        except FencedError:
            self._host.metrics.fenced.inc()
            self._log.warning("operation_lost")
        except asyncio.CancelledError:
            await self._let_go()
            raise
        except Exception as error:  # noqa: BLE001  steps raise what they like
            await self._failed(error)
        finally:
            await self._foresight.drop()

    async def _gives_way(self) -> bool:
        """Whether the turn is over; where nobody waits for that, it begins anew.

        Nothing is prepared ahead of the first step of a turn, so turns that need not end cost a long operation much.
        """
        if time.monotonic() <= self._over:
            return False
        async with self._host.database.system() as connection:
            seconds = await queue.next_due(connection)
        if seconds is not None and seconds <= 0:
            return True
        self._over = time.monotonic() + self._host.settings.turn
        return False

    async def _go_on(self) -> bool:
        """Do what is next; whether there may be more."""
        mine = self._mine
        self._input = self._kind.input.model_validate(mine.input)  # before any end, of which the kind is told with it
        if mine.deaths >= self._host.settings.deaths:
            await self._end(OperationStatus.FAILED, OperationAbandoned(deaths=mine.deaths))
            return False
        if mine.wish is Wish.CANCEL:
            await self._end(OperationStatus.CANCELLED)
            return False
        if mine.wish is Wish.PAUSE:
            await self._give_back()
            return False
        try:
            prepared = await self._prepare()
        except WishHeardError:
            return True
        return await self._do(prepared)

    async def _prepare(self) -> Any:
        kind, mine = self._kind, self._mine
        if kind.prepare is None:
            return None

        ahead = self._ahead(mine.cursor)

        async def listen() -> None:
            told = ahead.gauge.read()
            if await self._keep(None if told is None else mine.done + told) is not None:
                raise WishHeardError

        with ahead.gauge:
            preparing = await self._foresight.take(mine.cursor) or kind.prepare(ahead)
            return await meanwhile(preparing, listen, every=min(1.0, self._host.settings.lease / 3))

    def _ahead(self, cursor: Any) -> Ahead[Any]:
        mine, host = self._mine, self._host
        return Ahead(
            id=mine.id,
            tenant_id=mine.tenant_id,
            caller=self._requester(),
            input=self._input,
            cursor=cursor,
            compute=host.compute,
            database=host.database,
            objects=host.objects,
        )

    async def _look_ahead(self, prepared: Any) -> None:
        """Begin to prepare the step behind the present one, if that can be told and there is time for it."""
        kind = self._kind
        cursor = None if kind.foresee is None else kind.foresee(prepared)
        if cursor is not None and kind.prepare is not None and not await self._gives_way():
            self._foresight.begin(cursor, kind.prepare(self._ahead(cursor)))

    async def _keep(self, done: int | None = None) -> Wish | None:
        try:
            async with self._host.database.system() as connection:
                wish = await queue.keep(connection, self._mine, self._host.lease, done=done)
        except FencedError:
            if self._left:  # by the step that this was to keep it for
                return None
            raise
        self._mine = replace(self._mine, wish=wish)
        return wish

    async def _do(self, prepared: Any) -> bool:
        """Do one step; whether there may be more."""
        await self._look_ahead(prepared)
        timer = self._host.metrics.step_seconds.labels(self._kind.name).time()
        with timer:
            return await meanwhile(self._transaction(prepared), self._keep, every=self._host.settings.lease / 3)

    async def _transaction(self, prepared: Any) -> bool:
        mine = self._mine
        async with (
            asyncio.timeout(self._kind.step_seconds),
            self._host.database.transaction(mine.tenant_id) as connection,
        ):
            # The session of a worker that freezes here is gone, with its locks, when others take over.
            await connection.execute(
                f"SET LOCAL idle_in_transaction_session_timeout = {int(self._host.settings.lease * 1000)}"
            )
            unit = UnitOfWork(connection, await self._caller(connection), self._cause())
            step = self._step(unit, prepared)
            following = await self._kind.step(step)
            crashpoint("operation.after_effects_before_commit")
            after = await self._write_down(step, following)
        self._left = after is None
        crashpoint("operation.after_commit")
        if unit.wrote:
            self._host.bell.ring()
        if isinstance(following, Done):
            self._count(OperationStatus.SUCCEEDED)
        if after is not None:
            self._mine = after
        return after is not None

    async def _write_down(self, step: Step[Any], following: Next) -> queue.Claimed | None:
        """Move the cursor, or end the operation; returns how it goes on from there."""
        connection, mine, progress = step.unit.connection, self._mine, step.progress
        if isinstance(following, More):
            wish = await queue.advance(connection, mine, following.cursor, progress, self._host.lease)
            figures: dict[str, Any] = {"done": progress.done, "total": progress.total, "counters": progress.counters}
            return replace(mine, cursor=following.cursor, wish=wish, failures=0, deaths=0, **figures)
        if isinstance(following, Later):
            await queue.wait(connection, mine, following.cursor, progress, following.at)
            return None
        if self._kind.ended is not None:
            await self._kind.ended(step, OperationStatus.SUCCEEDED)
        await queue.finish(connection, mine, OperationStatus.SUCCEEDED, progress, result=following.result)
        return None

    def _count(self, status: OperationStatus) -> None:
        self._host.metrics.finished.labels(self._kind.name, status.value).inc()

    def _step(self, unit: UnitOfWork, prepared: Any) -> Step[Any]:
        mine = self._mine
        progress = Progress(mine.done, mine.total, dict(mine.counters))
        return Step(unit=unit, id=mine.id, input=self._input, cursor=mine.cursor, prepared=prepared, progress=progress)

    async def _caller(self, connection: Connection) -> Caller:
        """On whose behalf the step works, with the rights of this moment.

        Raises:
            RequesterGone: Whoever asked has none.
        """
        asked = self._requester()
        if asked is None or self._kind.as_system:
            return self._system(asked)
        if self._host.standing is None:
            return asked
        now = await self._host.standing(connection, asked, self._mine.created_at)
        if now is None:
            raise RequesterGone
        return now

    def _requester(self) -> Caller | None:
        claims = self._mine.caller
        return Claims.model_validate(claims).to_caller() if claims is not None else None

    def _system(self, asked: Caller | None) -> Caller:
        own = system_caller(self._mine.tenant_id, self._host.service)
        return replace(own, language=asked.language) if asked is not None else own

    def _cause(self) -> Cause:
        return _CAUSE.validate_python(self._mine.cause)

    async def _give_back(self) -> None:
        async with self._host.database.system() as connection:
            await queue.give_back(connection, self._mine)

    async def _let_go(self) -> None:
        """Leave the operation to others at once, since this worker stops; if that fails, its claim runs out."""
        try:
            async with asyncio.timeout(2):
                await self._give_back()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  the claim runs out by itself
            self._log.warning("operation_not_given_back", error=f"{type(error).__name__}: {error}"[:300])

    async def _failed(self, error: Exception) -> None:
        """Have the step tried again later, or end the operation; if even that fails, the claim runs out."""
        self._log.warning("operation_step_failed", error=f"{type(error).__name__}: {error}"[:300])
        tries = self._mine.failures + 1
        try:
            if tries < self._limit(error):
                self._host.metrics.retries.labels(self._kind.name).inc()
                async with self._host.database.system() as connection:
                    await queue.put_off(connection, self._mine, reason_of(error), self._delay())
            else:
                await self._end(OperationStatus.FAILED, self._problem(error, tries), reason_of(error))
        except FencedError:
            self._host.metrics.fenced.inc()
        except Exception as second:  # noqa: BLE001  the database may be away
            self._log.warning("operation_not_put_off", error=f"{type(second).__name__}: {second}"[:300])

    def _limit(self, error: Exception) -> int:
        """How many attempts at a step such an error is worth."""
        lost = isinstance(error, CONNECTION_ERRORS) and not isinstance(error, ValueError)
        if lost or passes(error):
            return self._kind.tries
        return 1 if isinstance(error, DomainError) else self._host.settings.faults

    def _delay(self) -> float:
        settings = self._host.settings
        longest: float = min(settings.first_retry * 2.0**self._mine.failures, settings.longest_retry)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311  spreading load, not a secret

    def _problem(self, error: Exception, tries: int) -> DomainError:
        if isinstance(error, DomainError):
            return error
        return OperationFailed(tries=tries, correlation_id=self._mine.cause["correlation_id"])

    async def _end(
        self, status: OperationStatus, problem: DomainError | None = None, reason: str | None = None
    ) -> None:
        """End the operation without another step, also if the kind cannot be told of it."""
        try:
            await self._conclude(status, problem, reason, telling=True)
        except FencedError:
            raise
        except Exception:  # noqa: BLE001  kinds raise what they like
            self._log.exception("operation_end_not_told")
            await self._conclude(status, problem, reason, telling=False)

    async def _conclude(
        self, status: OperationStatus, problem: DomainError | None, reason: str | None, *, telling: bool
    ) -> None:
        mine = self._mine
        async with self._host.database.transaction(mine.tenant_id) as connection:
            unit = UnitOfWork(connection, self._system(self._requester()), self._cause())
            step = self._step(unit, None)
            if telling and self._kind.ended is not None:
                await self._kind.ended(step, status)
            shown = problem_of(problem, unit.caller.language) if problem is not None else None
            await queue.finish(connection, mine, status, step.progress, problem=shown, error=reason)
        self._count(status)
        if unit.wrote:
            self._host.bell.ring()


_CAUSE = TypeAdapter(Cause)
