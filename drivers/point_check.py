"""One point of a profile by itself: whether its table, type, ranges and rules fit each other."""

from __future__ import annotations

import math
from fractions import Fraction

from drivers.curve import curve_domain, curve_is_sound, curve_of, pairs
from drivers.profile import Limits, Point
from drivers.profile_problem import AddProblem, Path, Value
from drivers.quantity import LEVELS, UNITS
from drivers.registers import FLOAT_FORMATS, INTEGER_RANGES, REGISTER_COUNTS, raw_range

LARGEST_FLOAT32 = (2 - 2**-23) * 2.0**127
LARGEST_FLOAT64 = (2 - 2**-52) * 2.0**1023
WORDS = ("u16", "u32")
"""The types that can have fields of bits and flags."""
READ_FUNCTIONS = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
"""Modbus Application Protocol V1.1b3, 6.1 to 6.4."""


def check_point(path: Path, point: Point, limits: Limits, add: AddProblem) -> None:
    """Tell everything that is wrong with one point; ``path`` leads to its entry in the file."""
    _check_table(path, point, add)
    if point.data_type == "bit" and point.table not in ("coil", "discrete"):
        return
    _check_type_keys(path, point, add)
    _check_requests(path, point, limits, add)
    if point.data_type == "string":
        return
    if not _scale_is_usable(path, point, add):
        return
    _check_bits(path, point, add)
    _check_curve(path, point, add)
    if not curve_is_sound(point):
        return
    _check_ranges(path, point, add)
    _check_patterns(path, point, add)
    _check_step(path, point, add)
    _check_counter(path, point, add)


def value_range(point: Point) -> tuple[float, float] | None:
    """The lowest and highest engineering value that the point's type (or its curve) can hold, None for text."""
    if point.data_type == "string":
        return None
    if point.curve != "linear":
        domain = curve_domain(point)
        ends = () if domain is None else tuple(curve_of(point)(raw) for raw in domain)
        return (ends[0] or 0.0, ends[1] or 0.0) if ends else (0.0, 0.0)
    if point.data_type in FLOAT_FORMATS:
        largest = Fraction(LARGEST_FLOAT32 if point.data_type == "float32" else LARGEST_FLOAT64)
        low, high = -largest, largest
    else:
        low, high = (Fraction(end) for end in raw_range(point))
    both = sorted((low * point.scale + point.offset, high * point.scale + point.offset))
    return _float(both[0]), _float(both[1])


