"""Refused values as problem documents."""

from collections.abc import Iterator
from contextlib import contextmanager

from crm_platform.errors import FieldProblem, InvalidPayload
from customer_svc.values.refused import AllRefused, Refused


def unacceptable(refused: AllRefused, language: str) -> InvalidPayload:
    """The problem that names each refused value by its place and its rule, in ``language``."""
    errors = [FieldProblem(_pointer(one), one.code, one.words.into(language)) for one in refused.refusals]
    return InvalidPayload(count=len(errors), errors=errors)


@contextmanager
def told(language: str) -> Iterator[None]:
    """Tell of refused values as a problem.

    Raises:
        InvalidPayload: What was done inside refused values.
    """
    try:
        yield
    except AllRefused as refused:
        raise unacceptable(refused, language) from refused


def _pointer(one: Refused) -> str:
    return "".join(f"/{step}" for step in one.place)
