"""Writes docs/profiles.md, the keys of a profile, from the shapes that read it: run ``python docs/profile_keys.py``.

The meanings stand here; a test holds that every key has one and that the page is current.
"""

from __future__ import annotations

import sys
import types
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from drivers.profile_toml import (
    AxisToml,
    BitsToml,
    ChannelToml,
    FailsafeToml,
    IdentityToml,
    LimitsToml,
    LinkToml,
    ModeToml,
    PointToml,
    ProfileToml,
    ReactionToml,
    Strict,
    VariantToml,
    VectorToml,
)
from drivers.quantity import UNITS, Quantity

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "profiles.md"

HEAD = """# The keys of a profile

Made from the shapes that read a profile; do not edit it: `python docs/profile_keys.py`. A worked example:
[add your device in fifteen minutes](guides/add-your-device.md).

A profile is one TOML file in the site's `profiles/` folder, named as you like, ending in `.toml`. An unknown key is a
mistake, and every mistake is named at once with its line. Numbers are decimal or hexadecimal (`0x5B00`). An *exact*
number is a whole one or a text: `"1/10"`, `"0.1"`, `"1/65536"`; never a bare `0.1`, which a computer cannot hold
exactly, so that the way back to the device would not be exact. **Bold** keys must be there.

"""

MEANINGS: dict[type[Strict], dict[str, str]] = {
    ProfileToml: {
        "schema_version": "the version of this format: 1",
        "id": "the name under which a site's devices.csv asks for it",
        "name": "maker's name of the model and what it is, for people",
        "maker": "who makes it",
        "trust": "`hardware`: verified on the device; `vendor`: the maker's document; `community`: others' word",
        "sources": "where the facts come from: document, page, version",
        "probe": "a point with a valid range that tells a right map from one that is a register off",
        "notes": "addressing traps, disagreements of sources, what is left out and why",
        "level_meaning": "whether a level is % of light or % of arc power (DALI); unknown is shown as unknown",
        "ramp_ms_per_pct": "how long an output takes for one percent, from the factory",
        "channels": "its outputs, meter phases, inputs, counters and sensors",
        "points": "its values: one table each, see below",
        "vectors": "registers and the value they mean, tested both ways",
        "limits": "what a request may ask",
        "failsafe": "what it does by itself",
        "link": "how it talks from the factory",
        "identity": "points by which it is told from others; all of them must hold; never by writing",
        "mode": "the setting that must hold for these points to be true",
        "variants": "what another output mode changes; a site names it `id+variant`",
    },
    ChannelToml: {
        "id": "its name in the site's tables, such as `1` or `L{n}` with a repeat",
        "role": "what it is for",
        "max_load_w": "what it may carry, in W; left out when nobody says it",
        "max_lamps": "how many LED drivers it may carry",
        "repeat": "one channel for each count",
    },
    PointToml: {
        "name": "its own name, once in the file; letters of the repeat in braces: `level_{n}`",
        "quantity": "what it means, from the list below; each once a channel, save `other`, `status` and `command`",
        "channel": "the channel it belongs to; left out for the whole device",
        "table": "`coil` (read by 1, written by 5), `discrete` (2), `holding` (3, written by 6 or 16), `input` (4)",
        "address": "the address on the wire, counted from 0: often the manual's number less 1, or less 30001 or 40001",
        "manual": "the number that the manual prints, for people; of a `repeat` that of its first: a plain number "
        "(40017, 0x5B00) counts on with the strides, and letters stand as in the name (P{n})",
        "type": "bits of a coil are `bit`; u is unsigned, s signed, then the number of bits",
        "registers": "how many registers a text has; every other type has its own number",
        "word_order": "of more than one register: `big` has the high word first, `little` the low word",
        "scale": "exact; value = raw × scale + offset",
        "offset": "exact; value = raw × scale + offset",
        "sentinels": "raw patterns that mean there is no value: they become unknown, never a number",
        "valid_min": "below it the value is kept and flagged as implausible",
        "valid_max": "above it the value is kept and flagged as implausible",
        "enumeration": "raw number = word; another number is flagged as implausible",
        "writable": "whether it may be written at all",
        "readable": 'false for what can only be written; such a point has `poll = "never"`',
        "class": "`live`: written in normal operation; `setting`: kept in memory that wears out, written at "
        "commissioning; `command`: an act of a person, never of the program",
        "poll": "`once` is after a start; left out: live points `fast`, settings and commands `never`",
        "write_min": "lowest value that may be written",
        "write_max": "highest value that may be written",
        "forbidden_raw": "raw numbers that are never written, such as DALI's 255",
        "counter_bits": "a counter of so many bits, that starts again at 0",
        "verify": "the point that shows what a write has really done, such as the contact of a coil",
        "follows_ramp": "whether reading back shows the ramp on its way",
        "byte_order": "`little` swaps the two bytes of every register",
        "bits": "a field of bits in the register; such a point is only read, and may share its register",
        "flags": "bit number = name, of a status word",
        "chars_per_register": "of a text: 1 (in the low byte) or 2 (the first in the high byte)",
        "unit": "the unit where the quantity has none",
        "write_address": "where to write, when it is another address than the one read",
        "write_step": "exact; the value is written in steps of it",
        "verify_after_ms": "how long after a write the point named by `verify`, or reading back, tells the truth",
        "min_interval_s": "a setting is not written again sooner",
        "daily_budget": "a setting is not written more often a day; 20 a day is 100,000 in 13 years",
        "counter_wrap": "the counter's first number that it never shows, when it does not use all its bits",
        "counter_reset": "what else makes it start at 0",
        "curve": "how a raw level gives light: `dali_log` arc level 0 to 254, `dali_log_pct` percent of it, `table`",
        "curve_points": "of a `table`: pairs of raw number and value, both rising",
        "repeat": "one point for each count, the address moving by the stride",
    },
    BitsToml: {"first": "the lowest bit of the field, 0 the lowest of all", "width": "how many bits it has"},
    AxisToml: {
        "as": "the letter that stands in braces in names and channels",
        "count": "how many there are",
        "first": "the number that the letter starts at",
        "stride": "how far the address moves from one to the next",
    },
    VectorToml: {
        "point": "the point's name, with its number",
        "raw": "its registers (or bit) as they come over the wire",
        "value": "what they mean; left out for a pattern that means no value",
    },
    LimitsToml: {
        "max_registers_per_read": "registers that one request may read",
        "max_registers_per_write": "registers that one request may write",
        "max_bits_per_read": "coils or inputs that one request may read",
        "max_bits_per_write": "coils that one request may write",
        "max_gap": "how many addresses that nobody asked for may be read over; 0 unless it was tried",
        "pause_ms": "rest before the next request to it",
        "timeout_ms": "how long it may take to answer, where that is longer than the bus allows",
        "functions": "the Modbus functions that it knows",
        "broadcast": "whether it takes writes to unit 0, on a serial line or RTU over TCP",
        "broadcast_tcp": "whether it takes them over Modbus TCP and TLS too, where unit 0 may be the gateway itself",
    },
    LinkToml: {
        "baud": "bits a second",
        "parity": "parity bit",
        "stop_bits": "stop bits",
        "unit_id": "its unit id",
        "notes": "where sources disagree, and where it is set",
    },
    FailsafeToml: {
        "lost_master": "what an output does when nobody talks to the device any more",
        "lost_lamp_bus": "what the lamps do when their own bus (DALI) fails: not the same",
        "power_return": "what an output does when the supply returns",
        "fed_by": "what keeps the watchdog quiet; one fed by writes trips when only differences are written",
        "fed_point": "of `register`: the point that feeds it",
        "watchdog": "the quantity of the setting that holds its time; 0 switches it off",
        "watchdog_s": "the time that cannot be set, or the factory's",
        "watchdog_off_raw": "raw numbers, beside 0, that switch it off",
        "notes": "what to set, what is not known, how the street stays lit",
    },
    ReactionToml: {
        "kind": "`hold` counts as dark; unknown until the settings below were read",
        "level_pct": "of `lit`: the level",
        "action": "the quantity of the setting that chooses",
        "meanings": "raw number of that setting = what it does; `level`: as the level's setting says",
        "level": "the quantity of the setting that holds the level",
    },
    IdentityToml: {
        "point": "a point that can be read",
        "equals": "what it must read; left out: a value in its valid range",
    },
    ModeToml: {"point": "the setting", "raw": "its raw number"},
    VariantToml: {
        "id": "what follows the `+`",
        "name": "for people",
        "mode": "the setting that must hold for this variant",
        "without": "points that it does not have, named as in the file",
        "points": "points that it has besides, or in place of those of the same name",
        "vectors": "vectors of those points",
        "level_meaning": "as above, where it differs",
        "notes": "what is different",
    },
}

