"""What a device of a profile reports before anybody has touched it."""

from __future__ import annotations

from drivers.profile import Point, Profile
from drivers.quantity import Quantity
from drivers.simulator.raw_values import Value
from drivers.simulator.reactions import holding_code

_FACTORY: dict[Quantity, float] = {
    Quantity.OUTPUT_ON: 1.0,
    Quantity.VOLTAGE: 230.0,
    Quantity.FREQUENCY: 50.0,
    Quantity.POWER_FACTOR: 1.0,
    Quantity.SUPPLY_VOLTAGE: 24.0,
    Quantity.MCU_VOLTAGE: 3.3,
    Quantity.TEMPERATURE: 35.0,
    Quantity.WATCHDOG_TIMEOUT: 10.0,
    Quantity.SAFETY_LEVEL: 50.0,
    Quantity.POWER_ON_LEVEL: 50.0,
    Quantity.SYSTEM_FAILURE_LEVEL: 100.0,
    Quantity.MAXIMUM_LEVEL: 100.0,
    Quantity.OUTPUT_MODE: 1.0,
    Quantity.DEBOUNCE: 50.0,
}


def factory_value(profile: Profile, point: Point, seed: int) -> Value:
    """The first value of a point, within its valid range. ``seed`` makes serial numbers differ."""
    told = _as_told(profile, point)
    if told is not None:
        return told
    if point.data_type == "string":
        return "1.0.0-sim"[: point.register_count * point.chars_per_register]
    if point.quantity is Quantity.SERIAL_NUMBER:
        return float(seed & 0xFFFFFF)
    holding = holding_code(profile, point)
    if holding is not None:
        return float(holding * point.scale + point.offset)
    if point.quantity is profile.failsafe.watchdog and profile.failsafe.watchdog_s is not None:
        return _within(point, profile.failsafe.watchdog_s)
    if point.quantity in (Quantity.RAMP_UP, Quantity.RAMP_DOWN):
        return _within(point, profile.ramp_ms_per_pct)
    return _within(point, _FACTORY.get(point.quantity, 0.0))


def _as_told(profile: Profile, point: Point) -> Value:
    """What the profile says: the sign by which the device is known, the mode in which its points are true."""
    for check in profile.identity:
        if check.point == point.name and check.equals is not None:
            return check.equals
    if profile.mode is not None and profile.mode.point == point.name:
        return float(profile.mode.raw * point.scale + point.offset)
    return None


def _within(point: Point, value: float) -> float:
    if point.enumeration and round(value / float(point.scale)) not in point.enumeration:
        value = float(min(point.enumeration) * point.scale + point.offset)
    if point.valid_min is not None:
        value = max(value, point.valid_min)
    if point.valid_max is not None:
        value = min(value, point.valid_max)
    # A setting holds only what its register can say: half a relay does not exist.
    step = float(point.scale)
    return value if point.data_type == "float32" else round(value / step) * step
