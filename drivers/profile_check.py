"""What a profile's shape cannot say: whether its points fit each other, its channels, limits and test vectors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from drivers.codec import decode, encode
from drivers.curve import curve_is_sound
from drivers.errors import Rejected
from drivers.failsafe_check import check_failsafe
from drivers.output_check import check_output
from drivers.point_check import check_point, value_range
from drivers.profile import WHOLE_DEVICE, ChannelRole, Point, TestVector
from drivers.profile_expand import PlacedProfile
from drivers.profile_problem import AddProblem, Path, Value
from drivers.quantity import MANY, Quantity
from drivers.registers import INTEGER_RANGES, pattern_of, raw_range, words_of

__all__ = ["check_profile", "value_range", "vector_holds"]

PRINTED_LIGHT = 0.05
"""Manuals print light with one decimal."""
PROMISED: dict[ChannelRole, Quantity] = {
    "dimmer": Quantity.DIM_LEVEL,
    "relay": Quantity.RELAY_CLOSED,
    "input": Quantity.INPUT_ACTIVE,
    "counter": Quantity.PULSE_COUNT,
}
"""The point by which a channel of each role is used; a meter and a sensor have several kinds."""


def check_profile(placed: PlacedProfile, add: AddProblem) -> None:
    """Tell everything that is wrong with a profile, or with one of its variants as the profile it makes."""
    profile = placed.profile
    for path, point in placed.points:
        check_point(path, point, profile.limits, add)
        check_output(path, point, add)
    _check_names(placed, add)
    _check_channels(placed, add)
    _check_addresses(placed, add)
    _check_verify(placed, add)
    _check_identity(placed, add)
    _check_mode(placed, add)
    check_failsafe(profile, add)
    if profile.limits.broadcast and not set(profile.limits.functions) & {5, 6, 15, 16}:
        add("profile_broadcast", {}, ("limits", "broadcast"))
    if profile.limits.broadcast_tcp and not profile.limits.broadcast:
        add("profile_broadcast_tcp", {}, ("limits", "broadcast_tcp"))
    if not profile.sources and profile.trust != "community":
        add("profile_sources", {"trust": profile.trust}, ("trust",))
    by_name = {point.name: point for point in profile.points}
    for path, vector in placed.vectors:
        target = by_name.get(vector.point)
        if target is None:
            add("profile_point_unknown", {"point": vector.point}, (*path, "point"))
        elif not vector_holds(target, vector):
            add("profile_vector_wrong", _by_this_file(target, vector), (*path, "raw"))


def _by_this_file(point: Point, vector: TestVector) -> dict[str, Value]:
    """What the vector's registers mean by this file, and which registers its value makes."""
    meant: object = "unreadable"
    made: object = "none"
    if len(vector.raw) != point.register_count:
        meant = f"not {point.register_count} registers"
    elif _is_usable(point):
        meant = decode(point, vector.raw).value
    if _is_usable(point) and vector.value is not None:
        with contextlib.suppress(Rejected):
            made = list(encode(point, vector.value, check_range=False))
    found = "no value" if meant is None else f"{meant:.15g}" if isinstance(meant, float) else str(meant)
    return {"point": point.name, "found": found, "registers": str(made)}


def vector_holds(point: Point, vector: TestVector) -> bool:
    """Whether the vector's registers mean its value, and its value makes the registers again.

    Light along a curve may be written rounded as manuals print it; a field of bits makes its bits alone.
    """
    if len(vector.raw) != point.register_count or not _is_usable(point):
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


def _check_names(placed: PlacedProfile, add: AddProblem) -> None:
    names: dict[str, Point] = {}
    meanings: dict[tuple[Quantity, str], Point] = {}
    for path, point in placed.points:
        if names.setdefault(point.name, point) is not point:
            add("profile_point_doubled", {"point": point.name}, (*path, "name"))
        first = meanings.setdefault((point.quantity, point.channel), point)
        if first is not point and point.quantity not in MANY:
            values: dict[str, Value] = {"point": point.name, "other": first.name, "quantity": point.quantity.value}
            add("profile_meaning_doubled", values, (*path, "quantity"))


def _check_channels(placed: PlacedProfile, add: AddProblem) -> None:
    seen: set[tuple[str, str]] = set()
    for path, channel in placed.channels:
        if (channel.id, channel.role) in seen:
            add("profile_channel_doubled", {"channel": channel.id, "role": channel.role}, (*path, "id"))
        seen.add((channel.id, channel.role))
        promised = PROMISED.get(channel.role)
        own = [point for point in placed.profile.points if point.channel == channel.id]
        if not any(promised in (None, point.quantity) for point in own):
            values: dict[str, Value] = {
                "channel": channel.id,
                "role": channel.role,
                "quantity": "" if promised is None else promised.value,
            }
            add("profile_channel_without_point", values, (*path, "role"))
    known = {channel.id for channel in placed.profile.channels}
    for path, point in placed.points:
        if point.channel != WHOLE_DEVICE and point.channel not in known:
            add("profile_channel_unknown", {"point": point.name, "channel": point.channel}, (*path, "channel"))


