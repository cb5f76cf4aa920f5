"""Pages of `docs/examples`: requests, and what is answered; carried out as they stand.

A block `http` is a request: method and path, headers, an empty line, a JSON body, or a text where `Content-Type` says
so. The block `json <status>` after it shows the answer: members that are not shown may be anything, lists are complete.
A block `text <status>` shows a file line by line. An image after a request is what it draws, byte by byte; one with a
title has been drawn by chance, and differs in its numbers. With `WRITE_PICTURES` in the environment they are written.
A text `{name}` keeps the value in its place when it is seen first, and stands for that value from then on. A GET is
repeated until the answer fits, as what is told by events takes a moment; so is whatever is refused because a service
has not heard of a customer or contact yet.
"""

import json
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from crm_platform.testing.waiting import until

Send = Callable[[str, str, dict[str, str], Any], Awaitable[httpx.Response]]
"""Sends method, path, headers and JSON body."""

_BLOCKS = re.compile(
    r"^```http\n(?P<request>.*?)^```\n+(?P<between>(?:(?!```).*\n)*?)"
    r"^(?:```(?P<kind>json|text) (?P<status>\d+)\n(?P<answer>.*?)^```"
    r"|!\[[^\]\n]*\]\((?P<picture>[^)\s]+)(?P<title> \x22[^\x22\n]+\x22)?\))$",
    re.MULTILINE | re.DOTALL,
)
_NAME = re.compile(r"\{([a-z_]+)\}")


_NOT_HEARD_OF = ("unknown_customer", "unknown_contact")
"""Refusals that pass when the news arrives; nothing was done."""


class Lines(list[str]):
    """The lines of a file."""


@dataclass(frozen=True)
class Picture:
    """A file beside the page; one that is drawn by chance only says the same, but for its numbers."""

    path: str
    by_chance: bool

    def is_drawn(self, drawn: bytes, folder: Path) -> bool:
        """Whether it is what was drawn."""
        file = folder / self.path
        if "WRITE_PICTURES" in os.environ:
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(drawn)
        kept = file.read_bytes()
        return _texts(kept) == _texts(drawn) if self.by_chance else kept == drawn


def _texts(drawing: bytes) -> list[str]:
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawing.decode())
    assert texts, "a drawing without words"
    return sorted({re.sub(r"[\d.,:%-]+", "0", text) for text in texts})


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    status: int
    answer: Any
    """As JSON, the lines of a file, or a picture."""


def exchanges(page: str) -> Iterator[Exchange]:
    """What a page shows, in order.

    Raises:
        AssertionError: A request without an answer.
    """
    found = list(_BLOCKS.finditer(page))
    assert len(found) == page.count("```http\n"), "a request without an answer"
    for block in found:
        head, _, body = block["request"].partition("\n\n")
        line, *headers = head.strip().splitlines()
        method, _, path = line.partition(" ")
        named = dict(header.split(": ", 1) for header in headers)
        is_text = named.get("Content-Type", "").startswith("text/")
        sent = body if is_text else json.loads(body or "null")
        yield Exchange(method, path, named, sent, int(block["status"] or httpx.codes.OK), _shown(block))


def _shown(block: re.Match[str]) -> Any:
    if block["picture"]:
        return Picture(block["picture"], by_chance=block["title"] is not None)
    return Lines(block["answer"].splitlines()) if block["kind"] == "text" else json.loads(block["answer"] or "null")


class Reader:
    """Carries pages out."""

    def __init__(self, send: Send, *, folder: Path | None = None, **known: Any) -> None:
        self._send = send
        self._folder = folder or Path()
        self._known = known

    async def carry_out(self, page: str) -> int:
        """Do what ``page`` shows; returns how many exchanges it has."""
        shown = list(exchanges(page))
        for exchange in shown:
            if exchange.method == "GET":
                await self._repeat(exchange)
            else:
                answer = await self._ask_when_heard_of(exchange)
                assert self._fits(exchange, answer), _difference(exchange, answer)
        return len(shown)

    async def _repeat(self, exchange: Exchange) -> None:
        last: list[httpx.Response] = []

        async def fits() -> bool:
            last[:] = [await self._ask(exchange)]
            return self._fits(exchange, last[0])

        await until(fits, seconds=60, why=lambda: _difference(exchange, last[0]))

    async def _ask_when_heard_of(self, exchange: Exchange) -> httpx.Response:
        async def heard_of() -> httpx.Response | None:
            answer = await self._ask(exchange)
            is_news = answer.status_code == httpx.codes.CONFLICT and answer.json().get("code") in _NOT_HEARD_OF
            return None if is_news and exchange.status != httpx.codes.CONFLICT else answer

        async def answered() -> list[httpx.Response]:
            answer = await heard_of()
            return [] if answer is None else [answer]

        return (await until(answered, seconds=60))[0]

    async def _ask(self, exchange: Exchange) -> httpx.Response:
        return await self._send(
            exchange.method,
            str(self._filled(exchange.path)),
            {name: str(self._filled(value)) for name, value in exchange.headers.items()},
            self._filled(exchange.body),
        )

    def _filled(self, value: Any) -> Any:
        """``value`` with what is known in the place of its names."""
        if isinstance(value, dict):
            return {name: self._filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if not isinstance(value, str):
            return value
        whole = _NAME.fullmatch(value)
        if whole is not None:
            return self._known[whole[1]]
        return _NAME.sub(lambda found: str(self._known[found[1]]), value)

    def _fits(self, exchange: Exchange, answer: httpx.Response) -> bool:
        if answer.status_code != exchange.status:
            return False
        if isinstance(exchange.answer, Picture):
            return exchange.answer.is_drawn(answer.content, self._folder)
        if isinstance(exchange.answer, Lines):
            lines = answer.content.decode("utf-8-sig").splitlines()
            return len(lines) == len(exchange.answer) and all(map(self._same_line, exchange.answer, lines))
        return self._same(exchange.answer, answer.json() if answer.content else None)

    def _same_line(self, shown: str, line: str) -> bool:
        names = _NAME.findall(shown)
        pattern = re.sub(_NAME, "\0", shown)
        found = re.fullmatch("(.+)".join(map(re.escape, pattern.split("\0"))), line)
        return found is not None and all(
            self._known.setdefault(name, value) == value for name, value in zip(names, found.groups(), strict=True)
        )

    def _same(self, shown: Any, value: Any) -> bool:
        if isinstance(shown, dict):
            return isinstance(value, dict) and all(
                name in value and self._same(one, value[name]) for name, one in shown.items()
            )
        if isinstance(shown, list):
            return isinstance(value, list) and len(shown) == len(value) and all(map(self._same, shown, value))
        whole = _NAME.fullmatch(shown) if isinstance(shown, str) else None
        if whole is None:
            return bool(shown == value)
        return bool(self._known.setdefault(whole[1], value) == value)


def _difference(exchange: Exchange, answer: httpx.Response) -> str:
    picture = exchange.answer.path if isinstance(exchange.answer, Picture) else None
    shown = picture or json.dumps(exchange.answer, ensure_ascii=False)
    return f"{exchange.method} {exchange.path}: {exchange.status} {shown}, but was {answer.status_code} {answer.text}"
