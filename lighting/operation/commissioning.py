"""Giving one device the settings that keep its circuits lit without us: only what differs, in an order that is safe.

A watchdog that runs already and is too short is made longer, and read back, before anything else: an action armed on
it would switch lamps between two polls. Then levels come before the actions that use them, and a watchdog that is
switched on or made shorter last, for it sets all of them going. What depends on a write that failed is left as it was,
and so is whatever would do harm should nothing more follow. So it can be broken off after every single write: no lamp
is switched by it, and a device that loses its master then is not darker than it would have been before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from drivers.bus import Priority
from drivers.device import Device
from drivers.errors import DriverError, Rejected, Unreachable
from drivers.profile import WHOLE_DEVICE
from drivers.setting_budget import SettingBudget
from lighting.assets.failsafe_settings import Outputs, SettingChange

Became = Literal["verified", "stood_already", "not_verified", "refused", "unreachable", "locked_out", "left_alone"]
DONE: frozenset[Became] = frozenset({"verified", "stood_already"})


@dataclass(frozen=True, slots=True)
class SettingOutcome:
    """What became of one wanted change. ``left_alone``: what it depends on was not done. ``detail`` is for a log."""

    change: SettingChange
    became: Became
    detail: str = ""


async def write_changes(
    device: Device,
    changes: Sequence[SettingChange],
    *,
    budget: SettingBudget,
    allowed: Callable[[SettingChange], bool],
    does_harm: Callable[[SettingChange, Collection[SettingChange]], bool] = lambda _change, _done: False,
) -> tuple[SettingOutcome, ...]:
    """Write these in their order. Never raises for a device: every change has its outcome.

    ``does_harm`` says of a change, beside those that were done, whether it must not be the last one.
    """
    outcomes: list[SettingOutcome] = []
    needed_failed: set[str] = set()
    any_failed = silent = False
    for change in changes:
        if silent or _depends_on(change, needed_failed, any_failed=any_failed):
            outcome = SettingOutcome(change, "left_alone")
        elif does_harm(change, [one.change for one in outcomes if one.became in DONE]):
            outcome = SettingOutcome(change, "left_alone", "would do harm by itself")
        else:
            outcome = await _write(device, change, budget, allowed)
        silent = silent or outcome.became == "unreachable"
        if outcome.became not in DONE:
            any_failed = True
            needed_failed |= {change.channel} if change.stage == "level" or change.lengthens else set()
        outcomes.append(outcome)
    return tuple(outcomes)


def _depends_on(change: SettingChange, needed_failed: Collection[str], *, any_failed: bool) -> bool:
    """An action needs its level and a watchdog that is long enough, one of the whole device everybody's.

    A watchdog that is switched on or made shorter needs all of them, one that is made longer nothing.
    """
    match change.stage:
        case "level":
            return False
        case "watchdog":
            return any_failed and not change.lengthens
        case "action" if change.channel == WHOLE_DEVICE:
            return bool(needed_failed)
        case "action":
            return change.channel in needed_failed or WHOLE_DEVICE in needed_failed


async def _write(
    device: Device, change: SettingChange, budget: SettingBudget, allowed: Callable[[SettingChange], bool]
) -> SettingOutcome:
    point = device.profile.point_named(change.point)
    assert point is not None  # the change was worked out from this profile
    closed = False

    def gate() -> bool:
        nonlocal closed
        closed = not allowed(change)
        return not closed

    if not gate():
        return SettingOutcome(change, "locked_out")
    try:
        done = await device.write_setting(point, change.to_value, budget=budget, priority=Priority.PERSON, allowed=gate)
    except Unreachable as error:
        return SettingOutcome(change, "unreachable", error.detail)
    except Rejected as error:
        return SettingOutcome(change, "locked_out" if closed else "refused", error.detail)
    except DriverError as error:
        return SettingOutcome(change, "not_verified", error.detail)
    if not done.verified:
        return SettingOutcome(change, "not_verified")
    return SettingOutcome(change, "stood_already" if done.skipped else "verified")


def outputs_of_circuits(outputs: Outputs, circuits: Collection[str]) -> Outputs:
    """The outputs that these circuits use."""
    return {
        channel: (role, on) for channel, (role, on) in outputs.items() if any(circuit.id in circuits for circuit in on)
    }


def told(outcome: SettingOutcome) -> Mapping[str, object]:
    """Plain JSON of what became of a change."""
    change = outcome.change
    return {
        "device": change.device,
        "point": change.point,
        "stage": change.stage,
        "from_value": change.from_value,
        "to_value": change.to_value,
        "from_raw": change.from_raw,
        "to_raw": change.to_raw,
        "unit": change.unit,
        "from_word": change.from_word,
        "to_word": change.to_word,
        "circuits": list(change.circuits),
        "became": outcome.became,
        "detail": outcome.detail,
    }
