"""Tasks in the background whose faults are said, not swallowed: an error of our own in one must not end control."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import structlog

log = structlog.get_logger("lighting.operation")


def start_task(work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
    """Run ``work`` beside the loop; an unexpected error is logged with its trace when it ends."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    task.add_done_callback(_say_fault)
    return task


def _say_fault(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        log.error("task_failed", task=task.get_name(), exc_info=error)
