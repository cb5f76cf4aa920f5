"""Use cases of opportunities."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crm_contracts.base import ExternalRef
from crm_contracts.sales.v1 import (
    OpportunityCreated,
    OpportunityEngaged,
    OpportunityEvent,
    OpportunityLost,
    OpportunityUpdated,
    OpportunityWon,
)
from crm_platform.errors import DomainError
from crm_platform.http.batch import BatchMode, BatchStatus, Written, rounds
from crm_platform.http.fields import changes_of, ownership
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from sales_svc.merged_customers import service as merged_customers
from sales_svc.opportunities.domain import History, Opportunity, Step, catching_up, entering
from sales_svc.opportunities.errors import ProductInactive, ProductNamedTwice, UnknownProduct
from sales_svc.opportunities.models import OPPORTUNITIES, OPPORTUNITY_REFS
from sales_svc.opportunities.schemas import (
    Engagement,
    Loss,
    OpportunityCreate,
    OpportunityFields,
    OpportunityItem,
    OpportunityUpdate,
    Win,
)
from sales_svc.orders.service import Sale, place_orders
from sales_svc.products.service import ProductRef, find_products

_HISTORY = frozenset({"stage", "engaged_on", "closed_on", "lost_reason"})
"""Members of an item of a batch that tell of moves, not of fields."""


async def create_opportunity(unit: UnitOfWork, body: OpportunityCreate) -> Rendered:
    """Enter an opportunity.

    Raises:
        UnknownProduct: There is no such product.
        ProductInactive: The product is not for sale any more.
        ExternalIdTaken: Another opportunity has one of the external ids.
    """
    body = await merged_customers.mapped(unit.connection, body)
    catalogue = await _Catalogue.of(unit, [body])
    opportunity = _new(unit, body, catalogue)
    catalogue.check(None, opportunity)
    rendered = await unit.insert(OPPORTUNITIES, opportunity, OpportunityCreated)
    if opportunity.external_refs:
        await OPPORTUNITY_REFS.replace(unit.connection, opportunity.id, opportunity.external_refs)
    return rendered


async def customers_of(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Whom opportunities are about, which are locked; those that the caller may not see are absent."""
    return {id: found.customer_id for id, found in (await unit.find_many(OPPORTUNITIES, ids)).items()}


async def update_opportunity(unit: UnitOfWork, id: UUID, body: OpportunityUpdate, *, if_match: object) -> Rendered:
    """Change fields of an open opportunity.

    Raises:
        NotFound: No such opportunity, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The opportunity has changed since.
        OpportunityClosed: It is won or lost.
        UnknownProduct: There is no such product.
        ProductInactive: The product is not for sale any more.
        ExternalIdTaken: Another opportunity has one of the external ids.
    """
    body = await merged_customers.mapped(unit.connection, body)
    before = await unit.load(OPPORTUNITIES, id, if_match=if_match)
    catalogue = await _Catalogue.of(unit, [body])
    after = before.edited(**catalogue.changes(body))
    catalogue.check(before, after)
    if after.external_refs != before.external_refs:
        await OPPORTUNITY_REFS.replace(unit.connection, id, after.external_refs)
    return await unit.update(OPPORTUNITIES, before, after, OpportunityUpdated)


async def engage_opportunity(unit: UnitOfWork, id: UUID, body: Engagement, *, if_match: object) -> Rendered:
    """Record that talks have begun."""
    before = await unit.load(OPPORTUNITIES, id, if_match=if_match)
    after = before.engaged(body.engaged_on)
    return await unit.update(OPPORTUNITIES, before, after, OpportunityEngaged, reason=body.reason)


async def win_opportunity(unit: UnitOfWork, id: UUID, body: Win, *, if_match: object) -> Rendered:
    """Record that the customer has bought, and place the order.

    Raises:
        InvalidTransition: It is not being talked about.
        CustomerRequired: Nobody has bought.
        ValueRequired: Nothing was sold.
        ClosedBeforeEngaged: The day is before talks began.
    """
    before = await unit.load(OPPORTUNITIES, id, if_match=if_match)
    after = before.won(body.closed_on, body.value)
    rendered = await unit.update(OPPORTUNITIES, before, after, OpportunityWon, reason=body.reason)
    await place_orders(unit, [_sale(after)])
    return rendered


