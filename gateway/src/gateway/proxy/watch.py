"""Notices that the client went away while its request is being answered."""

import asyncio

from starlette.types import Receive

from gateway.proxy.body import RequestBody

_PATIENCE = 0.02
"""Seconds before the watch begins: most requests are answered by then and are spared its cost."""


class DisconnectWatch:
    """Cancels the task that made it when the client closes the connection.

    Only one may wait for the client's messages at a time: the watch begins when the body has been read.
    """

    def __init__(self, receive: Receive, body: RequestBody) -> None:
        self.gone = False
        self._receive = receive
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._watched = asyncio.current_task()
        self._task: asyncio.Task[None] | None = None
        self._start = self._loop.call_later(_PATIENCE, self._begin)

    def end(self) -> None:
        """Stop watching."""
        self._start.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        if self._body.finished:
            self._task = self._loop.create_task(self._watch())
        else:
            self._start = self._loop.call_later(_PATIENCE, self._begin)

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        if self._watched is not None:
            self._watched.cancel()
