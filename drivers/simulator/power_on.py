"""What an output does when the device's supply returns, read from its setting or else from its profile's failsafe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from drivers.profile import WHOLE_DEVICE, Point, Profile
from drivers.quantity import Quantity
from drivers.simulator.raw_values import Value

Action = Literal["previous", "off", "on", "level", "safe_state"]

_WORDS: tuple[tuple[Action, tuple[str, ...]], ...] = (
    ("previous", ("previous", "restore", "last", "keep", "hold")),
    ("level", ("level",)),
    ("safe_state", ("safe",)),
    ("off", ("off",)),
    ("on", ("on",)),
)


def previous_state_code(point: Point) -> float:
    """The code of "as before the cut" in that setting's enumeration, or 0 where it has none."""
    return float(next((code for code, text in point.enumeration.items() if _action(text) == "previous"), 0))


def power_on_value(
    profile: Profile, channel: str, quantity: Quantity, value_of: Callable[[Quantity, str], Value]
) -> float | None:
    """The value that the output takes at power-on; None leaves it as it was."""
    full = 100.0 if quantity is Quantity.DIM_LEVEL else 1.0
    match _chosen(profile, channel, value_of):
        case "off":
            return 0.0
        case "on":
            return full
        case "level":
            return _setting(value_of(Quantity.POWER_ON_LEVEL, channel), 100.0) * full / 100.0
        case "safe_state":
            return _setting(value_of(Quantity.SAFETY_LEVEL, channel), 0.0) * full / 100.0
        case _:
            return None


def _chosen(profile: Profile, channel: str, value_of: Callable[[Quantity, str], Value]) -> Action:
    for place in (channel, WHOLE_DEVICE):
        point = profile.point(Quantity.POWER_ON_ACTION, place)
        code = value_of(Quantity.POWER_ON_ACTION, place)
        if point is not None and isinstance(code, (int, float)):
            return _action(point.enumeration.get(int(code), ""))
    if profile.point(Quantity.POWER_ON_LEVEL, channel) is not None:
        return "level"
    by_failsafe: dict[str, Action] = {"lit": "on", "dark": "off"}
    return by_failsafe.get(profile.failsafe.power_return.kind, "previous")


def _action(text: str) -> Action:
    words = text.lower().replace("_", " ").split()
    return next((action for action, known in _WORDS if any(word in known for word in words)), "previous")


def _setting(value: Value, default: float) -> float:
    return float(value) if isinstance(value, (int, float)) else default
