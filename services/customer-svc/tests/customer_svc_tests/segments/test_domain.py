from datetime import UTC, datetime

from crm_contracts.segment.v1 import SegmentStatus
from crm_platform.ids import new_id
from customer_svc.segments.domain import Segment

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def segment() -> Segment:
    return Segment(id=new_id(), name="大客户", expression="grade == 'A'").evaluated(1, NOW)


def test_another_expression_is_another_definition() -> None:
    before = segment()

    renamed = before.changed({"name": "重点客户", "expression": before.expression})
    redefined = before.changed({"expression": "grade == 'B'"})

    assert (renamed.name, renamed.definition, renamed.status) == ("重点客户", 1, SegmentStatus.CURRENT)
    assert (redefined.definition, redefined.status, redefined.evaluated_at) == (2, SegmentStatus.EVALUATING, NOW)


def test_only_the_evaluation_of_the_last_definition_counts() -> None:
    redefined = segment().changed({"expression": "grade == 'B'"})

    assert redefined.evaluated(1, NOW) == redefined
    assert redefined.evaluated(2, NOW).status is SegmentStatus.CURRENT
