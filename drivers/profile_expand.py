"""From the well-shaped file of a profile to the profile: repeats written out, variants on top of the base."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from drivers.profile import (
    Channel,
    Failsafe,
    IdentityCheck,
    Limits,
    LinkDefaults,
    Mode,
    Point,
    Profile,
    Reaction,
    TestVector,
)
from drivers.profile_problem import AddProblem, Path
from drivers.profile_toml import (
    AxisToml,
    ChannelToml,
    FailsafeToml,
    PointToml,
    ProfileToml,
    ReactionToml,
    VariantToml,
    VectorToml,
)
from drivers.registers import REGISTER_COUNTS

W = TypeVar("W", bound=str)
_MANUAL = re.compile(r"(0[xX])?([0-9a-fA-F]{1,12})\Z", re.ASCII)
LONGEST_KEY = 20
"""Signs of the longest raw number that a type can hold."""


@dataclass(frozen=True, slots=True)
class PlacedProfile:
    """A profile with the place of each of its parts in the file; ``path`` leads to a variant, empty for the base."""

    profile: Profile
    path: Path
    points: tuple[tuple[Path, Point], ...]
    channels: tuple[tuple[Path, Channel], ...]
    vectors: tuple[tuple[Path, TestVector], ...]
    variants: tuple[PlacedProfile, ...] = ()


def expanded(shape: ProfileToml, add: AddProblem) -> PlacedProfile:
    """The profile that the file describes, with its variants; what cannot be written out is told to ``add``."""
    channels: list[tuple[Path, Channel]] = []
    for index, channel in enumerate(shape.channels):
        _check_letters(("channels", index, "id"), channel.id, channel.repeat, add)
        channels += [(("channels", index), one) for one in _channels(channel)]
    entries: list[tuple[Path, PointToml]] = [(("points", index), entry) for index, entry in enumerate(shape.points)]
    vectors = _vectors(shape.vectors, ("vectors",))
    points = _expanded(entries, add)
    base = PlacedProfile(
        _profile(shape, channels, points, vectors, add), (), tuple(points), tuple(channels), tuple(vectors)
    )
    variants: list[PlacedProfile] = []
    for index, variant in enumerate(shape.variants):
        if variant.id in (other.id for other in shape.variants[:index]):
            add("profile_variant_doubled", {"variant": variant.id}, ("variants", index, "id"))
        variants.append(_variant(index, variant, base, entries, add))
    profile = replace(base.profile, variants=tuple(variant.profile for variant in variants))
    return replace(base, profile=profile, variants=tuple(variants))


def _expanded(entries: Sequence[tuple[Path, PointToml]], add: AddProblem) -> list[tuple[Path, Point]]:
    points: list[tuple[Path, Point]] = []
    for path, entry in entries:
        _check_letters((*path, "name"), entry.name, entry.repeat, add)
        numbers = _numbered(entry.enumeration)
        if numbers is None:
            add("profile_enumeration", {"point": entry.name}, (*path, "enumeration"))
        flags = _numbered(entry.flags)
        if flags is None:
            add("profile_flags", {"point": entry.name}, (*path, "flags"))
        if entry.type == "string" and entry.registers is None:
            add("profile_key_missing", {"key": "registers"}, path)
        points += [(path, point) for point in _points(entry, numbers or {}, flags or {})]
    return points


def _profile(
    shape: ProfileToml,
    channels: Sequence[tuple[Path, Channel]],
    points: Sequence[tuple[Path, Point]],
    vectors: Sequence[tuple[Path, TestVector]],
    add: AddProblem,
) -> Profile:
    return Profile(
        id=shape.id,
        name=shape.name,
        maker=shape.maker,
        trust=shape.trust,
        sources=tuple(shape.sources),
        points=tuple(point for _, point in points),
        channels=tuple(channel for _, channel in channels),
        limits=Limits(**{**shape.limits.model_dump(), "functions": tuple(shape.limits.functions)}),
        failsafe=_failsafe(shape.failsafe, add),
        vectors=tuple(vector for _, vector in vectors),
        probe=shape.probe,
        notes=shape.notes.strip(),
        level_meaning=shape.level_meaning,
        ramp_ms_per_pct=shape.ramp_ms_per_pct,
        link=LinkDefaults(**shape.link.model_dump()),
        identity=tuple(IdentityCheck(check.point, check.equals) for check in shape.identity),
        mode=None if shape.mode is None else Mode(shape.mode.point, shape.mode.raw),
    )


def _variant(
    index: int, variant: VariantToml, base: PlacedProfile, entries: Sequence[tuple[Path, PointToml]], add: AddProblem
) -> PlacedProfile:
    """The profile of another output mode: the base with points left out, replaced by name, and added."""
    path: Path = ("variants", index)
    known = {entry.name for _, entry in entries}
    for at, name in enumerate(variant.without):
        if name not in known:
            add("profile_point_unknown", {"point": name}, (*path, "without", at))
    gone = {*variant.without, *(entry.name for entry in variant.points)}
    kept = [(place, entry) for place, entry in entries if entry.name not in gone]
    own = [((*path, "points", at), entry) for at, entry in enumerate(variant.points)]
    points = _expanded([*kept, *own], add)
    by_name = {point.name: point for _, point in points}
    same = [item for item in base.vectors if by_name.get(item[1].point) == base.profile.point_named(item[1].point)]
    vectors = [*same, *_vectors(variant.vectors, (*path, "vectors"))]
    profile = replace(
        base.profile,
        id=f"{base.profile.id}+{variant.id}",
        name=variant.name,
        points=tuple(point for _, point in points),
        vectors=tuple(vector for _, vector in vectors),
        level_meaning=variant.level_meaning or base.profile.level_meaning,
        notes="\n".join(filter(None, (base.profile.notes, variant.notes.strip()))),
        mode=None if variant.mode is None else Mode(variant.mode.point, variant.mode.raw),
    )
    return PlacedProfile(profile, path, tuple(points), base.channels, tuple(vectors))


def _vectors(vectors: Sequence[VectorToml], path: Path) -> list[tuple[Path, TestVector]]:
    return [
        ((*path, index), TestVector(vector.point, tuple(vector.raw), vector.value))
        for index, vector in enumerate(vectors)
    ]


def _failsafe(shape: FailsafeToml, add: AddProblem) -> Failsafe:
    def reaction(cause: str, given: ReactionToml) -> Reaction:
        meanings = _numbered(given.meanings, unique=False)
        if meanings is None:
            add("profile_meanings", {"cause": cause}, ("failsafe", cause, "meanings"))
        return Reaction(given.kind, given.level_pct, given.action, meanings or {}, given.level)

    return Failsafe(
        lost_master=reaction("lost_master", shape.lost_master),
        lost_lamp_bus=reaction("lost_lamp_bus", shape.lost_lamp_bus),
        power_return=reaction("power_return", shape.power_return),
        fed_by=shape.fed_by,
        notes=shape.notes,
        fed_point=shape.fed_point,
        watchdog=shape.watchdog,
        watchdog_s=shape.watchdog_s,
        watchdog_off_raw=tuple(shape.watchdog_off_raw),
    )


def _check_letters(path: Path, template: str, axes: Sequence[AxisToml], add: AddProblem) -> None:
    letters = [axis.letter for axis in axes]
    used = set(re.findall(r"\{(\w*)\}", template))
    if used != set(letters) or len(letters) != len(set(letters)):
        add("profile_repeat_letters", {"found": template, "letters": ", ".join(letters)}, path)


def _steps(axes: Sequence[AxisToml]) -> Iterator[tuple[dict[str, str], int]]:
    """Every combination of the axes: what to put for each letter, and how far the address moves."""
    for counts in itertools.product(*(range(axis.count) for axis in axes)):
        letters = {axis.letter: str(axis.first + at) for axis, at in zip(axes, counts, strict=True)}
        yield letters, sum(axis.stride * at for axis, at in zip(axes, counts, strict=True))


def _manual(number: str, moved: int) -> str:
    """The manual's number that far on, written as the first is: decimal or 0x…; other words stay as they are."""
    if moved == 0 or not (match := _MANUAL.match(number)):
        return number
    prefix, digits = match[1] or "", match[2]
    if prefix:
        counted = f"{int(digits, 16) + moved:0{len(digits)}x}"
        return prefix + (counted if digits != digits.upper() else counted.upper())
    return f"{int(digits) + moved:0{len(digits)}d}" if digits.isdecimal() else number


