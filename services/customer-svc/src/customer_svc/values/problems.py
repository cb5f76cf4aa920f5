"""Refused values as problem documents."""

from crm_platform.errors import FieldProblem, InvalidPayload
from customer_svc.values.refused import AllRefused, Refused


def unacceptable(refused: AllRefused, language: str) -> InvalidPayload:
    """The problem that names each refused value by its place and its rule, in ``language``."""
    errors = [FieldProblem(_pointer(one), one.code, one.words.into(language)) for one in refused.refusals]
    return InvalidPayload(count=len(errors), errors=errors)


def _pointer(one: Refused) -> str:
    return "".join(f"/{step}" for step in one.place)
