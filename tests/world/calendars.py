"""Addresses of calendars, and what is behind them, in each service that has some."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]
_Recipe: TypeAlias = Callable[[Any], Awaitable[Record]]


def _behind(feeds: str) -> _Recipe:
    async def behind(world: Any) -> Record:
        """The name in an address, and the secret that opens it."""
        issued = await world.post(feeds)
        name, _, query = issued["path"].rpartition("/")[2].partition(".ics?")
        return {"id": name, "secret": query.removeprefix("secret=")}

    return behind


def _issued(feeds: str) -> _Recipe:
    async def issued(world: Any) -> Record:
        made: Record = await world.post(feeds)
        return made

    return issued


async def its_secret(_: Any, calendar: Record) -> dict[str, str]:
    """What opens a calendar."""
    return {"secret": calendar["secret"]}


FEEDS = {
    "customer-svc": ("/v1/calendar-feeds", "/v1/calendars"),
    "project-svc": ("/v1/project-calendar-feeds", "/v1/project-calendars"),
}

RECIPES: dict[tuple[str, str], _Recipe] = {
    **{(service, feeds): _issued(feeds) for service, (feeds, _) in FEEDS.items()},
    **{(service, calendars): _behind(feeds) for service, (feeds, calendars) in FEEDS.items()},
}
QUERIES = {"show_calendar": its_secret, "show_project_calendar": its_secret}
