"""Burning hours: how long the lamps of each circuit were on, for constant light output.

Counted from what devices report. What a stopped controller did not see is counted where the lamps were on before and
are still on from the same switching on. A quarter of an hour is lost at most.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lighting.operation.ledger import Ledger
from lighting.operation.live import Live
from lighting.schedule.site_index import site_index
from lighting.store.records import BurningState

LOOK_EVERY_MS = 15 * 60_000
_MS_IN_HOUR = 3_600_000.0


def restore_burning(live: Live, rows: Mapping[int, BurningState]) -> None:
    """Take over what was counted before."""
    for circuit in live.circuits.values():
        row = rows.get(circuit.key)
        if row is not None:
            circuit.burned_ms, circuit.burning_counted_ms = row.burned_ms, row.at_ms


class BurningHours:
    """The counts of one revision's circuits, and the ages of their lamps as the decision wants them."""

    def __init__(self, live: Live, ledger: Ledger) -> None:
        self._live = live
        self._ledger = ledger
        self._is_used = site_index(live.wiring.site).output.is_used
        self._looked_ms: int | None = None
        self._told: dict[int, int] = {}
        self._hours: NDArray[np.float64] | None = None

    def look(self, now_ms: int, *, at_once: bool = False) -> None:
        """Count, every quarter of an hour, and leave what has grown in the ledger."""
        looked_ms = self._looked_ms
        if not at_once and looked_ms is not None and looked_ms <= now_ms < looked_ms + LOOK_EVERY_MS:
            return
        self._looked_ms, self._hours = now_ms, None
        for circuit in self._live.circuits.values():
            circuit.count_burning(now_ms)
            if circuit.burned_ms != self._told.get(circuit.key, 0):
                self._told[circuit.key] = circuit.burned_ms
                self._ledger.put_burning(BurningState(circuit.key, circuit.burned_ms, now_ms))

    def hours(self) -> NDArray[np.float64] | None:
        """Return the age of each circuit's lamps in hours, (n_circuits,); None where no light output is corrected.

        The same array until the next look: the decision sorts circuits by age only then.
        """
        if not self._is_used:
            return None
        if self._hours is None:
            ages = [c.wiring.circuit.burning_h + c.burned_ms / _MS_IN_HOUR for c in self._live.circuits.values()]
            self._hours = np.array(ages, dtype=np.float64)
        return self._hours
