"""`make bench`: every row of the design's table of performance that exists so far, written to `bench/results.md`.

`make bench B="service relay_consumer"` measures some scripts, and leaves the sections of the others as they are. Ends
with a failure where a row is under its must.
"""

import logging
import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import psutil
import structlog

from bench.measure import Row, as_markdown, show
from crm_platform.settling import compute_on_one_core

RESULTS = Path(__file__).parent / "results.md"
BENCHES = (
    "service",
    "gateway_cost",
    "projection",
    "relay_consumer",
    "sealing",
    "files",
    "duplicates",
    "segments",
    "consents",
    "custom_fields",
    "quality",
    "search",
    "scheduling",
    "simulation",
    "reads_meanwhile",
    "curves",
    "timeline",
    "imports",
)
"""The scripts, in the order of the page. Imported when they run: processes that import this one need none of them."""
_PAGE = """\
# What was measured

By `make bench`, each section in a run of its own script, on {cores} cores ({machine}), PostgreSQL with fsync on and all
parts on the same machine. Loads are those of the machine before and after: what else ran is in the figures.

Figures are medians of interleaved rounds. A ratio is that of CPU time (application and database together), unless its
row says otherwise; shares of a limit are the limit's CPU ÷ ours. Absolute figures hold for this machine and
this moment.

{sections}
"""
_SECTION = """\
## {name}

{when}, in {seconds:.0f} s, load {before} to {after}.

{rows}
"""


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _measured(name: str) -> tuple[str, list[str]]:
    """The section of one script, and the rows of it that are under their must."""
    print(f"== {name} (load {_load()})", flush=True)
    before, started = _load(), time.monotonic()
    rows: Sequence[Row] = import_module(f"bench.{name}").rows()
    show(rows)
    section = _SECTION.format(
        name=name,
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seconds=time.monotonic() - started,
        before=before,
        after=_load(),
        rows=as_markdown(rows),
    )
    return section, [row.work for row in rows if row.verdict == "UNDER ITS MUST"]


def _sections(page: str) -> dict[str, str]:
    """The sections of a page by their scripts."""
    parts = re.split(r"^(?=## )", page, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0].removeprefix("## "): part for part in parts}


def main() -> int:
    """Measure everything, or what is asked for."""
    wanted = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        print(f"bench: there is no {', '.join(unknown)}; there are {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    compute_on_one_core()  # as services do
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    under: list[str] = []
    for name in wanted:
        section, failed = _measured(name)
        under += failed
        sections = _sections(RESULTS.read_text(encoding="utf-8")) | {name: section}
        text = "\n".join(sections[one].rstrip() + "\n" for one in BENCHES if one in sections).rstrip()
        machine = f"{platform.machine()}, Python {platform.python_version()}"
        page = _PAGE.format(cores=psutil.cpu_count(), machine=machine, sections=text)
        RESULTS.write_text(page, encoding="utf-8")
    if under:
        print(f"under their must: {'; '.join(under)}", file=sys.stderr)
    return 1 if under else 0


if __name__ == "__main__":
    sys.exit(main())
