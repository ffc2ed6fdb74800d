"""Writes docs/devices.md from the device types that ship: run ``python docs/devices.py``; a test keeps it current."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from drivers.profile import Channel, Profile, Reaction
from drivers.profile_file import built_in_profiles

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "devices.md"

HEAD = """# Supported devices

Made from the profiles in `drivers/profiles/`; do not edit it: `python docs/devices.py`. A device that is not here
is added by one text file, without code: [add your device in fifteen minutes](guides/add-your-device.md). All keys
of such a file: [profiles.md](profiles.md). A site's own `profiles/` folder comes before these.

**How far to trust a profile.** *vendor*: a document or a driver of the maker stands behind it. *community*:
programs or pages of others do. *hardware*: verified on the device itself; no profile here is that yet, so try each
on one unit before a street hangs on it.

**What holds without us.** "Master lost" is what an output does when the controller or its line dies. Hold-last
counts as dark, because by day the last level is off. *Set* means that a setting of the device decides, to be
written and verified at commissioning; until it was read it is unknown. The loss of a DALI bus is another thing than
the loss of the Modbus master.

"""

GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Dimmers and DALI gateways", frozenset({"dimmer"})),
    ("Relays, for contactors", frozenset({"relay"})),
    ("Meters", frozenset({"meter"})),
    ("Counters", frozenset({"counter"})),
    ("Light sensors", frozenset({"sensor"})),
)

LIMITS_OF_DATA = """## What data alone cannot do

A profile is data: no formula, no condition, no sequence. These stay outside, or need a profile per case:

"""

OUTSIDE: tuple[tuple[str, str, str], ...] = (
    (
        "LEDSC4 (`ledsc4`)",
        "another PWM cycle than 255",
        "its full scale is itself a register: write a copy with the scale of your cycle and that `mode`",
    ),
    ("LEDSC4 (`ledsc4`)", "staged values, applied by one broadcast", "a sequence of writes is no point"),
    (
        "ECOdim GW2 (`ecodim-dali-gw2`)",
        "groups as outputs",
        "a group cannot be read back, its level would be a guess: use the lamps, or the group as an act of a person",
    ),
    (
        "ECOdim, Arlight",
        "failsafe levels of the DALI drivers",
        "set by DALI commands and not readable here: shown as unknown",
    ),
    (
        "Arlight (`arlight-dali-logic`)",
        "colour temperature in kelvin",
        "a reciprocal (mirek) is no scale: it stays in mirek",
    ),
    (
        "WB-MDM3, WB-MAO4",
        "light in percent",
        "the curve is a setting of the device or the LED driver: it is checked as a setting, the light stays unknown",
    ),
    (
        "WB-MR6C (`wb-mr6c`)",
        "failsafe of older firmware",
        "the registers differ with the firmware: they are read first, and unknown where they are missing",
    ),
    ("GE A Series (`ge-a-series`)", "breakers 2 to 66, photocell", "their registers were not on the pages read"),
    ("Schneider iEM3155 (`iem3155`)", "power factor", "a code of four quadrants, carried as the raw number"),
    ("Waveshare relays sold before September 2021", "everything", "their protocol V1 is not Modbus"),
    ("traffic counters", "a map of their own", "none was found in public: count a relay's pulses with a WB-MCM8"),
)
"""Device, what cannot be said of it, and why or what to do."""


def page() -> str:
    """The whole page."""
    profiles = [profile for profile in built_in_profiles().values() if "+" not in profile.id]
    parts = [HEAD]
    for title, roles in GROUPS:
        chosen = [profile for profile in profiles if main_role(profile) in roles]
        parts.append(f"## {title}\n\n{_table(chosen)}\n")
    parts.append(LIMITS_OF_DATA + _rows(("device", "what", "why, and what to do"), OUTSIDE) + "\n")
    parts.append("## Each device\n\n")
    parts += [_section(profile) for profile in sorted(profiles, key=lambda profile: (profile.maker, profile.id))]
    return "".join(parts).rstrip() + "\n"


def main_role(profile: Profile) -> str:
    """What the device is for: the first of its outputs, else meter, counter, sensor."""
    roles = {channel.role for channel in profile.channels}
    return next(role for role in ("dimmer", "relay", "meter", "counter", "sensor", "input") if role in roles)


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _table(profiles: Iterable[Profile]) -> str:
    rows = []
    for profile in profiles:
        lost, back = reaction(profile.failsafe.lost_master), reaction(profile.failsafe.power_return)
        if not _has_outputs(profile):
            lost = back = "no outputs"
        named = f"[`{profile.id}`](#{profile.id})"
        rows.append((named, title(profile), channels(profile), profile.trust, lost, back))
    return _rows(("id", "device", "channels", "trust", "master lost", "power returns"), rows)


def title(profile: Profile) -> str:
    """Maker and name, without saying the maker's name twice."""
    *before, last = profile.maker.split()
    return " ".join([*before, profile.name] if last in profile.name else [profile.maker, profile.name])


def channels(profile: Profile) -> str:
    """``4 dimmers (1 to 4), 3 inputs (in1 to in3)``."""
    said = []
    for role, group in groupby(profile.channels, key=lambda channel: channel.role):
        ids = [channel.id for channel in group]
        named = ids[0] if len(ids) == 1 else f"{ids[0]} to {ids[-1]}"
        said.append(f"{len(ids)} {role}{'s' if len(ids) > 1 else ''} ({named})")
    return ", ".join(said)