async def lose_opportunity(unit: UnitOfWork, id: UUID, body: Loss, *, if_match: object) -> Rendered:
    """Record that the customer will not buy.

    Raises:
        InvalidTransition: It is not being talked about.
        ClosedBeforeEngaged: The day is before talks began.
    """
    before = await unit.load(OPPORTUNITIES, id, if_match=if_match)
    after = before.lost(body.closed_on, body.reason)
    return await unit.update(OPPORTUNITIES, before, after, OpportunityLost, reason=body.reason)


async def write_opportunities(
    unit: UnitOfWork, items: Sequence[OpportunityItem], mode: BatchMode
) -> list[Written | DomainError]:
    """Take opportunities over from elsewhere with their stages, or with ``upsert`` bring the known ones up to date.

    An opportunity is entered while open and moved to its stage in the same transaction, so that its events tell the
    same story as those of one that was worked here; a won one gets its order.
    """
    items = await merged_customers.mapped_all(unit.connection, items)
    catalogue = await _Catalogue.of(unit, items)
    outcomes: dict[int, Written | DomainError] = {}
    for indices in rounds([item.external_refs for item in items]):
        written = await _write_round(unit, [items[index] for index in indices], mode, catalogue)
        outcomes |= zip(indices, written, strict=True)
    return [outcomes[index] for index in range(len(items))]


@dataclass(slots=True)
class _Plan:
    """What has to be done for one item of a batch, and how far it is."""

    before: Opportunity | None
    steps: list[Step]
    state: Opportunity = field(init=False)
    """As last written."""

    def __post_init__(self) -> None:
        self.state = self.before or self.steps[0].after

    def new_refs(self) -> list[tuple[ExternalRef, UUID]]:
        """External ids that the item adds."""
        known = self.before.external_refs if self.before else ()
        refs = self.steps[0].after.external_refs if self.steps else ()
        return [(ref, self.state.id) for ref in dict.fromkeys(refs) if ref not in known]

    def written(self) -> Written:
        """The result for the client."""
        status = BatchStatus.UPDATED if self.steps else BatchStatus.UNCHANGED
        return Written(BatchStatus.CREATED if self.before is None else status, self.state.id, self.state.version)


async def _write_round(
    unit: UnitOfWork, items: Sequence[OpportunityItem], mode: BatchMode, catalogue: "_Catalogue"
) -> list[Written | DomainError]:
    """Like :func:`write_opportunities`, for items that share no external id."""
    owners = await OPPORTUNITY_REFS.find(unit.connection, [ref for item in items for ref in item.external_refs])
    known = await unit.find_many(OPPORTUNITIES, set(owners.values())) if mode is BatchMode.UPSERT else {}
    outcomes: list[_Plan | DomainError] = []
    for item in items:
        try:
            outcomes.append(_plan(unit, item, owners, known, catalogue))
        except DomainError as error:
            outcomes.append(error)
    await _carry_out(unit, [plan for plan in outcomes if isinstance(plan, _Plan)])
    return [outcome.written() if isinstance(outcome, _Plan) else outcome for outcome in outcomes]


def _plan(
    unit: UnitOfWork,
    item: OpportunityItem,
    owners: Mapping[ExternalRef, UUID],
    known: Mapping[UUID, Opportunity],
    catalogue: "_Catalogue",
) -> _Plan:
    taken = [ref for ref in item.external_refs if ref in owners]
    history = History(item.stage, item.engaged_on, item.closed_on, item.lost_reason)
    if not taken:
        steps = entering(_new(unit, item, catalogue), history)
        catalogue.check(None, steps[-1].after)
        return _Plan(None, steps)
    before = known.get(owners[taken[0]])
    if before is None:
        raise OPPORTUNITY_REFS.taken(taken[0])
    for ref in taken:
        if owners[ref] != before.id:
            raise OPPORTUNITY_REFS.taken(ref)
    changes = catalogue.changes(item)
    changes["external_refs"] = tuple(dict.fromkeys((*before.external_refs, *item.external_refs)))
    steps = catching_up(before, changes, history)
    if steps:
        catalogue.check(before, steps[-1].after)
    return _Plan(before, steps)


