"""The account of writes to settings, in the store: neither a restart nor another controller begins it anew."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.errors import Rejected
from drivers.profile import Point
from drivers.setting_budget import DAY_S, budget_refusal
from lighting.operation.ledger import Ledger
from lighting.store.clock import Clock
from lighting.store.store import StoreError


class StoredBudget:
    """``device_keys`` are the store's keys by text id; ``by`` is who writes. Times are the site's.

    All claims of a process pass through the ledger's one worker thread, and only one process owns the lines: between
    looking and recording no other claim can come.
    """

    def __init__(self, ledger: Ledger, device_keys: Mapping[str, int], clock: Clock, *, by: str) -> None:
        self._ledger = ledger
        self._device_keys = device_keys
        self._clock = clock
        self._by = by

    async def claim(self, device: str, point: Point) -> None:
        """Record one write, durably. Raises Rejected when it must not be made, or cannot be recorded."""
        try:
            refusal = await self._ledger.ask(lambda: self._recorded(self._device_keys[device], point))
        except StoreError as error:
            raise Rejected(f"{point.name} is not written: the store cannot account for it ({error})") from error
        if refusal is not None:
            raise Rejected(refusal)

    def _recorded(self, device_key: int, point: Point) -> str | None:
        now_ms, writes = self._clock.now_ms(), self._ledger.store.setting_writes
        since_ms = now_ms - round(1000 * max(DAY_S, point.min_interval_s or 0.0))
        past_s = [row.at_ms / 1000 for row in writes.recent(device_key, since_ms) if row.point == point.name]
        refusal = budget_refusal(point, past_s, now_ms / 1000)
        if refusal is None:
            writes.record(device_key=device_key, point=point.name, raw="", by=self._by, at_ms=now_ms)
        return refusal
