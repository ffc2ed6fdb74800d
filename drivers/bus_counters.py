"""What happened on a line, counted."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class BusCounters:
    """What happened on a line since its start. Round trips are of answered requests, in real seconds."""

    requests: int = 0
    answers: int = 0
    timeouts: int = 0
    implausible: int = 0
    connects: int = 0
    reconnects: int = 0
    round_trip_sum_s: float = 0.0
    exceptions: dict[int, int] = field(default_factory=dict)

    @property
    def round_trip_ms(self) -> float:
        """Mean time from request to answer in ms, 0 before the first answer."""
        return 1000.0 * self.round_trip_sum_s / self.answers if self.answers else 0.0
