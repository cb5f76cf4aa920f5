"""What the middleware learned about a request, kept in its ASGI scope."""

from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from starlette.requests import Request

from crm_platform.context import Caller, Cause
from crm_platform.words import Words

SCOPE_KEY = "crm"


@dataclass(slots=True)
class RequestContext:
    """One request: who asks, under which correlation id, in which trace."""

    correlation_id: UUID
    traceparent: str | None
    caller: Caller | None
    refusal: Words
    """Why there is no caller; for the 401 problem."""
    language: Literal["zh", "en"]
    deadline: float = float("inf")
    """Time of the event loop's clock by which the request has to be answered."""

    @property
    def speaker(self) -> Caller | None:
        """The caller, in the language in which this request wants to be answered."""
        caller = self.caller
        return caller if caller is None or caller.language == self.language else replace(caller, language=self.language)

    def cause(self, caller: Caller) -> Cause:
        """The cause of whatever this request changes."""
        return Cause(
            actor=caller.actor,
            correlation_id=self.correlation_id,
            origin=caller.system,
            traceparent=self.traceparent,
        )


def context_of(request: Request) -> RequestContext:
    """The context that the middleware put into the request's scope."""
    context: Any = request.scope[SCOPE_KEY]
    return context  # type: ignore[no-any-return]
