"""What an output does by itself, for each cause, as the profile's facts and the device's own settings say."""

from __future__ import annotations

from collections.abc import Callable

from drivers.profile import Meaning, Point, Profile, Reaction
from drivers.quantity import Quantity
from drivers.simulator.raw_values import Value

FULL_PCT = 100.0
Values = Callable[[Point], Value]
"""The present value of a setting."""


def reaction_pct(profile: Profile, reaction: Reaction, channel: str, value_of: Values) -> float | None:
    """The level that the output takes, 0 for dark; None leaves it as it is (hold, and whatever is unknown)."""
    match _meaning(profile, reaction, channel, value_of):
        case "dark":
            return 0.0
        case "lit":
            return FULL_PCT if reaction.level_pct is None else reaction.level_pct
        case "level":
            return _level_pct(profile, reaction, channel, value_of)
        case _:
            return None


def holding_code(profile: Profile, point: Point) -> int | None:
    """The raw choice of "as before the cut" in that power-on setting, None where it has none."""
    reaction = profile.failsafe.power_return
    if reaction.action is not point.quantity:
        return None
    return next((raw for raw, meaning in reaction.meanings.items() if meaning == "hold"), None)


def _meaning(profile: Profile, reaction: Reaction, channel: str, value_of: Values) -> Meaning:
    if reaction.action is not None:
        point = profile.setting_of(reaction.action, channel)
        code = None if point is None else value_of(point)
        if point is not None and isinstance(code, float | int):
            return reaction.meanings.get(round((code - float(point.offset)) / float(point.scale)), "unknown")
    elif reaction.level is not None and profile.setting_of(reaction.level, channel) is not None:
        return "level"
    return reaction.kind


def _level_pct(profile: Profile, reaction: Reaction, channel: str, value_of: Values) -> float | None:
    point = None if reaction.level is None else profile.setting_of(reaction.level, channel)
    value = None if point is None else value_of(point)
    if isinstance(value, float | int):
        return float(value)
    return reaction.level_pct


def output_value(quantity: Quantity, level_pct: float) -> float:
    """A level as the value of an output: in percent for a dimmer, open or closed for a contact."""
    return level_pct if quantity is Quantity.DIM_LEVEL else float(level_pct > 0.0)
