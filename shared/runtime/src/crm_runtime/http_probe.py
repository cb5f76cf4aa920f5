"""One HTTP question to one of our own processes, without a client library."""

import asyncio

from crm_runtime.ports import LOOPBACK


async def http_status(port: int, path: str, *, timeout_seconds: float = 5.0) -> int | None:
    """Status code of `GET path` on a loopback port; None when nothing answers in time."""
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _ask(port, path)
    except (OSError, TimeoutError, ValueError, IndexError):
        return None


async def _ask(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        status_line = await reader.readline()
        return int(status_line.split()[1])
    finally:
        writer.close()
