"""What a profile's shape cannot say: whether its points fit each other, their tables, types and limits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

from drivers.codec import INTEGER_RANGES, REGISTER_COUNTS, decode, encode
from drivers.errors import Rejected
from drivers.profile import WHOLE_DEVICE, Point, Profile, TestVector
from drivers.profile_problem import AddProblem, Value
from drivers.quantity import Quantity
from drivers.registers import pattern_of, words_of

Path = tuple[str | int, ...]
LARGEST_FLOAT32 = (2 - 2**-23) * 2.0**127
PRINTED_LIGHT = 0.05


def check_points(points: Sequence[tuple[Path, Point]], profile: Profile, add: AddProblem) -> None:
    """Check each point by itself and against the others; ``points`` carry the path of their entry in the file."""
    names: dict[str, Point] = {}
    meanings: dict[tuple[Quantity, str], Point] = {}
    known_channels = {channel.id for channel in profile.channels}
    said: set[tuple[str, Path]] = set()

    def once(code: str, values: dict[str, Value], path: Path) -> None:
        # The channels of a repeat share one entry; one message for them is enough.
        if (code, path) not in said:
            said.add((code, path))
            add(code, values, path)

    for path, point in points:
        if names.setdefault(point.name, point) is not point:
            once("profile_point_doubled", {"point": point.name}, (*path, "name"))
        first = meanings.setdefault((point.quantity, point.channel), point)
        if first is not point and point.quantity is not Quantity.OTHER:
            values: dict[str, Value] = {"point": point.name, "other": first.name, "quantity": point.quantity.value}
            once("profile_meaning_doubled", values, (*path, "quantity"))
        if point.channel != WHOLE_DEVICE and point.channel not in known_channels:
            once("profile_channel_unknown", {"point": point.name, "channel": point.channel}, (*path, "channel"))
        _check_table(path, point, once)
        _check_numbers(path, point, once)
        _check_limits(path, point, profile, once)
    _check_overlaps(points, once)


def check_profile(profile: Profile, add: AddProblem, *, path: Path = ()) -> None:
    """Check what names points and channels: doubled channels, the probe, verify points and test vectors.

    ``path`` leads to the variant that is checked; empty for the profile itself.
    """
    by_name = {point.name: point for point in profile.points}
    seen: set[tuple[str, str]] = set()
    for channel in profile.channels:
        if (channel.id, channel.role) in seen:
            add("profile_channel_doubled", {"channel": channel.id, "role": channel.role}, ("channels",))
        seen.add((channel.id, channel.role))
    probe = by_name.get(profile.probe)
    if profile.probe and (probe is None or not probe.readable):
        add("profile_point_unknown", {"point": profile.probe}, ("probe",))
    for point in profile.points:
        verify = by_name.get(point.verify)
        if point.verify and (verify is None or not verify.readable):
            add("profile_point_unknown", {"point": point.verify}, ("points",))
    for check in profile.identity:
        told = by_name.get(check.point)
        if told is None or not told.readable:
            add("profile_point_unknown", {"point": check.point}, ("identity",))
    for index, vector in enumerate(profile.vectors):
        target = by_name.get(vector.point)
        place = (*path, "vectors") if path else ("vectors", index)
        if target is None:
            add("profile_point_unknown", {"point": vector.point}, (*place, "point"))
        elif not vector_holds(target, vector):
            add("profile_vector_wrong", {"point": vector.point}, (*place, "raw"))


def vector_holds(point: Point, vector: TestVector) -> bool:
    """Whether the vector's registers mean its value, and its value makes the registers again.

    Light along a curve may be written rounded as manuals print it, within 0.05; a field of bits makes its bits alone.
    """
    if len(vector.raw) != point.register_count or point.scale == 0:
        return False
    value = decode(point, vector.raw).value
    if vector.value is None or isinstance(vector.value, str) or not isinstance(value, float):
        return value == vector.value
    if abs(value - vector.value) > (PRINTED_LIGHT if point.curve != "linear" else 0):
        return False
    expected = vector.raw if point.bits is None else words_of(point, pattern_of(point, vector.raw))
    try:
        return encode(point, vector.value, check_range=False) == expected
    except Rejected:
        return False


def _check_table(path: Path, point: Point, add: AddProblem) -> None:
    if point.writable and point.table in ("discrete", "input"):
        add("profile_write_to_read_only_table", {"point": point.name, "table_name": point.table}, (*path, "writable"))
    if (point.data_type == "bit") != (point.table in ("coil", "discrete")):
        values: dict[str, Value] = {"point": point.name, "type": point.data_type, "table_name": point.table}
        add("profile_type_in_table", values, (*path, "type"))
    if point.data_type != "string" and point.register_count != REGISTER_COUNTS[point.data_type]:
        add("profile_registers_fixed", {"point": point.name, "type": point.data_type}, (*path, "registers"))
    if point.address + point.register_count > 0x10000:
        add("profile_address_beyond", {"point": point.name, "address": point.address}, (*path, "address"))
    if not point.writable and not point.readable:
        add("profile_point_useless", {"point": point.name}, (*path, "readable"))


def _check_numbers(path: Path, point: Point, add: AddProblem) -> None:
    if point.scale == 0:
        add("profile_scale_zero", {"point": point.name}, (*path, "scale"))
        return
    for low, high, key in (
        (point.valid_min, point.valid_max, "valid_min"),
        (point.write_min, point.write_max, "write_min"),
    ):
        if low is not None and high is not None and low > high:
            add("profile_range_reversed", {"point": point.name, "low": low, "high": high}, (*path, key))
    pattern_end = 1 << (16 * point.register_count if point.data_type != "bit" else 1)
    for key, patterns in (("sentinels", point.sentinels), ("forbidden_raw", point.forbidden_raw)):
        if any(pattern >= pattern_end for pattern in patterns):
            add("profile_pattern_beyond", {"point": point.name, "key": key}, (*path, key))
    held = value_range(point)
    if held is None:
        return
    for key, bound in (("write_min", point.write_min), ("write_max", point.write_max)):
        if bound is not None and not held[0] <= bound <= held[1]:
            values: dict[str, Value] = {"point": point.name, "found": bound, "low": held[0], "high": held[1]}
            add("profile_write_range", values, (*path, key))
    low_raw, high_raw = INTEGER_RANGES.get(point.data_type, (0, 0))
    if point.enumeration and not all(low_raw <= raw <= high_raw for raw in point.enumeration):
        add("profile_enumeration", {"point": point.name}, (*path, "enumeration"))


def value_range(point: Point) -> tuple[float, float] | None:
    """The lowest and highest engineering value that the point's type can hold, None for text."""
    if point.data_type == "string":
        return None
    if point.data_type == "float32":
        low, high = Fraction(-LARGEST_FLOAT32), Fraction(LARGEST_FLOAT32)
    else:
        low, high = (Fraction(end) for end in INTEGER_RANGES[point.data_type])
    ends = sorted((low * point.scale + point.offset, high * point.scale + point.offset))
    return _float(ends[0]), _float(ends[1])


def _float(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _check_limits(path: Path, point: Point, profile: Profile, add: AddProblem) -> None:
    limits = profile.limits
    is_bit = point.data_type == "bit"
    for allowed, applies in (
        (limits.max_bits_per_read if is_bit else limits.max_registers_per_read, point.readable),
        (limits.max_registers_per_write, point.writable and not is_bit),
    ):
        if applies and point.register_count > allowed:
            values: dict[str, Value] = {"point": point.name, "count": point.register_count, "limit": allowed}
            add("profile_block_over_limit", values, (*path, "registers"))


def _check_overlaps(points: Sequence[tuple[Path, Point]], add: AddProblem) -> None:
    """Two points of one table may not share an address: one of them would be read as half of the other."""
    ordered = sorted(points, key=lambda item: (item[1].table, item[1].address))
    for (_, left), (path, right) in itertools.pairwise(ordered):
        if left.table == right.table and right.address < left.address + left.register_count:
            values: dict[str, Value] = {"point": right.name, "other": left.name, "address": right.address}
            add("profile_overlap", values, (*path, "address"))
