"""Jobs of the small hours: one that fails is told of; a stop that breaks one off is no failure."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest
from structlog.testing import capture_logs

from lighting.assets.fact import Fact
from lighting.operation.housekeeping import Housekeeping, Job

SOON_S = 0.01


async def _stopped_amid(work: Job, begun: asyncio.Event) -> Housekeeping:
    """Housekeeping that was stopped while the job ran, with all that the stop brings about done."""
    housekeeping = Housekeeping((work,))
    housekeeping.start()
    await begun.wait()
    await _stopped(housekeeping)
    return housekeeping


async def _stopped(housekeeping: Housekeeping) -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    housekeeping.stop()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)


@pytest.mark.parametrize("in_a_thread", [True, False])
async def test_a_stop_is_neither_an_alarm_nor_logged_as_a_failure(
    caplog: pytest.LogCaptureFixture, in_a_thread: bool
) -> None:
    begun, may_end = asyncio.Event(), threading.Event()

    async def body() -> None:
        begun.set()
        await (asyncio.to_thread(may_end.wait, 30) if in_a_thread else asyncio.sleep(3600))

    with capture_logs() as logs, caplog.at_level(logging.WARNING):
        housekeeping = await _stopped_amid(Job("account_days", SOON_S, body), begun)
        may_end.set()
    assert housekeeping.failing == {}
    assert [one for one in logs if one["log_level"] in ("warning", "error")] == []
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


async def test_what_fails_because_others_are_stopped_around_it_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    begun = asyncio.Event()

    async def body() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as stop:
            raise RuntimeError("cannot schedule new futures after shutdown") from stop

    with caplog.at_level(logging.WARNING):
        housekeeping = await _stopped_amid(Job("lapse", SOON_S, body), begun)
    assert housekeeping.failing == {}
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


async def test_a_job_that_fails_is_told_until_it_goes_well() -> None:
    runs: list[dict[str, Fact]] = []
    has_run_thrice = asyncio.Event()

    async def body() -> None:
        runs.append(dict(housekeeping.failing))
        if len(runs) == 1:
            raise ValueError("no")
        if len(runs) == 3:
            has_run_thrice.set()

    housekeeping = Housekeeping((Job("retire_old", SOON_S, body),))
    housekeeping.start()
    await has_run_thrice.wait()
    housekeeping.stop()
    fact = Fact("housekeeping_failed", {"job": "retire_old", "detail": "ValueError"})
    assert runs == [{}, {"retire_old": fact}, {}]
