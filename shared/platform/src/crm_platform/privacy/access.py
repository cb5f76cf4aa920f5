"""How a service answers when a person asks what is known of him or her: it gathers, and seals that to the request."""

import zlib
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Column, Index, Integer, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.base import DomainEvent
from crm_contracts.sealing import place
from crm_contracts.subject_access.v1 import (
    AccessAnswerSnapshot,
    SubjectAccessRepeated,
    SubjectAccessRequested,
    SubjectAccessSnapshot,
    ToldRecords,
)
from crm_platform.aggregate import AggregateState
from crm_platform.db.schema import aggregate_table
from crm_platform.events.wire import Record
from crm_platform.privacy.declare import Holding
from crm_platform.privacy.gathering import More, Section, gather, pages
from crm_platform.sealing.boxes import open_sealed, seal_to
from crm_platform.service import Consumer
from crm_platform.store import Aggregate
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words

NOUN = Words("answer to a request for access", "个人信息查阅结果")

_MOST_BYTES: Final = 64 << 20
"""Of one page, unpacked: more than any can have, and less than would hurt."""


class AccessAnswer(AggregateState):
    """One page of what this service holds about a person, sealed to the request."""

    request_id: UUID
    subject_id: UUID
    service: str
    page: int
    pages: int
    records: tuple[ToldRecords, ...] = ()
    content: str


class AccessAnswers:
    """The part of one service in requests for access; built once, where its slices are put together.

    Args:
        metadata: Of the service, which gets a table for its answers.
        service: Its name.
        event: By which it answers, on a topic of its own.
        holdings: What it holds about people.
        more: What it tells beside them.
    """

    def __init__(
        self,
        metadata: MetaData,
        service: str,
        event: type[DomainEvent[AccessAnswerSnapshot]],
        holdings: Sequence[Holding],
        *more: More,
    ) -> None:
        self._service = service
        self._event: type[DomainEvent[Any]] = event
        self._holdings, self._more = tuple(holdings), more
        table = aggregate_table(
            "access_answers",
            metadata,
            Column("request_id", Uuid, nullable=False),
            Column("subject_id", Uuid, nullable=False),
            Column("service", Text, nullable=False),
            Column("page", Integer, nullable=False),
            Column("pages", Integer, nullable=False),
            Column("records", JSONB, nullable=False),
            Column("content", Text, nullable=False, comment="Sealed to the key of the request."),
            Index(None, "tenant_id", "subject_id"),
        )
        self.aggregate = Aggregate(
            name=self._event.aggregate_type,
            plural="access-answers",
            what=NOUN,
            table=table,
            state=AccessAnswer,
            snapshot=AccessAnswerSnapshot,
        )

    @property
    def consumers(self) -> tuple[Consumer, Consumer]:
        """What takes part in requests, also when they are repeated."""
        return Consumer(SubjectAccessRequested, self.answer), Consumer(SubjectAccessRepeated, self.answer)

    async def answer(
        self, unit: UnitOfWork, request: SubjectAccessRequested | SubjectAccessRepeated, _: Record
    ) -> None:
        """Tell what there is; a request that comes again changes nothing."""
        asked = request.state
        if await unit.find(self.aggregate, self._id(asked.id, 1)) is not None:
            return
        sections = await gather(unit, self._holdings, asked.subject_kind, asked.subject_id)
        for tell in self._more:
            sections += await tell(unit, asked.subject_kind, asked.subject_id)
        await unit.insert_many(self.aggregate, self._answers(asked, sections), self._event)

    def _answers(self, asked: SubjectAccessSnapshot, sections: Sequence[Section]) -> list[AccessAnswer]:
        told, contents = tuple(one.told for one in sections), pages(sections)
        return [
            AccessAnswer(
                id=self._id(asked.id, number),
                request_id=asked.id,
                subject_id=asked.subject_id,
                service=self._service,
                page=number,
                pages=len(contents),
                records=told,
                content=seal_to(
                    asked.answer_key, zlib.compress(content), answer_place(asked.id, self._service, number)
                ),
            )
            for number, content in enumerate(contents, 1)
        ]

    def _id(self, request_id: UUID, page: int) -> UUID:
        return uuid5(request_id, f"{self._service}/{page}")


def answer_place(request_id: UUID, service: str, page: int) -> bytes:
    """Where a page of an answer is sealed."""
    return place("access", request_id, service, page)


def open_answer(private: str, content: str, request_id: UUID, service: str, page: int) -> bytes:
    """The JSON of a page of an answer: a list of sections.

    Raises:
        BrokenSeal: It was changed or moved, or is an answer to another request.
    """
    packed = open_sealed(private, content, answer_place(request_id, service, page))
    unpacking = zlib.decompressobj()
    return unpacking.decompress(packed, _MOST_BYTES)
