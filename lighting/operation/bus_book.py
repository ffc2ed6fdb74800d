"""Keeps what happened on each line in the store, for whoever asks: what changed, every few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from drivers.bus import Bus
from lighting.operation.ledger import Ledger
from lighting.store.clock import Clock
from lighting.store.records import BusCounterState
from lighting.store.store import StoreError

PUT_EVERY_S = 5.0
_AT_A_TIME = 25

log = structlog.get_logger("lighting.operation.lines")


class OpenBuses(Protocol):
    buses: dict[str, Bus]


class BusBook:
    """``keys`` gives the store's key of each bus. A store that fails is tried again: counters only grow."""

    def __init__(
        self, ledger: Ledger, clock: Clock, lines: OpenBuses, *, keys: Callable[[], Mapping[str, int]]
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._lines = lines
        self._keys = keys
        self._told: dict[str, Mapping[str, object]] = {}

    async def keep(self, *, every_s: float = PUT_EVERY_S) -> None:
        """Put them until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            await self.put()

    async def put(self) -> None:
        """Put the counters of every bus where something happened since."""
        keys, now_ms = self._keys(), self._clock.now_ms()
        fresh = {}
        for number, (bus_id, bus) in enumerate(list(self._lines.buses.items())):
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)  # lamps go first: a city's counters together would hold up the loop
            counters = {"connected": bus.is_connected, **bus.counters.as_dict()}
            if bus_id in keys and counters != self._told.get(bus_id):
                fresh[bus_id] = counters
        if not fresh:
            return
        rows = [BusCounterState(keys[bus_id], now_ms, counters) for bus_id, counters in fresh.items()]
        try:
            await self._ledger.ask(lambda: self._ledger.store.bus_counters.put(rows))
        except StoreError as error:
            log.warning("bus_counters_not_stored", code=error.fact.code)
            return
        self._told |= fresh
