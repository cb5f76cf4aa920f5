import asyncio
import contextlib
import sys
from pathlib import Path

import pytest

from crm_runtime.child import ChildSpec
from crm_runtime.launcher import AVAILABLE, Launcher


@pytest.mark.skipif(not AVAILABLE, reason="forks are for Linux alone")
async def test_a_start_that_is_given_up_leaves_the_launcher_at_work(tmp_path: Path) -> None:
    launcher = Launcher(("json.tool",), tmp_path / "launcher.log")
    spec = ChildSpec(name="tool", command=[sys.executable, "-m", "json.tool", "--help"], log_file=tmp_path / "tool.log")
    await launcher.start()
    try:
        given_up = asyncio.ensure_future(launcher.spawn(spec))
        await asyncio.wait({given_up}, timeout=0)  # it has asked by now
        given_up.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await given_up

        child = await asyncio.wait_for(launcher.spawn(spec), 60)
        assert await asyncio.wait_for(child.wait(), 60) == 0
    finally:
        await asyncio.wait_for(launcher.stop(), 60)
