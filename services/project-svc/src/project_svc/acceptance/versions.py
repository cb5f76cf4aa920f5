"""The versions of a delivery: what was handed over, and what was decided about it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from crm_contracts.delivery.v1 import Criterion, Decision, DeliveryVersion, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What is handed over."""

    notes: str | None = None
    evidence: tuple[Evidence, ...] = ()


def decided(versions: Sequence[DeliveryVersion], decision: Decision) -> tuple[DeliveryVersion, ...]:
    """The versions, the last of them decided about; a delivery from before there were versions has none."""
    return (*versions[:-1], versions[-1].model_copy(update={"decision": decision})) if versions else ()


def fingerprint(name: str, criteria: Sequence[Criterion], what: Submission) -> str:
    """See ``DeliveryVersion.fingerprint``: of JSON with sorted names, no spaces, in UTF-8."""
    content = {
        "name": name,
        "criteria": [{"id": one.id, "description": one.description} for one in criteria],
        "notes": what.notes,
        "evidence": [one.model_dump(mode="json", exclude_none=True) for one in what.evidence],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
