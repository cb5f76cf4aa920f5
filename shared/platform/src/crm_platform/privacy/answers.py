"""How a service takes part in an erasure: it erases, and answers with what it has erased and kept."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Column, Index, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.base import DomainEvent
from crm_contracts.privacy.v1 import ErasedRecords, ErasureAnswerSnapshot, ErasureRequested
from crm_platform.aggregate import AggregateState
from crm_platform.db.schema import aggregate_table
from crm_platform.events.wire import Record
from crm_platform.privacy.declare import Holding
from crm_platform.privacy.erasing import erase
from crm_platform.service import Consumer
from crm_platform.store import Aggregate
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words

NOUN = Words("answer to an erasure", "删除结果")


class ErasureAnswer(AggregateState):
    """What this service has erased, and what it has kept."""

    erasure_id: UUID
    subject_id: UUID
    service: str
    records: tuple[ErasedRecords, ...] = ()


class ErasureAnswers:
    """The part of one service in erasures; built once, where its slices are put together.

    Args:
        metadata: Of the service, which gets a table for its answers.
        service: Its name.
        event: By which it answers, on a topic of its own.
        holdings: What it holds about people.
    """

    def __init__(
        self,
        metadata: MetaData,
        service: str,
        event: type[DomainEvent[ErasureAnswerSnapshot]],
        holdings: Sequence[Holding],
    ) -> None:
        self.holdings = tuple(holdings)
        self._service = service
        self._event: type[DomainEvent[Any]] = event
        table = aggregate_table(
            "erasure_answers",
            metadata,
            Column("erasure_id", Uuid, nullable=False),
            Column("subject_id", Uuid, nullable=False),
            Column("service", Text, nullable=False),
            Column("records", JSONB, nullable=False),
            Index(None, "tenant_id", "subject_id"),
        )
        self.aggregate = Aggregate(
            name=self._event.aggregate_type,
            plural="erasure-answers",
            what=NOUN,
            table=table,
            state=ErasureAnswer,
            snapshot=ErasureAnswerSnapshot,
        )

    @property
    def consumer(self) -> Consumer:
        """What takes part in erasures."""
        return Consumer(ErasureRequested, self.answer)

    async def answer(self, unit: UnitOfWork, request: ErasureRequested, _: Record) -> None:
        """Erase, and answer; a request that comes again changes nothing."""
        asked = request.state
        id = uuid5(asked.id, self._service)
        if await unit.find(self.aggregate, id) is not None:
            return
        records = await erase(unit, self.holdings, asked.subject_kind, asked.subject_id, asked.holds)
        answer = ErasureAnswer(
            id=id, erasure_id=asked.id, subject_id=asked.subject_id, service=self._service, records=records
        )
        await unit.insert(self.aggregate, answer, self._event)
