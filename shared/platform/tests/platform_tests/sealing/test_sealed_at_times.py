"""Members that are sealed in some records, and in the clear in the others of the same table."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Text

from crm_contracts.base import Snapshot
from crm_platform.aggregate import AggregateSpec, AggregateState
from crm_platform.clock import utc_now
from crm_platform.db.schema import aggregate_table, new_metadata
from crm_platform.ids import new_id
from crm_platform.sealing import InTrail, Sealed, sealed_column
from crm_platform.sealing.members import SealedPart
from crm_platform.sealing.words import trail_of


class Remark(AggregateState):
    """A record that says of itself whether it is sealed."""

    text: str
    closed: bool = False


class RemarkSnapshot(Snapshot):
    """A remark, as events tell of it."""

    text: str
    closed: bool


TABLE = aggregate_table("remarks", new_metadata(), Column("text", Text), Column("closed", Boolean), sealed_column())
PART = SealedPart(Sealed(members=("text",), when="closed", blank={"text": ""}), table=TABLE, state=Remark)
SPEC = AggregateSpec(
    name="remark",
    state=Remark,
    snapshot=RemarkSnapshot,
    columns=frozenset(column.name for column in TABLE.columns),
    sealed=PART.defaults,
    sealed_when=PART.when,
)


def remark(text: str, *, closed: bool) -> Remark:
    now = utc_now()
    return Remark(
        id=new_id(), text=text, closed=closed, created_at=now, created_by="x", updated_at=now, updated_by="x", version=1
    )


@given(st.text(), st.booleans())
def test_row_event_and_audit_entry_hold_them_only_where_they_are_in_the_clear(text: str, closed: bool) -> None:
    state, told = remark(text, closed=closed), "" if closed else text

    assert SPEC.to_row(state)["text"] == told
    assert SPEC.to_snapshot(state).model_dump()["text"] == told
    assert SPEC.dump(state).get("text", "") == told
    sealed = PART.content(state) if PART.seals(state) else None
    assert SPEC.from_row(SPEC.to_row(state), sealed) == state
    assert SPEC.from_row(SPEC.to_row(state)).text == told
    assert orjson.loads(PART.content(state)) == {"text": text}


def test_a_trail_seals_whatever_is_sealed_at_times() -> None:
    for trail in (None, InTrail(("closed",))):
        with pytest.raises(TypeError, match=r"its trail has to seal \['text'\]"):
            trail_of(trail, state=Remark, sealed=PART)
    told = trail_of(InTrail(("text",)), state=Remark, sealed=PART)
    assert told is not None
    assert told.members == ("text",)