async def _carry_out(unit: UnitOfWork, plans: Sequence[_Plan]) -> None:
    """Take the steps of all plans: the first ones together, then the second ones …, in bulk for each kind of event."""
    for number in range(max((len(plan.steps) for plan in plans), default=0)):
        by_event: dict[type[OpportunityEvent], list[_Plan]] = defaultdict(list)
        for plan in plans:
            if number < len(plan.steps):
                by_event[plan.steps[number].event].append(plan)
        for event, group in by_event.items():
            if event is OpportunityCreated:
                states = await unit.insert_many(OPPORTUNITIES, [plan.state for plan in group], event)
            else:
                pairs = [(plan.state, plan.steps[number].after) for plan in group]
                states = await unit.update_many(OPPORTUNITIES, pairs, event)
            for plan, state in zip(group, states, strict=True):
                plan.state = state
    await OPPORTUNITY_REFS.add(unit.connection, [link for plan in plans for link in plan.new_refs()])
    won = [plan.state for plan in plans if plan.steps and plan.steps[-1].event is OpportunityWon]
    await place_orders(unit, [_sale(opportunity) for opportunity in won])


def _sale(won: Opportunity) -> Sale:
    assert won.customer_id and won.value and won.closed_on  # noqa: S101, PT018  (ensured by Opportunity.won)
    return Sale(
        opportunity_id=won.id,
        customer_id=won.customer_id,
        product_id=won.product_id,
        closed_on=won.closed_on,
        value=won.value,
        owner_id=won.owner_id,
        team_id=won.team_id,
    )


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The products that some requests name."""

    by_code: Mapping[str, ProductRef]
    by_id: Mapping[UUID, ProductRef]

    @classmethod
    async def of(cls, unit: UnitOfWork, bodies: Sequence[OpportunityFields]) -> "_Catalogue":
        """Look up all products that ``bodies`` name."""
        codes = {body.product_code for body in bodies if body.product_code is not None}
        ids = {body.product_id for body in bodies if body.product_id is not None}
        found = await find_products(unit, codes=codes, ids=ids)
        return cls({product.code: product for product in found}, {product.id: product for product in found})

    def changes(self, body: OpportunityFields) -> dict[str, Any]:
        """The fields that ``body`` sets, with the product's id in the place of its code.

        Raises:
            ProductNamedTwice: It is named by both.
            UnknownProduct: There is no such product.
        """
        changes = changes_of(body)
        if isinstance(body, OpportunityItem):
            changes = {name: value for name, value in changes.items() if name not in _HISTORY}
        code, product_id = changes.pop("product_code", None), changes.get("product_id")
        if code is not None and product_id is not None:
            raise ProductNamedTwice
        if code is not None:
            if code not in self.by_code:
                raise UnknownProduct(product=code)
            changes["product_id"] = self.by_code[code].id
        elif product_id is not None and product_id not in self.by_id:
            raise UnknownProduct(product=product_id)
        return changes

    def check(self, before: Opportunity | None, after: Opportunity) -> None:
        """Refuse a product that is not for sale any more, if it is chosen now and for an open opportunity.

        Raises:
            ProductInactive: It is.
        """
        chosen = after.product_id
        if chosen is None or not after.is_open or (before is not None and before.product_id == chosen):
            return
        if not self.by_id[chosen].active:
            raise ProductInactive(product=self.by_id[chosen].code)


def _new(unit: UnitOfWork, body: OpportunityCreate, catalogue: _Catalogue) -> Opportunity:
    """An opportunity to be; it belongs to the person who enters it unless the body says otherwise."""
    values = {**catalogue.changes(body), **ownership(body, unit.caller)}
    values["external_refs"] = tuple(dict.fromkeys(body.external_refs))
    return Opportunity(id=new_id(), **values)
