"""A slice whose operations enter products, with every way to go wrong; a part of sales-svc in these tests."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from crm_contracts.base import Money
from crm_contracts.sales.v1 import ProductCreated
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.errors import Conflict, Unavailable
from crm_platform.events.failures import RetryableError
from crm_platform.http.dependencies import UnitOfWorkDep
from crm_platform.http.route import service_router
from crm_platform.ids import new_id
from crm_platform.operations.begin import begin
from crm_platform.operations.endpoints import accepted, begins, operations_router
from crm_platform.operations.gauge import Teller
from crm_platform.operations.kinds import (
    Ahead,
    Done,
    Later,
    More,
    Next,
    NoInput,
    OperationKind,
    Result,
    Step,
    Sweep,
)
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.service import Service
from crm_platform.words import Words
from sales_svc.products.domain import Product
from sales_svc.products.models import PRODUCTS
from sales_svc.slices import SERVICE


class Order(BaseModel):
    """How many products to enter, and what goes wrong on the way."""

    model_config = ConfigDict(extra="forbid")

    products: int
    per_step: int = 2
    name: str = "产品"
    results: bool = True
    fails: str = ""
    at: int = 0


class Refused(Conflict):
    """What a rule of the domain says of a step."""

    code = "refused"
    title, title_zh = "Refused", "被拒绝"
    en, zh = "Not number {number}.", "不能是第 {number} 个。"


@dataclass
class Control:
    """What a test in the same process sees of the steps, and how it holds them."""

    steps: list[tuple[str, int]] = field(default_factory=list)
    """Name and cursor of each step that began."""
    failures: Counter[str] = field(default_factory=Counter)
    ended: list[OperationStatus] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    gate: Callable[[str, int], Awaitable[None]] | None = None
    late_gate: Callable[[str, int], Awaitable[None]] | None = None
    """Behind the effects of the step."""

    async def pass_gate(self, name: str, cursor: int) -> None:
        """Note a step, and hold it if the test wants so."""
        self.steps.append((name, cursor))
        if self.gate is not None:
            await self.gate(name, cursor)


CONTROL = Control()


def product(name: str) -> Product:
    """A product that can be entered any number of times."""
    return Product(id=new_id(), code=new_id().hex, name=name, list_price=Money(amount=Decimal(1), currency="CNY"))


async def enter(step: Step[Order]) -> Next:
    """Enter the next few products."""
    order, done = step.input, step.cursor or 0
    step.progress.total = order.products
    await CONTROL.pass_gate(order.name, done)
    CONTROL.callers.append(step.unit.caller)
    numbers = range(done, min(done + order.per_step, order.products))
    made = [product(f"{order.name} {number + 1}") for number in numbers]
    await step.unit.insert_many(PRODUCTS, made, ProductCreated)
    if order.results:
        await step.record([Result(number + 1, "created", one.id) for number, one in zip(numbers, made, strict=True)])
    if CONTROL.late_gate is not None:
        await CONTROL.late_gate(order.name, done)
    if order.at in numbers:
        _go_wrong(order)
    done += len(made)
    return More(done) if done < order.products else Done({"entered": done})


def _go_wrong(order: Order) -> None:
    CONTROL.failures[order.fails] += 1
    match order.fails:
        case "passing" if CONTROL.failures["passing"] < 3:
            raise RetryableError
        case "away":
            raise Unavailable(what=Words("A file store", "文件存储"))
        case "rule":
            raise Refused(number=order.at)
        case "bug":
            raise ZeroDivisionError


async def note_end(step: Step[Any], status: OperationStatus) -> None:
    """Enter a product that says how it ended."""
    CONTROL.ended.append(status)
    last = product(f"end: {status}")
    await step.unit.insert(PRODUCTS, last, ProductCreated)


async def compute(ahead: Ahead[Order]) -> Any:
    """Sums that take so long that only a cancel ends them, or none."""
    await CONTROL.pass_gate(ahead.input.name, -1)
    if ahead.input.fails == "told":
        return await ahead.compute(tell, ahead.gauge.teller(ahead.input.products), ahead.input.name)
    if ahead.input.fails == "endless":
        return await ahead.compute(sum, range(10**15))
    return await ahead.compute(sum, range(ahead.input.products))


def tell(teller: Teller, flag: str) -> float:
    """Tell of two fifths, then of less, and wait for a file to be there."""
    told = 0.4
    while not Path(flag).exists():
        teller(told)
        time.sleep(0.02)  # allow no-blocking-sleep: it computes, as slowly as the test wants
        told = 0.4 if told < 0.4 else 0.1
    return told


async def keep_sum(step: Step[Order]) -> Next:
    """Keep what was computed."""
    step.progress.total = step.progress.done = step.input.products
    return Done({"sum": step.prepared})


async def look_at(ahead: Ahead[Order]) -> tuple[Order, int]:
    """Nothing that a step needs, but noted."""
    cursor = ahead.cursor or 0
    await CONTROL.pass_gate("ahead", cursor)
    if ahead.input.fails == "ahead" and cursor == ahead.input.at:
        CONTROL.failures["ahead"] += 1
        if CONTROL.failures["ahead"] == 1:
            raise RetryableError
    return ahead.input, cursor


def foreseen(prepared: tuple[Order, int]) -> int | None:
    """The cursor behind a step, or a wrong one."""
    order, cursor = prepared
    following = cursor + order.per_step + (order.fails == "otherwise")
    return following if following < order.products else None


async def twice(step: Step[Order]) -> Next:
    """Wait once, then be done."""
    step.progress.count("looked")
    return Done() if step.cursor else Later(step.unit.now + timedelta(milliseconds=50), cursor="again")


async def sweep(step: Step[NoInput]) -> Next:
    """Note that the company was swept."""
    CONTROL.callers.append(step.unit.caller)
    return Done()


WORDS = Words("a test", "测试")
ENTER = OperationKind(name="test.enter", title=WORDS, input=Order, step=enter, tries=4)
ENTER_AS_SYSTEM = replace(ENTER, name="test.enter-as-system", as_system=True)
ENTER_FIXED = replace(ENTER, name="test.enter-fixed", cancellable=False)
ENTER_TOLD = replace(ENTER, name="test.enter-told", ended=note_end)
COMPUTE = OperationKind(name="test.compute", title=WORDS, input=Order, step=keep_sum, prepare=compute)
FORESEEN = replace(ENTER, name="test.foreseen", prepare=look_at, foresee=foreseen)
TWICE = OperationKind(name="test.twice", title=WORDS, input=Order, step=twice)
SWEEP = Sweep(kind=OperationKind(name="test.sweep", title=WORDS, input=NoInput, step=sweep), every=timedelta(hours=1))
KINDS = {kind.name: kind for kind in (ENTER, ENTER_AS_SYSTEM, ENTER_FIXED, ENTER_TOLD, COMPUTE, FORESEEN, TWICE)}

router = service_router("Tests")


@router.post("/tests/{kind}", **begins("products:write"))
async def begin_test(kind: str, body: Order, unit: UnitOfWorkDep, key: str | None = None) -> Response:
    """Begin an operation."""
    return accepted(await begin(unit, KINDS[kind], body, key=key))


async def nobody_left(_: Connection, caller: Caller, _at: datetime) -> Caller | None:
    """Whoever's name says so has lost all rights, and all others see only what is theirs."""
    return None if caller.name == "Gone" else replace(caller, visibility="own")


WITH_OPERATIONS: Service = replace(
    SERVICE,
    routers=(*SERVICE.routers, router, operations_router()),
    operations=tuple(KINDS.values()),
)
