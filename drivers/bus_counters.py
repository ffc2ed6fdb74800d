"""What happened on a line, counted: per unit where a unit had a part in it, and in sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

_STEPS_PER_S = 8192
_BUCKETS = 21
"""Bucket n holds round trips under 2^n / 8192 s: 0.12 ms, 0.24 ms … 64 s, and the last all that took longer."""


@dataclass(slots=True)
class RoundTrips:
    """Times from request to answer, in real seconds: the extremes, the sum, and a histogram of doubling widths."""

    count: int = 0
    sum_s: float = 0.0
    min_s: float = float("inf")
    max_s: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * _BUCKETS)

    def add(self, seconds: float) -> None:
        """Count one answered request."""
        self.count += 1
        self.sum_s += seconds
        if seconds < self.min_s:
            self.min_s = seconds
        if seconds > self.max_s:
            self.max_s = seconds
        bucket = int(seconds * _STEPS_PER_S).bit_length()
        self.buckets[bucket if bucket < _BUCKETS else -1] += 1

    def percentile_ms(self, share: float) -> float:
        """A time in ms that this share of the requests did not exceed; 0 before any.

        It is at most twice the real one, or the longest of all where the real one is over 64 s.
        """
        left = share * self.count
        for bucket, count in enumerate(self.buckets):
            left -= count
            if count and left <= 0 and bucket < _BUCKETS - 1:
                return min(1000.0 * (1 << bucket) / _STEPS_PER_S, 1000.0 * self.max_s)
        return 1000.0 * self.max_s

    def as_dict(self) -> dict[str, object]:
        """Plain JSON; times in ms, and the histogram as pairs of upper end in ms and count, without the empty ones."""
        if not self.count:
            return {"count": 0}
        return {
            "count": self.count,
            "min_ms": round(1000.0 * self.min_s, 3),
            "mean_ms": round(1000.0 * self.sum_s / self.count, 3),
            "max_ms": round(1000.0 * self.max_s, 3),
            "p50_ms": round(self.percentile_ms(0.5), 3),
            "p95_ms": round(self.percentile_ms(0.95), 3),
            "p99_ms": round(self.percentile_ms(0.99), 3),
            "histogram_ms": [[1000 * (1 << n) / _STEPS_PER_S, count] for n, count in enumerate(self.buckets) if count],
        }


def merged(parts: Iterable[RoundTrips]) -> RoundTrips:
    """The round trips of several units as those of one line."""
    whole = RoundTrips()
    for part in parts:
        whole.count += part.count
        whole.sum_s += part.sum_s
        whole.min_s = min(whole.min_s, part.min_s)
        whole.max_s = max(whole.max_s, part.max_s)
        whole.buckets = [mine + other for mine, other in zip(whole.buckets, part.buckets, strict=True)]
    return whole


@dataclass(slots=True)
class UnitCounters:
    """One unit's part. ``requests`` left for the wire; ``refused`` did not (a limit, the gate, a silent unit)."""

    requests: int = 0
    timeouts: int = 0
    implausible: int = 0
    garbled: int = 0
    refused: int = 0
    repeated: int = 0
    last_error: str = ""
    exceptions: dict[int, int] = field(default_factory=dict)
    round_trips: RoundTrips = field(default_factory=RoundTrips)

    def as_dict(self) -> dict[str, object]:
        """Plain JSON."""
        return {
            "requests": self.requests,
            "answers": self.round_trips.count,
            "timeouts": self.timeouts,
            "implausible": self.implausible,
            "garbled": self.garbled,
            "refused": self.refused,
            "repeated": self.repeated,
            "exceptions": {str(code): count for code, count in sorted(self.exceptions.items())},
            "last_error": self.last_error,
            "round_trip": self.round_trips.as_dict(),
        }


@dataclass(slots=True)
class BusCounters:
    """What happened on a line since its start; what a unit had a part in is the sum over the units.

    ``strays`` are answers that nobody waited for: late ones, and those to another unit. ``last_error`` is why the line
    could not be opened or was lost, empty while it stands.
    """

    connects: int = 0
    reconnects: int = 0
    lost: int = 0
    strays: int = 0
    broadcasts: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    last_error: str = ""
    units: dict[int, UnitCounters] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """Requests that left for the wire, broadcasts among them."""
        return self.broadcasts + sum(unit.requests for unit in self.units.values())

    @property
    def answers(self) -> int:
        """Whole answers, refusals and implausible ones among them."""
        return sum(unit.round_trips.count for unit in self.units.values())

    @property
    def timeouts(self) -> int:
        """Requests without any answer in time."""
        return sum(unit.timeouts for unit in self.units.values())

    @property
    def implausible(self) -> int:
        """Answers that do not fit their question, or that cannot be read."""
        return sum(unit.implausible for unit in self.units.values())

    @property
    def refused(self) -> int:
        """Requests that were refused here, before the wire."""
        return sum(unit.refused for unit in self.units.values())

    @property
    def exceptions(self) -> dict[int, int]:
        """Exception replies by code."""
        counts: dict[int, int] = {}
        for unit in self.units.values():
            for code, count in unit.exceptions.items():
                counts[code] = counts.get(code, 0) + count
        return counts

    @property
    def round_trips(self) -> RoundTrips:
        """All units' round trips together."""
        return merged(unit.round_trips for unit in self.units.values())

    @property
    def round_trip_ms(self) -> float:
        """Mean time from request to answer in ms, 0 before the first answer."""
        whole = self.round_trips
        return 1000.0 * whole.sum_s / whole.count if whole.count else 0.0

    def unit(self, unit_id: int) -> UnitCounters:
        """That unit's counters, begun when it is first spoken of."""
        return self.units.setdefault(unit_id, UnitCounters())

    def as_dict(self) -> dict[str, object]:
        """Plain JSON: the line's own figures, the sums, and each unit's."""
        return {
            "requests": self.requests,
            "answers": self.answers,
            "timeouts": self.timeouts,
            "exceptions": {str(code): count for code, count in sorted(self.exceptions.items())},
            "implausible": self.implausible,
            "garbled": sum(unit.garbled for unit in self.units.values()),
            "refused": self.refused,
            "repeated": sum(unit.repeated for unit in self.units.values()),
            "strays": self.strays,
            "broadcasts": self.broadcasts,
            "connects": self.connects,
            "reconnects": self.reconnects,
            "lost": self.lost,
            "bytes_sent": self.bytes_sent,
            "bytes_received": self.bytes_received,
            "last_error": self.last_error,
            "round_trip": self.round_trips.as_dict(),
            "units": {str(unit_id): unit.as_dict() for unit_id, unit in sorted(self.units.items())},
        }
