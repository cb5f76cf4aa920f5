"""At which customers the people of a table are, and which contacts they are already."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from crm_contracts.imports.v1 import MatchRule
from crm_platform.errors import DomainError
from crm_platform.http.batch import Written
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from customer_svc.contacts import service as contacts
from customer_svc.imports import service as imports
from customer_svc.values.names import name_key
from customer_svc.vcards.errors import CustomerAmbiguous, CustomerUnknown
from customer_svc.vcards.tables.reading import Named, Person

Customers = Mapping[Named, Sequence[UUID]]
"""Whom rows may mean."""

_NO_CUSTOMER: Final = Words("no customer is called `{said}`; kept as text", "没有名为“{said}”的客户，已保留为文本")
_SEVERAL: Final = Words(
    "{number} customers are called `{said}`; kept as text", "有 {number} 个客户名为“{said}”，已保留为文本"
)
_NOWHERE: Final = Words("belongs to a customer, and none is named", "未指定客户，已略去")
_OF_LINKS: Final = ("role", "decision_role", "primary")


async def find_customers(unit: UnitOfWork, people: Sequence[Person], system: str | None) -> Customers:
    """The customers that the caller may see and that rows may mean."""
    said: dict[MatchRule, set[str]] = {}
    for one in (named for person in people for named in person.at):
        said.setdefault(one.rule, set()).add(one.said)
    return {
        Named(rule, text): ids
        for rule, texts in said.items()
        for text, ids in (await imports.customers_called(unit, rule, texts, system=system)).items()
    }


def place(person: Person, customers: Customers, customer_id: UUID | None) -> dict[str, Any] | DomainError | None:
    """The link of a person with its customer; None where there is none, which is a remark.

    A customer that is named by a number has to be there; a name is kept as text where it means nobody, or several.
    """
    if customer_id is not None:
        return {**person.link, "customer_id": customer_id}
    for named in person.at:
        found = customers[named]
        if len(found) == 1:
            return {**person.link, "customer_id": found[0]}
        if named.rule is not MatchRule.NAME:
            return CustomerAmbiguous(said=named.said, number=len(found)) if found else CustomerUnknown(said=named.said)
        words, code = (_SEVERAL, "customer_ambiguous") if found else (_NO_CUSTOMER, "customer_unknown")
        texts = (text.format(said=named.said, number=len(found)) for text in (words.en, words.zh))
        person.remarks.append(("customer_name", code, Words(*texts)))
    person.remarks.extend((name, "not_linked", _NOWHERE) for name in _OF_LINKS if name in person.link)
    return None


def keys_of(body: contacts.New) -> Iterable[Hashable]:
    """What two rows share that are about one person, or about who is primary at one customer."""
    reached = [(name_key(body.name), *one) for one in contacts.reached_by(body)]
    return [*body.external_refs, *reached, *(link.customer_id for link in body.links if link.primary)]


async def bring_up_to_date(unit: UnitOfWork, body: contacts.New) -> Written | None:
    """Change the contact that a row is about, if it is known; nothing that it has and the row has not goes.

    It is known by its external id, or else by its name together with a phone number or an e-mail address.

    Raises:
        ContactAmbiguous: Several are.
    """
    known = await contacts.find_known(unit, body)
    return None if known is None else await contacts.bring_up_to_date(unit, known.id, contacts.added_to(known, body))
