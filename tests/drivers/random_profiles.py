"""Random device profiles that are right: written as TOML, read by the reader that devices' profiles go through."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from drivers.profile import DataType, Profile
from drivers.profile_file import read_profile
from drivers.registers import INTEGER_RANGES, REGISTER_COUNTS

NUMBERS: tuple[DataType, ...] = ("u16", "s16", "u32", "s32", "u64", "s64", "float32", "float64")
WORDS: tuple[DataType, ...] = ("u16", "u32")
SCALES = ("1", "1/10", "0.01", "1/65536", "3/7", "-2", "100")
OFFSETS = ("0", "-40", "1/3")
ORDERS = ("big", "big", "little")
LEVEL_CURVES: tuple[dict[str, Any], ...] = (
    {},
    {"scale": "1/2"},
    {"curve": "dali_log"},
    {"curve": "dali_log_pct"},
    {"curve": "dali_log_pct", "scale": "1/10"},
    {"curve": "table", "curve_points": [[0, 0], [40, 2.5], [200, 100]]},
)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """A profile of up to four tables, with what every type allows; the reader finds nothing wrong with it."""
    text = draw(profile_texts())
    reading = read_profile(text, "random.toml")
    assert reading.problems == (), f"{reading.problems}\n{text}"
    assert reading.profile is not None
    return reading.profile


@st.composite
def profile_texts(draw: st.DrawFn) -> str:
    """The TOML text of a right profile."""
    points: list[dict[str, Any]] = []
    for table in ("holding", "input", "coil", "discrete"):
        place = draw(st.integers(0, 4))
        for _ in range(draw(st.integers(0, 4))):
            made = draw(_points_at(table, place, len(points)))
            points += made
            place = max(point["address"] + _length(point) for point in made) + draw(st.sampled_from([0, 0, 0, 1, 2, 9]))
    if not points:
        points = [{"name": "p0", "quantity": "other", "table": "input", "address": 0, "type": "u16"}]
    longest = max(_length(point) for point in points)
    limits = {
        "max_registers_per_read": draw(st.integers(longest, 40)),
        "max_bits_per_read": draw(st.integers(1, 30)),
        "max_gap": draw(st.integers(0, 10)),
        "pause_ms": draw(st.sampled_from([0, 5])),
    }
    head = {"schema_version": 1, "id": "random", "name": "Random", "maker": "Hypothesis", "trust": "community"}
    channels = [
        {"id": point["channel"], "role": "dimmer" if point["quantity"] == "dim_level" else "sensor"}
        for point in points
        if "channel" in point
    ]
    body = [f"{key} = {_toml(value)}" for key, value in {**head, "channels": channels}.items()]
    for point in points:
        body += ["", "[[points]]", *(f"{key} = {_toml(value)}" for key, value in point.items())]
    return "\n".join([*body, "", "[limits]", *(f"{key} = {_toml(value)}" for key, value in limits.items()), ""])


@st.composite
def _points_at(draw: st.DrawFn, table: str, address: int, index: int) -> list[dict[str, Any]]:
    base = {"name": f"p{index}", "quantity": "other", "table": table, "address": address}
    if table in ("coil", "discrete"):
        return [
            {**base, "type": "bit", "enumeration": {"0": "off", "1": "on"}}
            if draw(st.booleans())
            else {**base, "type": "bit"}
        ]
    kind = draw(st.sampled_from(["number", "number", "number", "fields", "text", "level"]))
    if kind == "text":
        chars = draw(st.sampled_from([1, 2]))
        order = draw(st.sampled_from(ORDERS))
        return [
            {
                **base,
                "type": "string",
                "registers": draw(st.integers(1, 6)),
                "chars_per_register": chars,
                "byte_order": order,
            }
        ]
    if kind == "fields":
        return draw(_fields(base))
    if kind == "level":
        level = {
            **base,
            "quantity": "dim_level" if table == "holding" else "dim_level_actual",
            "channel": f"c{index}",
            "type": "u16",
            **draw(st.sampled_from(LEVEL_CURVES)),
        }
        writable = {"writable": True, "write_min": 0, "write_max": 100} if table == "holding" else {}
        return [{**level, **writable}]
    return [draw(_number(base))]


@st.composite
def _number(draw: st.DrawFn, base: Mapping[str, Any]) -> dict[str, Any]:
    data_type = draw(st.sampled_from(NUMBERS))
    point = {
        **base,
        "type": data_type,
        "scale": draw(st.sampled_from(SCALES)),
        "offset": draw(st.sampled_from(OFFSETS)),
    }
    point |= {"word_order": draw(st.sampled_from(ORDERS)), "byte_order": draw(st.sampled_from(ORDERS))}
    bits = 16 * REGISTER_COUNTS[data_type]
    if draw(st.booleans()):
        point["sentinels"] = draw(st.sampled_from([[(1 << bits) - 1], [1 << (bits - 1)], [0x7FFF]]))
    if draw(st.booleans()):
        point |= {"valid_min": draw(st.integers(-500, -60)), "valid_max": draw(st.integers(1, 1000))}
    if data_type in INTEGER_RANGES and draw(st.booleans()):
        point |= {"enumeration": {"0": "none", "7": "seven"}}
    return point


@st.composite
def _fields(draw: st.DrawFn, base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fields of one register or two whose bits are apart, at times with the whole word beside them."""
    data_type = draw(st.sampled_from(WORDS))
    orders = {"word_order": draw(st.sampled_from(ORDERS)), "byte_order": draw(st.sampled_from(ORDERS))}
    total = 16 * REGISTER_COUNTS[data_type]
    cuts = sorted(draw(st.sets(st.integers(0, total), min_size=2, max_size=5)))
    word = {**base, "name": f"{base['name']}_word", "type": data_type, **orders, "flags": {"0": "a", "9": "b"}}
    fields: list[dict[str, Any]] = [word] if draw(st.booleans()) else []
    for part, (first, end) in enumerate(pairwise(cuts)):
        bits = {"first": first, "width": end - first}
        fields.append({**base, "name": f"{base['name']}_{part}", "type": data_type, **orders, "bits": bits})
    return fields


def _length(point: Mapping[str, Any]) -> int:
    return int(point.get("registers") or REGISTER_COUNTS[point["type"]])


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
