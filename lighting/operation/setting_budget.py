"""The account of writes to settings, in the store: neither a restart nor another controller begins it anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from drivers.errors import Rejected
from drivers.profile import Point
from drivers.setting_budget import DAY_S, budget_refusal
from lighting.store.clock import Clock
from lighting.store.store import Store, StoreError

T = TypeVar("T")


class AskStore(Protocol):
    """Runs a question to the store outside the loop, one at a time."""

    async def __call__(self, question: Callable[[Store], T]) -> T: ...


class StoredBudget:
    """A ``drivers.setting_budget.SettingBudget``. ``by`` is who writes; times are the site's.

    All questions of a process pass through one worker, and only one process owns the lines: between looking and
    recording no other claim can come.
    """

    def __init__(self, ask: AskStore, clock: Clock, *, by: str) -> None:
        self._ask = ask
        self._clock = clock
        self._by = by

    async def claim(self, device: str, point: Point) -> None:
        """Record one write, synced to disk. Raises Rejected when it must not be made, or cannot be recorded."""
        try:
            refusal = await self._ask(lambda store: self._recorded(store, device, point))
        except StoreError as error:
            raise Rejected(f"{point.name} is not written: the store cannot account for it ({error})") from error
        if refusal is not None:
            raise Rejected(refusal)

    def _recorded(self, store: Store, device: str, point: Point) -> str | None:
        now_ms = self._clock.now_ms()
        key = store.keys.ensure("device", [device], at_ms=now_ms)[device]
        since_ms = now_ms - round(1000 * max(DAY_S, point.min_interval_s or 0.0))
        past_s = [row.at_ms / 1000 for row in store.setting_writes.recent(key, since_ms) if row.point == point.name]
        refusal = budget_refusal(point, past_s, now_ms / 1000)
        if refusal is None:
            store.setting_writes.record(device_key=key, point=point.name, raw="", by=self._by, at_ms=now_ms)
        return refusal
