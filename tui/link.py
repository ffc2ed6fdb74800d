"""The way to the desk: its calls are synchronous, so each runs in a thread; no failure of one ends the dashboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from lighting.assets.fact import Fact
from lighting.desk.answers import Receipt
from lighting.desk.refusal import DeskError, NotConfirmed
from lighting.store.store import StoreError
from tui.desk_like import DeskLike
from tui.voice import NOBODY_THERE

T = TypeVar("T")
WAIT_SLICE_S = 0.5


class NoAnswer(Exception):
    """The desk did not answer, or refused; ``fact`` says why in a code with values."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


class DeskLink:
    """One question at a time; waiting for a confirmation goes beside them, in slices, so that quitting never hangs."""

    def __init__(self, desk: DeskLike) -> None:
        self._desk = desk
        self._one_at_a_time = Lock()

    async def ask(self, question: Callable[[DeskLike], T]) -> T:
        """The answer of the desk; raises ``NoAnswer``, whatever went wrong there."""
        return await asyncio.to_thread(self._ask, question)

    def _ask(self, question: Callable[[DeskLike], T]) -> T:
        with self._one_at_a_time:
            return _or_no_answer(lambda: question(self._desk))

    async def confirmation(self, receipt: Receipt, *, timeout_s: float = 15.0) -> Receipt:
        """Wait for the controller to confirm an act, at most ``timeout_s`` real seconds; the last word is returned."""
        given = () if receipt.instruction_id is None else (receipt.instruction_id,)
        numbers = (*receipt.released, *given)
        last = receipt
        for _ in range(max(1, round(timeout_s / WAIT_SLICE_S))):
            last = await asyncio.to_thread(self._wait, numbers, last)
            if last.confirmed or last.warnings or last.controller in NOBODY_THERE:
                break
        return last

    def _wait(self, numbers: tuple[int, ...], before: Receipt) -> Receipt:
        try:
            return _or_no_answer(lambda: self._desk.wait_confirmed(numbers, timeout_s=WAIT_SLICE_S))
        except _NotYet:
            return before

    def close(self) -> None:
        with self._one_at_a_time:
            self._desk.close()


class _NotYet(Exception):
    """The desk's own way to say that nothing was confirmed within one slice."""


def _or_no_answer(call: Callable[[], T]) -> T:
    try:
        return call()
    except NotConfirmed as not_yet:
        raise _NotYet from not_yet
    except (DeskError, StoreError) as refusal:
        raise NoAnswer(refusal.fact) from refusal
    # A fault of the desk is shown in the banner, with its kind; the dashboard lives on and asks again.
    except Exception as fault:
        raise NoAnswer(Fact("dashboard_fault", {"error": f"{type(fault).__name__}: {fault}"})) from fault