def reaction(known: Reaction) -> str:
    """A reaction in a few words."""
    if known.action is not None:
        return "set"
    if known.level is not None:
        return "set (level)"
    words = {"hold": "holds last: dark", "dark": "dark", "lit": "lit", "unknown": "unknown"}
    level = "" if known.level_pct is None else f" at {known.level_pct:g} %"
    return words[known.kind] + level


def _has_outputs(profile: Profile) -> bool:
    return any(channel.role in ("dimmer", "relay") for channel in profile.channels)


def _section(profile: Profile) -> str:
    lines = [f'### <a id="{profile.id}"></a>{title(profile)}', ""]
    lines += [" ".join(profile.notes.split()), ""]
    facts = [
        ("id", ", ".join(f"`{one.id}`" for one in (profile, *profile.variants))),
        ("trust", profile.trust),
        ("channels", channels(profile)),
        ("carries", _carries(profile.channels)),
        ("level", _level(profile)),
        ("true only while", _mode(profile)),
        ("from the factory", _link(profile)),
        ("limits", _limits(profile)),
        ("told by", _identity(profile)),
        *(_failsafe(profile) if _has_outputs(profile) else []),
        ("sources", "; ".join(profile.sources)),
    ]
    lines += ["| | |", "|---|---|"]
    lines += [f"| {name} | {' '.join(text.split())} |" for name, text in facts if text]
    for variant in profile.variants:
        condition = f"True only while {_mode(variant)}. " if variant.mode is not None else ""
        said = " ".join(variant.notes.removeprefix(profile.notes).split())
        lines += ["", f"Variant `{variant.id}`: {variant.name}. {condition}{said}".rstrip()]
    return "\n".join(lines) + "\n\n"


def _carries(of: Iterable[Channel]) -> str:
    lamps = sorted({channel.max_lamps for channel in of if channel.max_lamps is not None})
    watts = sorted({channel.max_load_w for channel in of if channel.max_load_w is not None})
    said = [f"{' or '.join(f'{n}' for n in lamps)} LED drivers a channel" if lamps else ""]
    said += [f"{' or '.join(f'{w:g}' for w in watts)} W a channel" if watts else ""]
    return ", ".join(part for part in said if part)


def _level(profile: Profile) -> str:
    if main_role(profile) != "dimmer":
        return ""
    said = {"light": "% of light", "arc": "% of arc power", "unknown": "%; whether of light or of arc power is unknown"}
    return said[profile.level_meaning]


def _mode(profile: Profile) -> str:
    if profile.mode is None:
        return ""
    point = profile.point_named(profile.mode.point)
    word = point.enumeration.get(profile.mode.raw, "") if point is not None else ""
    return f"`{profile.mode.point}` is {profile.mode.raw}{f' ({word})' if word else ''}"


def _link(profile: Profile) -> str:
    link = profile.link
    said = [f"{link.baud} baud" if link.baud else "", f"parity {link.parity}" if link.parity else ""]
    said += [f"{link.stop_bits} stop bit{'s' if link.stop_bits == 2 else ''}" if link.stop_bits else ""]
    said += [f"unit id {link.unit_id}" if link.unit_id else ""]
    return ". ".join(part for part in (", ".join(part for part in said if part), link.notes) if part)


def _limits(profile: Profile) -> str:
    limits = profile.limits
    count = limits.max_registers_per_read
    said = [f"{count} register{'s' if count > 1 else ''} a read"]
    said += ["functions " + ", ".join(map(str, limits.functions))]
    said += [f"{limits.pause_ms:g} ms pause" if limits.pause_ms else ""]
    said += [f"gaps up to {limits.max_gap} read over" if limits.max_gap else "no gap is read over"]
    said += ["broadcast" if limits.broadcast else ""]
    return "; ".join(part for part in said if part)


def _identity(profile: Profile) -> str:
    said = []
    for check in profile.identity:
        point = profile.point_named(check.point)
        assert point is not None, "checked when the profile was read"
        if check.equals is not None:
            said.append(f"`{check.point}` is {check.equals if isinstance(check.equals, str) else f'{check.equals:g}'}")
        elif point.valid_min is not None and point.valid_max is not None:
            unit = f" {point.unit_name}" if point.unit_name else ""
            said.append(f"`{check.point}` from {point.valid_min:g} to {point.valid_max:g}{unit}")
        else:
            said.append(f"`{check.point}` can be read")
    return ", ".join(said)


def _failsafe(profile: Profile) -> list[tuple[str, str]]:
    failsafe = profile.failsafe
    fed = {
        "any_request": "any request feeds it",
        "write": "only writes feed it",
        "register": f"`{failsafe.fed_point}` feeds it",
        "none": "none",
        "unknown": "unknown",
    }[failsafe.fed_by]
    seconds = f", {failsafe.watchdog_s:g} s from the factory" if failsafe.watchdog_s else ""
    return [
        ("master lost", _reaction_in_full(failsafe.lost_master)),
        ("lamp bus lost", _reaction_in_full(failsafe.lost_lamp_bus)),
        ("power returns", _reaction_in_full(failsafe.power_return)),
        ("watchdog", f"{fed}{', can be set' if failsafe.watchdog else ''}{seconds}"),
        ("without us", failsafe.notes),
    ]


def _reaction_in_full(known: Reaction) -> str:
    if known.action is not None:
        level = "" if known.level is None else f", level: `{known.level.value}`"
        said = ", ".join(f"{raw} {meaning}" for raw, meaning in sorted(known.meanings.items()))
        return f"as `{known.action.value}` says: {said}{level}"
    if known.level is not None:
        return f"takes the level of `{known.level.value}`"
    return reaction(known)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.exit(0)
