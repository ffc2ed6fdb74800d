"""The monthly report of a running controller: written by a child process, so that the tick never waits for figures."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lighting.assets.fact import Fact
from lighting.assets.model import Site

if TYPE_CHECKING:
    from lighting.operation.housekeeping import WriteReports

_TOLD = 300


class ReportNotWritten(Exception):
    """The child failed; ``fact`` says how."""

    def __init__(self, exit_code: int, detail: str) -> None:
        super().__init__(detail)
        self.fact = Fact("report_child_failed", {"exit_code": exit_code, "detail": detail})


def reports_of(folder: Path) -> WriteReports:
    """What the controller of that folder calls every hour; it does nothing while no report is due."""

    async def write(site: Site, at_ms: int) -> None:
        from lighting.report.monthly import is_due

        if is_due(site, folder, at_ms):
            await _child(folder)

    return write


async def _child(folder: Path) -> None:
    """Run ``lighting report --due``. Raises ``ReportNotWritten``; a stop of the controller ends the child."""
    words = ("-m", "lighting", "--site", str(folder), "report", "--due")
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=nowhere, stdout=nowhere, stderr=pipe)
    try:
        _, told = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        detail = " ".join(told.decode("utf-8", "replace").split())[-_TOLD:]
        raise ReportNotWritten(child.returncode, detail)