def _check_addresses(placed: PlacedProfile, add: AddProblem) -> None:
    """No two points of a table share an address, save fields of one register whose bits are apart, and their word."""
    ordered = sorted(placed.points, key=lambda item: (item[1].table, item[1].address))
    for path, point, other in _sharing(ordered):
        if _are_fields_apart(point, other):
            continue
        if point.bits and other.bits and _same_registers(point, other):
            add("profile_bits_overlap", {"point": point.name, "other": other.name}, (*path, "bits"))
        else:
            values: dict[str, Value] = {"point": point.name, "other": other.name, "address": point.address}
            add("profile_overlap", values, (*path, "address"))
    _check_written_addresses(placed, add)


def _check_written_addresses(placed: PlacedProfile, add: AddProblem) -> None:
    """What is written beside where it is read hits no other point."""
    owners: dict[tuple[str, int], Point] = {}
    for _, point in placed.points:
        for address in range(point.address, point.address + point.register_count):
            owners[point.table, address] = point
    for path, point in placed.points:
        if not point.writable or point.write_address is None or point.write_address == point.address:
            continue
        for address in range(point.write_address, point.write_address + point.register_count):
            other = owners.setdefault((point.table, address), point)
            if other is not point:
                values: dict[str, Value] = {"point": point.name, "other": other.name, "address": address}
                add("profile_write_hits", values, (*path, "write_address"))


def _sharing(ordered: list[tuple[Path, Point]]) -> Iterator[tuple[Path, Point, Point]]:
    """Each point with each earlier one of its table that reaches into it; of very many, with the last few."""
    open_points: list[Point] = []
    for path, point in ordered:
        open_points = [
            other
            for other in open_points[-32:]
            if other.table == point.table and point.address < other.address + other.register_count
        ]
        for other in open_points:
            yield path, point, other
        open_points.append(point)


def _same_registers(left: Point, right: Point) -> bool:
    return (left.address, left.data_type, left.word_order, left.byte_order) == (
        right.address,
        right.data_type,
        right.word_order,
        right.byte_order,
    )


def _are_fields_apart(left: Point, right: Point) -> bool:
    if not _same_registers(left, right) or left.bits is right.bits:
        return False
    if left.bits is None or right.bits is None:
        return True  # a status word with names for its flags, beside one of them that has a meaning of its own
    masks = [(1 << width) - 1 << first for first, width in (left.bits, right.bits)]
    return not masks[0] & masks[1]


def _check_verify(placed: PlacedProfile, add: AddProblem) -> None:
    by_name = {point.name: point for point in placed.profile.points}
    for path, point in placed.points:
        if not point.verify:
            continue
        verify = by_name.get(point.verify)
        if verify is None or not verify.readable:
            add("profile_point_unknown", {"point": point.verify}, (*path, "verify"))
        elif verify.unit_name != point.unit_name or verify is point:
            values: dict[str, Value] = {
                "point": point.name,
                "other": verify.name,
                "found": verify.unit_name,
                "allowed": point.unit_name,
            }
            add("profile_verify_unit", values, (*path, "verify"))


def _check_identity(placed: PlacedProfile, add: AddProblem) -> None:
    """A probe tells the device from another only when some answers cannot be its own."""
    profile, by_name = placed.profile, {point.name: point for point in placed.profile.points}
    asked: list[tuple[Path, str, float | str | None]] = []
    if profile.probe:
        asked.append((("probe",), profile.probe, None))
    asked += [(("identity", at, "point"), check.point, check.equals) for at, check in enumerate(profile.identity)]
    for path, name, equals in asked:
        point = by_name.get(name)
        if point is None or not point.readable:
            add("profile_point_unknown", {"point": name}, path)
        elif equals is None and not _tells_something(point):
            add("profile_probe_mute", {"point": name}, path)
        elif equals is not None and not _can_equal(point, equals):
            shown = equals[:80] if isinstance(equals, str) else equals
            add("profile_identity_value", {"point": name, "found": shown}, (*path[:-1], "equals"))


def _is_usable(point: Point) -> bool:
    """Whether values can be made of it at all; what is wrong is told elsewhere."""
    return point.scale != 0 and curve_is_sound(point)


def _tells_something(point: Point) -> bool:
    if point.data_type == "string" or not _is_usable(point):
        return True
    if point.data_type in INTEGER_RANGES and point.data_type != "bit" and point.enumeration:
        low, high = raw_range(point)
        return len(point.enumeration) <= high - low
    held = value_range(point)
    if held is None or point.valid_min is None or point.valid_max is None:
        return False
    return point.data_type != "bit" and not (point.valid_min <= held[0] and held[1] <= point.valid_max)


def _can_equal(point: Point, equals: float | str) -> bool:
    if isinstance(equals, str) != (point.data_type == "string") or not _is_usable(point):
        return False
    try:
        return decode(point, encode(point, equals, check_range=False)).value == equals
    except Rejected:
        return False


def _check_mode(placed: PlacedProfile, add: AddProblem) -> None:
    mode = placed.profile.mode
    if mode is None:
        return
    path = (*placed.path, "mode")
    point = placed.profile.point_named(mode.point)
    if point is None or not point.readable:
        add("profile_point_unknown", {"point": mode.point}, (*path, "point"))
        return
    if point.point_class != "setting":
        values: dict[str, Value] = {"point": point.name, "point_class": point.point_class}
        add("profile_mode_no_setting", values, (*path, "point"))
    if point.enumeration and mode.raw not in point.enumeration:
        values = {"point": point.name, "found": mode.raw, "allowed": ", ".join(map(str, sorted(point.enumeration)))}
        add("profile_mode_value", values, (*path, "raw"))
