"""`make bench`: every row of the design's table of performance that exists so far, written to `bench/results.md`.

Ends with a failure where a row is under its must.
"""

import logging
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import structlog

from bench import duplicates, files, gateway_cost, projection, relay_consumer, sealing, search, segments, service
from bench.measure import Row, as_markdown, show

RESULTS = Path(__file__).parent / "results.md"
BENCHES = {
    "service": service.rows,
    "gateway_cost": gateway_cost.rows,
    "projection": projection.rows,
    "relay_consumer": relay_consumer.rows,
    "sealing": sealing.rows,
    "files": files.rows,
    "duplicates": duplicates.rows,
    "segments": segments.rows,
    "search": search.rows,
}
_PAGE = """\
# What was measured

`make bench`, {when}, in {seconds:.0f} s, on {cores} cores ({machine}), PostgreSQL with fsync on and all parts on the
same machine. Load of the machine before it began {before}, at the end {after}; what else ran is in these figures.

Figures are medians of interleaved rounds. A ratio is that of CPU time (application and database together), unless its
row says p50; shares of a limit are the limit's CPU ÷ ours. Absolute figures hold for this machine and this moment.

{rows}

Not measured: {absent}.
"""
_ABSENT = "rows of the design whose subject does not exist yet (import)"


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def main() -> int:
    """Measure everything."""
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    before, started = _load(), time.monotonic()
    found: list[Row] = []
    for name, rows in BENCHES.items():
        print(f"== {name} (load {_load()})", flush=True)
        measured = rows()
        show(measured)
        found += measured
    seconds = time.monotonic() - started
    page = _PAGE.format(
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seconds=seconds,
        cores=psutil.cpu_count(),
        machine=f"{platform.machine()}, Python {platform.python_version()}",
        before=before,
        after=_load(),
        rows=as_markdown(found),
        absent=_ABSENT,
    )
    RESULTS.write_text(page)
    failed = [row.work for row in found if row.verdict == "UNDER ITS MUST"]
    print(f"\n{len(found)} rows in {seconds:.0f} s, written to bench/results.md", flush=True)
    if failed:
        print(f"under their must: {'; '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
