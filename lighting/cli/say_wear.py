"""What the simulated devices suffered, told at the simulator's end when there is anything to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from lighting.assets.fact import Fact
from lighting.cli.simulated_city import SimulatedCity

_NAMED = 5


def worn_facts(city: SimulatedCity) -> Iterator[Fact]:
    """Settings written, commands given, watchdogs that ran out and pauses that were not kept."""
    worn = {(name, point): n for name, device in city.devices.items() for point, n in device.wear.items()}
    if worn:
        (device, point), most = max(worn.items(), key=lambda entry: entry[1])
        count = sum(worn.values())
        yield Fact("simulator_settings_written", {"count": count, "device": device, "point": point, "most_count": most})
    commands = {f"{name} {point}": n for name, device in city.devices.items() for point, n in device.commands.items()}
    if commands:
        yield Fact("simulator_commands_given", {"commands": _listed(commands)})
    out = {name: device.watchdog_expiry_count for name, device in city.devices.items()}
    if any(out.values()):
        yield Fact("simulator_watchdogs_out", {"count": sum(out.values()), "devices": _listed(out)})
    hurried = {name: device.pause_violation_count for name, device in city.devices.items()}
    if any(hurried.values()):
        yield Fact("simulator_pauses_broken", {"count": sum(hurried.values()), "devices": _listed(hurried)})


def _listed(counts: Mapping[str, int]) -> str:
    """The most frequent first; long lists are cut with an ellipsis."""
    some = sorted(((n, name) for name, n in counts.items() if n), key=lambda entry: (-entry[0], entry[1]))
    return ", ".join(f"{name} {n}" for n, name in islice(some, _NAMED)) + (", …" if len(some) > _NAMED else "")