TITLES: dict[type[Strict], str] = {
    ProfileToml: "The file",
    ChannelToml: "`channels`",
    PointToml: "`points`",
    AxisToml: "`repeat`, of channels and points",
    BitsToml: "`bits`, of a point",
    VectorToml: "`vectors`",
    LimitsToml: "`limits`",
    LinkToml: "`link`",
    IdentityToml: "`identity`",
    FailsafeToml: "`failsafe`",
    ReactionToml: '`lost_master`, `lost_lamp_bus`, `power_return`; `"hold"` is short for `{ kind = "hold" }`',
    ModeToml: "`mode`",
    VariantToml: "`variants`",
}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for shape, title in TITLES.items():
        parts.append(f"## {title}\n\n| key | what | default | meaning |\n|---|---|---|---|\n")
        parts += [_row(shape, name, field) for name, field in shape.model_fields.items()]
        parts.append("\n")
    return "".join([*parts, _quantities()])


def key_of(name: str, field: FieldInfo) -> str:
    """The key as it stands in the file."""
    return field.alias or name


def _row(shape: type[Strict], name: str, field: FieldInfo) -> str:
    key = key_of(name, field)
    shown = f"**{key}**" if field.is_required() else key
    return f"| {shown} | {_kind(field.annotation)}{_bounds(field)} | {_default(field)} | {MEANINGS[shape][key]} |\n"


