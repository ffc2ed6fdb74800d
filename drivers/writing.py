"""From a value to the request that sets it, and from what is read back to whether it took hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from drivers.bus import Bus, Priority
from drivers.codec import decode, encode
from drivers.errors import Rejected
from drivers.profile import FunctionCode, Limits, Point
from drivers.quantity import LEVELS

Allowed = Callable[[], bool]
"""Asked at the moment the bytes leave; False is a Rejected and sends nothing."""

_ROUNDING = 1.000001
"""One raw step, and room for what binary fractions lose of it."""


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What a write did. ``verified``: reading back (and the contact, where there is one) shows the value.

    ``read_back`` is in the quantity's unit, None when it could not be read or is a text; ``latency_ms`` is real time
    from the call to the end of reading back. ``skipped``: a setting that stood so already was not written.
    """

    verified: bool
    read_back: float | None
    latency_ms: int
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmedAct:
    """A person's own act: who, why, and the word that he or she typed to confirm it.

    The word is the name of the device or of the point, for a broadcast that of the line, so that an act confirmed for
    one is of no use for another.
    """

    by: str
    reason: str
    word: str


def raw_for(point: Point, value: float | str) -> tuple[int, ...]:
    """The registers (or bit) that set a point to ``value``, at the nearest step that may be written.

    Raises Rejected for everything that must not reach the wire: no finite number, outside the write range (without one:
    the valid range; a level: 0 to 100), not in the enumeration, forbidden, or not to be held by the type.
    """
    if isinstance(value, str) or point.data_type == "string":
        return encode(point, value)
    if not math.isfinite(value):
        raise Rejected(f"{point.name} takes a number, not {value!r}")
    _refuse_beyond(point, value)
    return encode(point, value)


def held_for(point: Point, value: float | str) -> float | str | None:
    """What the device will hold once ``value`` is written: the nearest that its steps allow. Raises as ``raw_for``."""
    return decode(point, raw_for(point, value)).value


def write_function(point: Point, limits: Limits) -> FunctionCode:
    """The function code that writes this point: the single one where the device has it, else the multiple one.

    Raises Rejected when the device has none. A value of several registers is never written one by one: in between it
    would be another value.
    """
    candidates: tuple[FunctionCode, ...] = (5, 15) if point.data_type == "bit" else (6, 16)
    if point.data_type != "bit" and point.register_count > 1:
        candidates = (16,)
    for function in candidates:
        if function in limits.functions:
            return function
    raise Rejected(f"{point.name} cannot be written: it needs function {candidates[-1]}, which the device has not")


async def send(
    bus: Bus,
    unit_id: int,
    point: Point,
    raw: tuple[int, ...],
    *,
    limits: Limits,
    priority: Priority,
    allowed: Allowed | None,
) -> None:
    """Write a point's raw value and check the echo. Raises what the bus raises, and as ``write_function``.

    The bus takes the function by the same rule.
    """
    function = write_function(point, limits)
    if function in (5, 15):
        await bus.write_coil(
            unit_id, point.address_written, bool(raw[0]), priority=priority, limits=limits, allowed=allowed
        )
    else:
        await bus.write_registers(
            unit_id, point.address_written, raw, priority=priority, limits=limits, allowed=allowed
        )


def holds(point: Point, raw: tuple[int, ...], value: float | str | None) -> bool:
    """Whether a setting that reads ``value`` stands at ``raw`` exactly."""
    return value is not None and value == decode(point, raw).value


def fits(point: Point, raw: tuple[int, ...], shown: Point, value: float) -> bool:
    """Whether ``value``, read at ``shown``, is what was sent to ``point``: within one step of either. Off is off."""
    sent = decode(point, raw).value
    if not isinstance(sent, float):
        return False
    if point.quantity in LEVELS and (sent > 0) != (value > 0):
        return False  # off is off, and a lamp at its lowest step is not
    step = max(_step_at(point, raw), _own_step(shown)) if sent != 0 and point.data_type != "bit" else 0.0
    return abs(value - sent) <= step * _ROUNDING


def _refuse_beyond(point: Point, value: float) -> None:
    low = point.valid_min if point.write_min is None else point.write_min
    high = point.valid_max if point.write_max is None else point.write_max
    if point.quantity in LEVELS:
        low, high = max(0.0, low or 0.0), min(100.0, 100.0 if high is None else high)
    if (low is not None and value < low) or (high is not None and value > high):
        raise Rejected(f"{point.name} takes {_said(low)} to {_said(high)}, not {value:.15g}")


def _said(bound: float | None) -> str:
    return "any" if bound is None else f"{bound:.15g}"


def _step_at(point: Point, raw: tuple[int, ...]) -> float:
    """How far the raw numbers beside this one are from it, in the unit of the value; dark is no step of a curve."""
    if point.curve == "linear" or len(raw) != 1:
        return _own_step(point)
    around = [decode(point, (number,)).value for number in range(max(0, raw[0] - 1), min(0xFFFF, raw[0] + 1) + 1)]
    lit = [value for value in around if isinstance(value, float) and value > 0]
    return max((high - low for low, high in pairwise(lit)), default=0.0)


def _own_step(point: Point) -> float:
    return 0.0 if point.data_type == "bit" or point.curve != "linear" else abs(float(point.scale))
