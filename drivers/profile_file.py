"""Reading and checking the TOML file of a device type: every problem at once, with its line."""

from __future__ import annotations

import difflib
import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drivers.codec import REGISTER_COUNTS
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
from drivers.profile_check import check_points, check_profile
from drivers.profile_problem import AddProblem, ProfileProblem, Value
from drivers.profile_toml import (
    SCHEMA_VERSION,
    AxisToml,
    ChannelToml,
    FailsafeToml,
    Places,
    PointToml,
    ProfileToml,
    ReactionToml,
    VariantToml,
    VectorToml,
    valid_keys,
)

__all__ = ["ProfileProblem", "ProfileReading", "built_in_profiles", "read_profile", "with_variants"]

Path = tuple[str | int, ...]
W = TypeVar("W", bound=str)


@dataclass(frozen=True, slots=True)
class ProfileReading:
    """``profile`` is None exactly when there are problems."""

    profile: Profile | None
    problems: tuple[ProfileProblem, ...]


def read_profile(text: str, file: str) -> ProfileReading:
    """Read and check one profile; ``file`` is its name, carried into the problems. Never raises for its content."""
    places = Places(text)
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        at = re.search(r"at line (\d+)", str(error))
        problem = ProfileProblem("profile_not_toml", {"detail": str(error)}, line=int(at[1]) if at else 0, file=file)
        return ProfileReading(None, (problem,))
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        values: dict[str, Value] = {"found": str(version), "allowed": SCHEMA_VERSION}
        line = places.line(("schema_version",))
        return ProfileReading(
            None, (ProfileProblem("profile_schema_version", values, line=line, field="schema_version", file=file),)
        )
    try:
        shape = ProfileToml.model_validate(document)
    except ValidationError as error:
        details = error.errors(include_url=False)
        return ProfileReading(None, tuple(_shape_problem(detail, places, file) for detail in details))
    return _checked(shape, places, file)


@cache
def built_in_profiles() -> dict[str, Profile]:
    """The device types that ship with this package, by id. Raises ValueError when one of them is broken."""
    profiles: dict[str, Profile] = {}
    for entry in sorted(resources.files("drivers").joinpath("profiles").iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".toml"):
            continue
        reading = read_profile(entry.read_text(encoding="utf-8"), entry.name)
        if reading.profile is None:
            raise ValueError(f"{entry.name}: {reading.problems}")
        profiles |= with_variants(reading.profile)
    return profiles


def with_variants(profile: Profile) -> dict[str, Profile]:
    """A profile and its variants, each by the id under which a site names it."""
    return {one.id: one for one in (profile, *profile.variants)}


def _shape_problem(detail: ErrorDetails, places: Places, file: str) -> ProfileProblem:
    path: Path = tuple(detail["loc"])
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    line, field = places.line(path), _field(path)
    if detail["type"] == "extra_forbidden":
        keys = valid_keys(path)
        nearest = difflib.get_close_matches(key, keys, n=1, cutoff=0.5)
        values = {"found": key, "nearest": nearest[0] if nearest else "", "allowed": ", ".join(keys)}
        return ProfileProblem("profile_key_unknown", values, line=line, field=field, file=file)
    if detail["type"] == "missing":
        return ProfileProblem("profile_key_missing", {"key": key}, line=places.line(path[:-1]), field=field, file=file)
    found = repr(detail["input"])[:80]
    return ProfileProblem(
        "profile_value_wrong",
        {"key": key, "found": found, "allowed": _allowed(detail)},
        line=line,
        field=field,
        file=file,
    )


def _allowed(detail: ErrorDetails) -> str:
    """What the shape allows, in the signs of a comparison or the words of the file format."""
    limits = detail.get("ctx", {})
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "expected": "", "pattern": "", "min_length": "length ≥"}
    said = [f"{sign} {limits[key]}".strip() for key, sign in signs.items() if key in limits]
    return ", ".join(said) or detail["type"].removesuffix("_type")


