"""What a setting written by hand means for the street, said by the command that wrote it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from lighting.assets.fact import Fact
from lighting.cli.voice import Voice
from lighting.desk.answers import CircuitWithoutUs
from lighting.desk.desk import Desk
from lighting.desk.without_us import devices_of
from lighting.desk.without_us_facts import few

Standing = Mapping[str, CircuitWithoutUs]


def standing_of(desk: Desk, devices: Collection[str]) -> Standing:
    """What the circuits on these devices would do without us, as the devices were last read."""
    return desk.without_us(
        name for name, circuit in desk.site.circuits.items() if not set(devices_of(circuit)).isdisjoint(devices)
    )


def tell_what_it_means(voice: Voice, before: Standing, after: Standing) -> None:
    """Which circuits would go dark without us that would not before, and which watchdogs the polls cannot feed now."""
    dark = [name for name, one in after.items() if one.verdict == "goes_dark" and before[name].verdict != "goes_dark"]
    if dark:
        voice.tell(Fact("write_leaves_dark", {"circuits": len(dark), "names": few(dark), "first": dark[0]}))
    known = {str(fact) for one in before.values() for fact in one.not_fed}
    fresh = {str(fact): fact for one in after.values() for fact in one.not_fed if str(fact) not in known}
    voice.tell(*fresh.values())