def _float(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _check_table(path: Path, point: Point, add: AddProblem) -> None:
    if point.writable and point.table in ("discrete", "input"):
        add("profile_write_to_read_only_table", {"point": point.name, "table_name": point.table}, (*path, "writable"))
    if (point.data_type == "bit") != (point.table in ("coil", "discrete")):
        values: dict[str, Value] = {"point": point.name, "type": point.data_type, "table_name": point.table}
        add("profile_type_in_table", values, (*path, "type"))
    if point.data_type != "string" and point.register_count != REGISTER_COUNTS[point.data_type]:
        add("profile_registers_fixed", {"point": point.name, "type": point.data_type}, (*path, "registers"))
    for key, address in (("address", point.address), ("write_address", point.write_address)):
        if address is not None and address + point.register_count > 0x10000:
            add("profile_address_beyond", {"point": point.name, "address": address}, (*path, key))
    if not point.writable and not point.readable:
        add("profile_point_useless", {"point": point.name}, (*path, "readable"))
    known = UNITS.get(point.quantity)
    if point.unit and known is not None and point.unit != known:
        add("profile_unit", {"point": point.name, "found": point.unit, "allowed": known}, (*path, "unit"))


def _check_type_keys(path: Path, point: Point, add: AddProblem) -> None:
    """Keys that mean nothing for the point's type, or for a point that is not written."""
    is_text, is_float, is_bit = (
        point.data_type == "string",
        point.data_type in FLOAT_FORMATS,
        point.data_type == "bit",
    )
    unfit = {
        "chars_per_register": point.chars_per_register != 1 and not is_text,
        "scale": is_text and point.scale != 1,
        "offset": is_text and point.offset != 0,
        "sentinels": is_text and point.sentinels,
        "valid_min": is_text and point.valid_min is not None,
        "valid_max": is_text and point.valid_max is not None,
        "write_min": is_text and point.write_min is not None,
        "write_max": is_text and point.write_max is not None,
        "forbidden_raw": is_text and point.forbidden_raw,
        "enumeration": (is_text or is_float) and point.enumeration,
        "curve": (is_text or is_float or is_bit) and point.curve != "linear",
        "write_step": (is_text or is_bit) and point.write_step is not None,
        "counter_bits": (is_text or is_float or is_bit) and point.counter_bits is not None,
        "counter_wrap": (is_text or is_float or is_bit) and point.counter_wrap is not None,
        "byte_order": is_bit and point.byte_order != "big",
        "word_order": is_bit and point.word_order != "big",
        "bits": point.bits is not None and point.data_type not in WORDS,
        "flags": point.flags and point.data_type not in WORDS,
    }
    for key, is_unfit in unfit.items():
        if is_unfit:
            add("profile_key_for_type", {"point": point.name, "key": key, "type": point.data_type}, (*path, key))
    if point.writable:
        return
    unused = {
        "write_min": point.write_min is not None,
        "write_max": point.write_max is not None,
        "write_step": point.write_step is not None,
        "write_address": point.write_address is not None,
        "forbidden_raw": point.forbidden_raw,
        "verify": point.verify,
        "verify_after_ms": point.verify_after_ms,
        "min_interval_s": point.min_interval_s is not None,
        "daily_budget": point.daily_budget is not None,
    }
    for key, is_unused in unused.items():
        if is_unused:
            add("profile_key_without_write", {"point": point.name, "key": key}, (*path, key))


def _check_requests(path: Path, point: Point, limits: Limits, add: AddProblem) -> None:
    """The lengths, functions, class and poll of the requests that the point needs."""
    is_bit = point.data_type == "bit"
    for allowed, applies in (
        (limits.max_bits_per_read if is_bit else limits.max_registers_per_read, point.readable),
        (limits.max_bits_per_write if is_bit else limits.max_registers_per_write, point.writable),
    ):
        if applies and point.register_count > allowed:
            values: dict[str, Value] = {"point": point.name, "count": point.register_count, "limit": allowed}
            add("profile_block_over_limit", values, (*path, "registers"))
    for needed, applies, key in (
        ((READ_FUNCTIONS[point.table],), point.readable, "table"),
        ((5, 15) if is_bit else (6, 16) if point.register_count == 1 else (16,), point.writable, "writable"),
    ):
        if applies and not set(needed) & set(limits.functions):
            values = {
                "point": point.name,
                "needed": " / ".join(map(str, needed)),
                "allowed": ", ".join(map(str, limits.functions)),
            }
            add("profile_function_missing", values, (*path, key))
    if point.point_class == "command" and not point.writable:
        add("profile_command_without_write", {"point": point.name}, (*path, "class"))
    if point.point_class != "live" and point.poll in ("fast", "slow"):
        values = {"point": point.name, "point_class": point.point_class, "found": point.poll}
        add("profile_poll_of_setting", values, (*path, "poll"))
    for key, given in (("min_interval_s", point.min_interval_s), ("daily_budget", point.daily_budget)):
        if given is not None and point.point_class != "setting":
            values = {"point": point.name, "key": key, "point_class": point.point_class}
            add("profile_budget_of_no_setting", values, (*path, key))


def _scale_is_usable(path: Path, point: Point, add: AddProblem) -> bool:
    if point.scale == 0:
        add("profile_scale_zero", {"point": point.name}, (*path, "scale"))
        return False
    if point.curve != "linear" and point.scale < 0:
        add("profile_curve_scale", {"point": point.name}, (*path, "scale"))
        return False
    return True


def _check_bits(path: Path, point: Point, add: AddProblem) -> None:
    total = 16 * point.register_count
    if point.bits is not None and point.data_type in WORDS:
        first, width = point.bits
        if point.writable:
            add("profile_bits_written", {"point": point.name}, (*path, "writable"))
        if first + width > total:
            values: dict[str, Value] = {"point": point.name, "found": first + width - 1, "highest": total - 1}
            add("profile_bits_beyond", values, (*path, "bits"))
    if point.flags and point.data_type in WORDS:
        highest = (point.bits[1] if point.bits else total) - 1
        beyond = next((bit for bit in point.flags if not 0 <= bit <= highest), None)
        if beyond is not None:
            values = {"point": point.name, "found": beyond, "highest": highest}
            add("profile_flags_beyond", values, (*path, "flags"))
        if point.scale != 1 or point.offset != 0:
            add("profile_flags_scaled", {"point": point.name}, (*path, "scale"))


def _check_curve(path: Path, point: Point, add: AddProblem) -> None:
    if (point.curve == "table") != bool(point.curve_points):
        add("profile_curve_points", {"point": point.name}, (*path, "curve_points"))
    if point.curve == "linear" or point.data_type not in INTEGER_RANGES:
        return
    if point.quantity not in LEVELS:
        add("profile_curve_of_no_level", {"point": point.name, "quantity": point.quantity.value}, (*path, "curve"))
    if point.curve != "table":
        if curve_domain(point) is None:
            add("profile_curve_unreached", {"point": point.name}, (*path, "offset"))
        return
    low, high = raw_range(point)
    if len(point.curve_points) < 2 or not all(
        here[0] < there[0] and here[1] < there[1] for here, there in pairs(point)
    ):
        add("profile_curve_rising", {"point": point.name}, (*path, "curve_points"))
    for at, (raw, value) in enumerate(point.curve_points):
        if not low <= raw <= high or not 0 <= value <= 100:
            values: dict[str, Value] = {"point": point.name, "raw": raw, "value": value}
            add("profile_curve_beyond", values, (*path, "curve_points", at))
    if point.scale != 1 or point.offset != 0:
        add("profile_curve_scaled", {"point": point.name}, (*path, "scale" if point.scale != 1 else "offset"))


def _check_ranges(path: Path, point: Point, add: AddProblem) -> None:
    for key, low, high in (
        ("valid_min", point.valid_min, point.valid_max),
        ("write_min", point.write_min, point.write_max),
    ):
        if low is not None and high is not None and low > high:
            add("profile_range_reversed", {"point": point.name, "low": low, "high": high}, (*path, key))
    held = value_range(point)
    if held is None:
        return
    for key, bound in (("write_min", point.write_min), ("write_max", point.write_max)):
        if bound is not None and not held[0] <= bound <= held[1]:
            values: dict[str, Value] = {"point": point.name, "found": bound, "low": held[0], "high": held[1]}
            add("profile_write_range", values, (*path, key))
    for key, bound, is_impossible in (
        ("valid_min", point.valid_min, point.valid_min is not None and point.valid_min > held[1]),
        ("valid_max", point.valid_max, point.valid_max is not None and point.valid_max < held[0]),
    ):
        if is_impossible:
            values = {"point": point.name, "found": bound, "low": held[0], "high": held[1]}
            add("profile_valid_range", values, (*path, key))
    if point.quantity in LEVELS:
        for key, bound in (
            ("write_min", point.write_min),
            ("write_max", point.write_max),
            ("valid_max", point.valid_max),
        ):
            if bound is not None and not 0 <= bound <= 100:
                add("profile_level_range", {"point": point.name, "key": key, "found": bound}, (*path, key))


def _check_patterns(path: Path, point: Point, add: AddProblem) -> None:
    width = point.bits[1] if point.bits else 1 if point.data_type == "bit" else 16 * point.register_count
    for key, patterns in (("sentinels", point.sentinels), ("forbidden_raw", point.forbidden_raw)):
        if any(pattern >> width for pattern in patterns):
            add("profile_pattern_beyond", {"point": point.name, "key": key}, (*path, key))
    if point.data_type in INTEGER_RANGES:
        low, high = raw_range(point)
        if not all(low <= raw <= high for raw in point.enumeration):
            add("profile_enumeration", {"point": point.name}, (*path, "enumeration"))


def _check_step(path: Path, point: Point, add: AddProblem) -> None:
    """A step must be one that the type can hold, and the steps from the lowest must reach the highest value."""
    step = point.write_step
    if step is None or point.data_type == "bit":
        return
    place = (*path, "write_step")
    if step <= 0:
        add("profile_step_zero", {"point": point.name, "found": str(step)}, place)
        return
    held_step = abs(point.scale) if point.data_type in INTEGER_RANGES and point.curve == "linear" else None
    if held_step is not None and step % held_step != 0:
        add("profile_step_held", {"point": point.name, "found": str(step), "scale": str(held_step)}, place)
    if point.write_max is not None:
        low, high = Fraction(str(point.write_min or 0)), Fraction(str(point.write_max))
        if (high - low) % step != 0:
            values: dict[str, Value] = {
                "point": point.name,
                "found": str(step),
                "low": _float(low),
                "high": _float(high),
            }
            add("profile_step_reach", values, place)


def _check_counter(path: Path, point: Point, add: AddProblem) -> None:
    if point.data_type not in INTEGER_RANGES or point.data_type == "bit":
        return
    width = point.bits[1] if point.bits else 16 * point.register_count
    if point.counter_bits is not None and point.counter_bits > width:
        values: dict[str, Value] = {"point": point.name, "found": point.counter_bits, "allowed": width}
        add("profile_counter_bits", values, (*path, "counter_bits"))
    allowed = 1 << min(point.counter_bits or width, width)
    if point.counter_wrap is not None and point.counter_wrap > allowed:
        values = {"point": point.name, "found": point.counter_wrap, "allowed": allowed}
        add("profile_counter_wrap", values, (*path, "counter_wrap"))