def _field(path: Sequence[str | int]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _checked(shape: ProfileToml, places: Places, file: str) -> ProfileReading:
    """The profile of a well-shaped document, or what is wrong beyond the shape."""
    problems: list[ProfileProblem] = []

    def add(code: str, values: dict[str, Value], path: Path) -> None:
        problem = ProfileProblem(code, values, line=places.line(path), field=_field(path), file=file)
        if problem not in problems:
            problems.append(problem)

    channels: list[Channel] = []
    for index, channel in enumerate(shape.channels):
        channels += _channels(channel)
        _check_letters(("channels", index, "id"), channel.id, channel.repeat, add)
    entries: list[tuple[Path, PointToml]] = [(("points", index), entry) for index, entry in enumerate(shape.points)]
    base = _profile(shape, tuple(channels), _expanded(entries, add), add)
    variants = []
    for index, variant in enumerate(shape.variants):
        if variant.id in (other.id for other in shape.variants[:index]):
            add("profile_variant_doubled", {"variant": variant.id}, ("variants", index, "id"))
        variants.append(_variant(shape, index, variant, base, entries, add))
    profile = replace(base, variants=tuple(variants))
    return ProfileReading(None if problems else profile, tuple(problems))


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
    shape: ProfileToml, channels: tuple[Channel, ...], points: list[tuple[Path, Point]], add: AddProblem
) -> Profile:
    profile = Profile(
        id=shape.id,
        name=shape.name,
        maker=shape.maker,
        trust=shape.trust,
        sources=tuple(shape.sources),
        points=tuple(point for _, point in points),
        channels=channels,
        limits=Limits(**{**shape.limits.model_dump(), "functions": tuple(shape.limits.functions)}),
        failsafe=_failsafe(shape.failsafe, add),
        vectors=_vectors(shape.vectors),
        probe=shape.probe,
        notes=shape.notes.strip(),
        level_meaning=shape.level_meaning,
        ramp_ms_per_pct=shape.ramp_ms_per_pct,
        link=LinkDefaults(**shape.link.model_dump()),
        identity=tuple(IdentityCheck(check.point, check.equals) for check in shape.identity),
    )
    check_points(points, profile, add)
    check_profile(profile, add)
    return profile


def _variant(
    shape: ProfileToml,
    index: int,
    variant: VariantToml,
    base: Profile,
    entries: Sequence[tuple[Path, PointToml]],
    add: AddProblem,
) -> Profile:
    """The profile of another output mode: the base with points left out, replaced by name, and added."""
    path: Path = ("variants", index)
    known = {entry.name for _, entry in entries}
    for name in variant.without:
        if name not in known:
            add("profile_point_unknown", {"point": name}, (*path, "without"))
    gone = {*variant.without, *(entry.name for entry in variant.points)}
    kept = [(place, entry) for place, entry in entries if entry.name not in gone]
    points = _expanded([*kept, *(((*path, "points"), entry) for entry in variant.points)], add)
    names = {point.name for _, point in points}
    profile = replace(
        base,
        id=f"{base.id}+{variant.id}",
        name=variant.name,
        points=tuple(point for _, point in points),
        vectors=(*(v for v in base.vectors if _same_point(base, points, v)), *_vectors(variant.vectors)),
        level_meaning=variant.level_meaning or base.level_meaning,
        notes="\n".join(filter(None, (base.notes, variant.notes.strip()))),
        mode=None if variant.mode is None else Mode(variant.mode.point, variant.mode.raw),
    )
    if variant.mode is not None and variant.mode.point not in names:
        add("profile_point_unknown", {"point": variant.mode.point}, (*path, "mode"))
    check_points(points, profile, add)
    check_profile(profile, add, path=path)
    return profile


def _same_point(base: Profile, points: Sequence[tuple[Path, Point]], vector: TestVector) -> bool:
    """Whether a vector of the base still speaks of the same point in the variant."""
    return any(point.name == vector.point and point == base.point_named(vector.point) for _, point in points)


def _vectors(vectors: Sequence[VectorToml]) -> tuple[TestVector, ...]:
    return tuple(TestVector(vector.point, tuple(vector.raw), vector.value) for vector in vectors)


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
        numbers = {int(raw, 0): word for raw, word in words.items()}
    except ValueError:
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
            manual_number=entry.manual,
            sentinels=tuple(entry.sentinels),
            valid_min=entry.valid_min,
            valid_max=entry.valid_max,
            enumeration=enumeration,
            writable=entry.writable,
            readable=entry.readable,
            point_class=entry.point_class,
            poll=entry.poll,
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