def _filled(template: str, letters: dict[str, str]) -> str:
    for letter, number in letters.items():
        template = template.replace(f"{{{letter}}}", number)
    return template


def _channels(entry: ChannelToml) -> list[Channel]:
    return [
        Channel(_filled(entry.id, letters), entry.role, entry.max_load_w, entry.max_lamps)
        for letters, _ in _steps(entry.repeat)
    ]


def _numbered(words: Mapping[str, W], *, unique: bool = True) -> dict[int, W] | None:
    """Raw number (or bit) to word; None when a number stands twice or is none, or a word stands twice."""
    try:
        numbers = {int(raw[:LONGEST_KEY], 0): word for raw, word in words.items()}
    except ValueError:
        return None
    if any(len(raw) > LONGEST_KEY for raw in words):
        return None
    once = len(numbers) == len(words) and (not unique or len(words) == len(set(words.values())))
    return numbers if once else None


def _points(entry: PointToml, enumeration: dict[int, str], flags: dict[int, str]) -> list[Point]:
    count = entry.registers or REGISTER_COUNTS[entry.type]
    return [
        Point(
            name=_filled(entry.name, letters),
            quantity=entry.quantity,
            channel=_filled(entry.channel, letters),
            table=entry.table,
            address=entry.address + moved,
            data_type=entry.type,
            scale=entry.scale,
            offset=entry.offset,
            word_order=entry.word_order,
            register_count=count,
            manual_number=_manual(_filled(entry.manual, letters), 0 if "{" in entry.manual else moved),
            sentinels=tuple(entry.sentinels),
            valid_min=entry.valid_min,
            valid_max=entry.valid_max,
            enumeration=enumeration,
            writable=entry.writable,
            readable=entry.readable,
            point_class=entry.point_class,
            poll=entry.poll or ("fast" if entry.point_class == "live" else "never"),
            write_min=entry.write_min,
            write_max=entry.write_max,
            forbidden_raw=tuple(entry.forbidden_raw),
            counter_bits=entry.counter_bits,
            verify=_filled(entry.verify, letters),
            follows_ramp=entry.follows_ramp,
            byte_order=entry.byte_order,
            bits=None if entry.bits is None else (entry.bits.first, entry.bits.width),
            flags=flags,
            chars_per_register=entry.chars_per_register,
            unit=entry.unit,
            write_address=None if entry.write_address is None else entry.write_address + moved,
            write_step=entry.write_step,
            verify_after_ms=entry.verify_after_ms,
            min_interval_s=entry.min_interval_s,
            daily_budget=entry.daily_budget,
            counter_wrap=entry.counter_wrap,
            counter_reset=entry.counter_reset,
            curve=entry.curve,
            curve_points=tuple((raw, float(value)) for raw, value in entry.curve_points),
        )
        for letters, moved in _steps(entry.repeat)
    ]
