"""Runs schemathesis against an app in this process: examples, coverage, fuzzing, and chains of calls by links."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.generation.meta import TestPhase
from starlette.types import ASGIApp

from tests.fuzz.bridge import SECONDS
from tests.fuzz.rules import is_finding

MAX_STEPS = 8
"""Calls in one chain."""

PROPER = ["2xx", "3xx", "401", "403", "404", "409", "410", "429", "5xx"]
"""Statuses of an answer to a request that fits the document; gone is what was erased, as when it was not found.

Faults of the server are found by a check of their own.
"""


@dataclass
class Findings:
    """What a run did and what it found."""

    cases: Counter[str] = field(default_factory=Counter)
    """Requests by phase."""
    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    """By operation and kind of failure one example, as a person would repeat it."""
    errors: list[str] = field(default_factory=list)
    """What kept the run from being done at all."""

    def take(self, event: Any) -> None:
        """Count one event of the engine."""
        if isinstance(event, events.NonFatalError):
            self.errors.append(f"{event.label}: {event.info.format()}")
        elif isinstance(event, events.ScenarioFinished):
            self._take_scenario(event.phase.value, event.recorder)

    def _take_scenario(self, phase: str, recorder: Any) -> None:
        self.cases[phase] += len(recorder.interactions)
        answers = (interaction.response for interaction in recorder.interactions.values())
        self.statuses.update(answer.status_code for answer in answers if answer is not None)
        self.operations |= {node.value.operation.label for node in recorder.cases.values()}
        for id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    self._add(recorder, id, check.failure_info)

    def _add(self, recorder: Any, id: str, info: Any) -> None:
        answer = recorder.interactions[id].response if id in recorder.interactions else None
        told = (
            f"{answer.status_code} {answer.content[:1000].decode(errors='replace')[:500]}"
            if answer is not None
            else "no answer"
        )
        key = (recorder.cases[id].value.operation.label, f"{info.failure.title} {told[:3]}")
        self.failures.setdefault(key, f"{info.failure.message[:1000]}\n{info.code_sample}\n-> {told}")


@dataclass(frozen=True)
class Effort:
    """How much is tried, and from where it starts: the same makes the same requests, but for ids from answers."""

    seed: int
    examples: int
    """Random requests per operation."""
    chains: int
    """Random chains of calls."""
    stride: int = 1
    """Of the cases that cover an operation's schema only every ``stride``-th is tried; the seed says which."""

    def config(self, token: str) -> SchemathesisConfig:
        """Settings of schemathesis for a caller with ``token``."""
        generation = {"max-examples": self.examples, "deterministic": True, "no-shrink": True, "database": "none"}
        return SchemathesisConfig.from_dict(
            {
                "seed": self.seed,
                "auth": {"openapi": {"bearer": {"bearer": token}}},
                "continue-on-failure": True,
                "request-timeout": SECONDS,
                "cache": {"enabled": False},
                "output": {"sanitization": {"enabled": False}},
                "generation": generation,
                "phases": {"stateful": {"max-steps": MAX_STEPS, "generation": {"max-examples": self.chains}}},
                "checks": {
                    "positive_data_acceptance": {"expected-statuses": PROPER},
                    "missing_required_header": {"expected-statuses": ["400", "401", "403", "404", "422", "428"]},
                },
            }
        )


class _Sample:
    """Which cases of the coverage phase are tried; that phase has no bound of its own, and most cases of all."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self._seen: Counter[str] = Counter()

    def takes(self, case: Any) -> bool:
        """Whether ``case`` is tried: always, but for most of those that cover a schema."""
        if case.meta is None or case.meta.phase.name is not TestPhase.COVERAGE:
            return True
        number = self._seen[case.operation.label]
        self._seen[case.operation.label] += 1
        return (number + self._effort.seed) % self._effort.stride == 0


def _perhaps_known(value: Any, known: str | None) -> Any:
    """``known`` in the place of every other id; which ones, only the id itself decides."""
    if known is None or not isinstance(value, str):
        return value
    try:
        return known if UUID(value).int % 2 else value
    except ValueError:
        return value


def run(app: ASGIApp, openapi: str, token: str, effort: Effort, known: Mapping[str, str] | None = None) -> Findings:
    """Fuzz ``app``, whose document is at ``openapi``, as the caller with ``token``.

    Half of the ids in bodies, by the name of their member, are those of ``known`` records.
    """
    schema = schemathesis.openapi.from_asgi(openapi, app, config=effort.config(token))

    @schema.hook
    def map_body(context: Any, body: Any) -> Any:
        assert context is not None
        if not isinstance(body, dict):
            return body
        return {name: _perhaps_known(value, (known or {}).get(name)) for name, value in body.items()}

    tried = _Sample(effort)

    @schema.hook
    def filter_case(context: Any, case: Any) -> bool:
        assert context is not None
        return tried.takes(case)

    @schema.hook
    def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
        assert context is not None
        return is_finding(failure, case, response)

    findings = Findings()
    for event in from_schema(schema).execute():
        findings.take(event)
    return findings