def _kind(of: object) -> str:
    """A type in the words of the file."""
    origin, inside = get_origin(of), get_args(of)
    if origin is Annotated:
        return _kind(inside[0])
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in inside)
    if origin in (Union, types.UnionType):
        kinds = dict.fromkeys(_kind(one) for one in inside if one is not type(None))
        return " or ".join(kinds)
    if origin is list:
        return f"list of {_kind(inside[0])}{'s' if _kind(inside[0]) == 'table' else ''}"
    if origin is dict:
        return f"table of number = {_kind(inside[1])}"
    if origin is tuple:
        return "pairs of numbers"
    words: dict[object, str] = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if of in words:
        return words[of]
    if of is Fraction:
        return "exact number"
    if isinstance(of, type) and issubclass(of, Enum):
        return "a quantity"
    return "table"


def _bounds(field: FieldInfo) -> str:
    bounds = {name: getattr(m, name) for m in field.metadata for name in ("ge", "gt", "le") if hasattr(m, name)}
    low = f" from {bounds['ge']}" if "ge" in bounds else f" above {bounds['gt']}" if "gt" in bounds else ""
    return f"{low} to {bounds['le']}" if "le" in bounds else low


def _default(field: FieldInfo) -> str:
    default = field.default
    if default is PydanticUndefined or default is None or isinstance(default, Strict) or default in ("", [], {}):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "all" if isinstance(default, list) else f"`{default}`"


def _quantities() -> str:
    rows = [f"| `{quantity.value}` | {UNITS.get(quantity, '')} |\n" for quantity in Quantity]
    said = "A quantity without a unit is a state, a code or a text; `other` takes the point's own `unit`.\n\n"
    return "## Quantities\n\n" + said + "| quantity | unit |\n|---|---|\n" + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.exit(0)
