"""Use cases of what holds for a whole company."""

from uuid import UUID

from crm_contracts.identity.v1 import CompanyDefined, CompanyUpdated
from crm_platform.reads import Reader
from crm_platform.uow import ANY_VERSION, UnitOfWork
from gateway.companies import repository
from gateway.companies.domain import Company
from gateway.companies.models import COMPANIES
from gateway.companies.schemas import CompanyDefinition, CompanyRead

__all__ = ["CompanyDefinition", "define", "define_once", "shown"]

_READY_MADE = Company(id=UUID(int=0))


async def shown(reader: Reader) -> bytes:
    """What holds for the company, to be looked at."""
    async with reader.open() as connection:
        return _told(await repository.find(connection) or _READY_MADE)


async def define(unit: UnitOfWork, body: CompanyDefinition) -> bytes:
    """Say what holds for the company from now on; what was judged before stays as it was judged."""
    await repository.alone(unit.connection)
    if await repository.find(unit.connection) is None:
        await _first(unit, body)
    else:
        before = await unit.load(COMPANIES, unit.caller.tenant_id, if_match=ANY_VERSION)
        await unit.update(COMPANIES, before, before.with_(**dict(body)), CompanyUpdated)
    return _told(await unit.load(COMPANIES, unit.caller.tenant_id, if_match=ANY_VERSION))


async def define_once(unit: UnitOfWork, body: CompanyDefinition) -> None:
    """Say what holds for a company that has said nothing yet; what it has said since stays."""
    await repository.alone(unit.connection)
    if await repository.find(unit.connection) is None:
        await _first(unit, body)


async def _first(unit: UnitOfWork, body: CompanyDefinition) -> None:
    await unit.insert(COMPANIES, Company(id=unit.caller.tenant_id, **dict(body)), CompanyDefined)


def _told(company: Company) -> bytes:
    return CompanyRead.model_validate(company, from_attributes=True).model_dump_json().encode()
