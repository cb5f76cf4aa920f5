"""Use cases of products."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from crm_contracts.sales.v1 import ProductCreated, ProductUpdated
from crm_platform.errors import DomainError
from crm_platform.http.batch import BatchMode, BatchStatus, Written, rounds
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from sales_svc.products import repository
from sales_svc.products.domain import Product
from sales_svc.products.errors import CodeTaken
from sales_svc.products.models import PRODUCTS
from sales_svc.products.schemas import ProductCreate, ProductUpdate


@dataclass(frozen=True, slots=True)
class ProductRef:
    """What other slices need to know of a product."""

    id: UUID
    code: str
    active: bool


async def find_products(unit: UnitOfWork, *, codes: Iterable[str] = (), ids: Iterable[UUID] = ()) -> list[ProductRef]:
    """The products with one of these codes or ids."""
    rows = await repository.find(unit.connection, codes=list(set(codes)), ids=list(set(ids)))
    return [ProductRef(row["id"], row["code"], row["active"]) for row in rows]


async def create_product(unit: UnitOfWork, body: ProductCreate) -> Rendered:
    """Put a product into the catalogue.

    Raises:
        CodeTaken: Another product has the code.
    """
    try:
        return await unit.insert(PRODUCTS, new_product(body), ProductCreated)
    except asyncpg.UniqueViolationError as error:
        raise CodeTaken(product_code=body.code) from error


async def update_product(unit: UnitOfWork, id: UUID, body: ProductUpdate, *, if_match: object) -> Rendered:
    """Change fields of a product.

    Raises:
        NotFound: No such product.
        PreconditionRequired: No version was given.
        VersionMismatch: The product has changed since.
        CodeTaken: Another product has the code.
    """
    before = await unit.load(PRODUCTS, id, if_match=if_match)
    try:
        return await unit.update(PRODUCTS, before, before.with_(**changes_of(body)), ProductUpdated)
    except asyncpg.UniqueViolationError as error:
        raise CodeTaken(product_code=body.code) from error


async def set_active(unit: UnitOfWork, id: UUID, *, active: bool, if_match: object, reason: str | None) -> Rendered:
    """Let a product be chosen for new deals or not; where it is so already nothing happens."""
    before = await unit.load(PRODUCTS, id, if_match=if_match)
    return await unit.update(PRODUCTS, before, before.with_(active=active), ProductUpdated, reason=reason)


async def write_products(
    unit: UnitOfWork, bodies: Sequence[ProductCreate], mode: BatchMode
) -> list[Written | DomainError]:
    """Enter products, or with ``upsert`` bring those up to date whose code is known."""
    outcomes: dict[int, Written | DomainError] = {}
    for indices in rounds([(body.code,) for body in bodies]):
        found = await _write_round(unit, [bodies[index] for index in indices], mode)
        outcomes |= zip(indices, found, strict=True)
    return [outcomes[index] for index in range(len(bodies))]


def new_product(body: ProductCreate) -> Product:
    """The state of a product to be."""
    return Product(id=new_id(), **dict(body))


async def _write_round(
    unit: UnitOfWork, bodies: Sequence[ProductCreate], mode: BatchMode
) -> list[Written | DomainError]:
    """Like :func:`write_products`, for bodies whose codes all differ."""
    ids = {product.code: product.id for product in await find_products(unit, codes=[body.code for body in bodies])}
    known = await unit.find_many(PRODUCTS, ids.values()) if mode is BatchMode.UPSERT else {}
    added = {body.code: new_product(body) for body in bodies if body.code not in ids}
    changes = {
        body.code: (known[ids[body.code]], known[ids[body.code]].with_(**changes_of(body)))
        for body in bodies
        if ids.get(body.code) in known
    }
    written = await unit.insert_many(PRODUCTS, list(added.values()), ProductCreated)
    outcomes = {product.code: Written(BatchStatus.CREATED, product.id, product.version) for product in written}
    for product in known.values():
        outcomes[product.code] = Written(BatchStatus.UNCHANGED, product.id, product.version)
    for product in await unit.update_many(PRODUCTS, list(changes.values()), ProductUpdated):
        outcomes[product.code] = Written(BatchStatus.UPDATED, product.id, product.version)
    return [outcomes.get(body.code) or CodeTaken(product_code=body.code) for body in bodies]
