"""``python -m tools.check [phase ...]``: everything that CI asks, phase by phase, with times.

All phases but the tests run even if another fails, so that one run shows all there is to repair, and several at once.
The tests come last, and only if the rest is right.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tools.layout import ROOT, distributions, python_folders

JOBS = os.environ.get("JOBS") or "2"
"""Processor cores to use."""
TESTING = ("-n", str(int(JOBS) * 3 // 2), "--dist", "worksteal")
"""How tests are spread: they wait for a third of their time, for brokers, processes and each other. Each process begins
with a stretch of neighbours, which share what they have started."""
PROOFS = (
    *("tests/authz", "tests/fuzz", "tests/promises", "tests/chaos", "tests/examples"),
    *("tests/architecture/test_howto.py", "tests/deploy/test_environments.py"),
    "shared/platform/tests/platform_tests/events/test_crashpoint_seeds.py",
    "shared/platform/tests/platform_tests/operations/test_crashes.py",
    "services/customer-svc/tests/customer_svc_tests/imports/test_crashes.py",
    "shared/platform/tests/platform_tests/worker/test_process.py",
    "shared/runtime/tests/runtime_tests/test_system.py",
)
STORY = "tests/e2e"
"""Tests that take minutes, of a whole system or in search of what nobody thought of: apart from the others."""

PYTHON = str(ROOT / ".venv" / "bin" / "python")
_BIN = ROOT / ".venv" / "bin"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command of a phase."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def tool(name: str, *arguments: str) -> Step:
    """A program in `.venv`."""
    return Step(command=(str(_BIN / name), *arguments))


def module(name: str, *arguments: str) -> Step:
    """A Python module, run as a program."""
    return Step(command=(PYTHON, "-m", name, *arguments))


def format_steps() -> Iterator[Step]:
    """Layout of the code."""
    yield tool("ruff", "format", "--check", "--quiet", ".")


def lint_steps() -> Iterator[Step]:
    """Style, the rules of the house, the SQL of the migrations."""
    yield tool("ruff", "check", "--quiet", "--output-format", "concise", ".")
    yield module("tools.rules")
    yield module("tools.migrations")


def types_steps() -> Iterator[Step]:
    """Strict types over everything, each package found where its source is."""
    ours = distributions()
    search = [str(ROOT / folder) for one in ours for folder in (one.sources, one.tests)]
    search.append(str(ROOT / "examples"))
    folders = [str(folder) for folder in python_folders()]
    command = (str(_BIN / "mypy"), *folders, "conftest.py")
    yield Step(command=command, environment={"MYPYPATH": ":".join(search)})


def arch_steps() -> Iterator[Step]:
    """Who may import whom, what is declared, and whether each deployable runs on its own lock."""
    yield tool("lint-imports", "--no-logo")
    yield module("tools.dependencies")


def generated_steps() -> Iterator[Step]:
    """Derived files, whatever the environment says, and whether the contracts have only grown since the release."""
    odd = {"PYTHONHASHSEED": "4711", "CRM_KAFKA__PARTITIONS": "99", "CRM_LOG__LEVEL": "nonsense"}
    yield Step(command=module("tools.gen", "--check").command, environment=odd)
    yield module("tools.compatibility")


def lock_steps() -> Iterator[Step]:
    """The lock files."""
    yield module("tools.locks", "--check")


def test_steps() -> Iterator[Step]:
    """All tests but the proofs."""
    yield module("pytest", *TESTING, *(f"--ignore={place}" for place in (*PROOFS, STORY)))


def proof_steps() -> Iterator[Step]:
    """The story, and in their short forms the proofs; what drives a whole system comes one after the other."""
    yield module("pytest", *TESTING, "-m", "not e2e", STORY, *PROOFS)
    yield module("pytest", "-m", "e2e", STORY)
    yield module("pytest", "-m", "e2e", *PROOFS)


RUN_TESTS = ("test", "proofs")
PHASES = {
    "format": format_steps,
    "lint": lint_steps,
    "types": types_steps,
    "arch": arch_steps,
    "gen-check": generated_steps,
    "lock-check": lock_steps,
    "test": test_steps,
    "proofs": proof_steps,
}


def run_checks(names: Sequence[str]) -> Iterator[str]:
    """Run phases that are no tests, as many at once as JOBS says; each one's output is shown whole.

    Yields:
        Those that failed.
    """
    with ThreadPoolExecutor(int(JOBS)) as pool:
        for name, (succeeded, text) in zip(names, pool.map(_checked, names), strict=True):
            print(text, end="", flush=True)
            if not succeeded:
                yield name


def _checked(name: str) -> tuple[bool, str]:
    """Whether all steps of a phase succeeded, and what is to be shown."""
    began = time.monotonic()
    runs = [_run(step, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for step in PHASES[name]()]
    succeeded = not any(run.returncode for run in runs)
    verdict = f"== {name}: {'ok' if succeeded else 'FAILED'} ({time.monotonic() - began:.1f} s)"
    return succeeded, "\n".join([f"== {name}", *(run.stdout.rstrip("\n") for run in runs if run.stdout), verdict, ""])


def run_tests(name: str) -> bool:
    """Run all steps of a phase of tests, which say themselves how they end; whether all succeeded."""
    print(f"== {name}", flush=True)
    codes = [_run(step).returncode for step in PHASES[name]()]
    return not any(codes)


def _run(step: Step, **output: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **step.environment}
    return subprocess.run(step.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False, **output)


def main() -> int:
    """Entry point."""
    wanted = sys.argv[1:] or list(PHASES)
    unknown = [name for name in wanted if name not in PHASES]
    if unknown:
        print(f"check: there is no phase {', '.join(unknown)}; there are {', '.join(PHASES)}.", file=sys.stderr)
        return 2
    tests = [name for name in wanted if name in RUN_TESTS]
    failed = list(run_checks([name for name in wanted if name not in RUN_TESTS]))
    if failed and tests:
        print(f"check: {', '.join(failed)} failed, see above; the tests did not run.", flush=True)
        return 1
    failed += [name for name in tests if not run_tests(name)]
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
