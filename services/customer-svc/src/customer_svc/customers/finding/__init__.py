"""Finding customers by what is sealed: their phones and e-mail addresses."""

from typing import Any, TypeAlias

from crm_platform.context import Caller
from crm_platform.errors import InvalidParameter
from crm_platform.reads.veil import Condition
from crm_platform.sealing.index import BlindIndex
from customer_svc.customers.models import HAS_KEY, IS_SHOWN
from customer_svc.values.emails import email_key, parse_address
from customer_svc.values.phones import parse_number
from customer_svc.values.refused import Refused

Found: TypeAlias = tuple[tuple[Condition, ...], dict[str, Any]]
"""Conditions of a list, and their parameters."""


def found_by(caller: Caller, kind: str, text: str, index: BlindIndex) -> Found:
    """The conditions on customers that have a phone or an e-mail address (``kind``), and their parameters.

    Of customers in the pool whose personal data is hidden from the caller, nothing is found by it.

    Raises:
        InvalidParameter: The text is no phone number, or no e-mail address.
    """
    try:
        value = parse_number(text).e164 if kind == "phone" else email_key(parse_address(text))
    except Refused as refused:
        raise InvalidParameter(parameter=kind, message=refused.words) from refused
    key = index.key(caller.tenant_id, kind, value or "")
    conditions = (HAS_KEY[kind],) if caller.visibility == "all" else (HAS_KEY[kind], IS_SHOWN)
    return conditions, {f"{kind}_key": key}
