"""What a request costs on a line, and what one more register in it costs. Pure.

Where a register costs nothing (a network) any gap is worth filling to save a request; on a slow serial line a gap costs
its registers, so that a long one is cheaper left out. RTU over TCP is a converter with a serial line behind it, whose
speed nobody says: it is reckoned as 9600 baud 8N1, what most devices are delivered with. Where it is faster, a gap of
more than ten registers costs a request that could have been spared.
"""

from __future__ import annotations

from dataclasses import dataclass

BITS_PER_REGISTER = 16
_FRAME_CHARACTERS = 13
"""Request (8) and reply (5) of a block read, without the values. Modbus over Serial Line V1.02, 2.5.1."""
_SILENT_CHARACTERS = 7
"""3.5 characters of silence end each of the two frames; the same, 2.5.1.1."""
_LEAST_SILENCE_MS = 1.75
"""Above 19200 baud the silence is fixed; the same, 2.5.1.1."""
_REGISTER_CHARACTERS = 2


@dataclass(frozen=True, slots=True)
class LineCost:
    """Milliseconds of the line: for each request (with the device's turnaround), and for each register in it."""

    request_ms: float
    register_ms: float = 0.0


NETWORK_COST = LineCost(request_ms=1.0)
"""A network: what counts is the number of requests."""


def serial_cost(baud: int, *, bits_per_character: int = 10, turnaround_ms: float = 0.0) -> LineCost:
    """The cost on a serial line: at 9600 baud 8N1 20.8 ms a request and 2.1 ms a register."""
    character_ms = 1000 * bits_per_character / baud
    silence_ms = max(_SILENT_CHARACTERS * character_ms, 2 * _LEAST_SILENCE_MS)
    return LineCost(
        request_ms=_FRAME_CHARACTERS * character_ms + silence_ms + turnaround_ms,
        register_ms=_REGISTER_CHARACTERS * character_ms,
    )
