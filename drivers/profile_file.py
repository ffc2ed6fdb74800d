"""Reading and checking the TOML file of a device type: every problem at once, with its line."""

from __future__ import annotations

import difflib
import itertools
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drivers.codec import REGISTER_COUNTS
from drivers.profile import Channel, Failsafe, Limits, Point, Profile, TestVector
from drivers.profile_check import check_points, check_profile
from drivers.profile_problem import AddProblem, ProfileProblem, Value
from drivers.profile_toml import SCHEMA_VERSION, AxisToml, ChannelToml, Places, PointToml, ProfileToml, valid_keys

__all__ = ["ProfileProblem", "ProfileReading", "built_in_profiles", "read_profile"]

Path = tuple[str | int, ...]


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
    profiles = {}
    for entry in sorted(resources.files("drivers").joinpath("profiles").iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".toml"):
            continue
        reading = read_profile(entry.read_text(encoding="utf-8"), entry.name)
        if reading.profile is None:
            raise ValueError(f"{entry.name}: {reading.problems}")
        profiles[reading.profile.id] = reading.profile
    return profiles


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
    points: list[tuple[Path, Point]] = []
    problems: list[ProfileProblem] = []

    def add(code: str, values: dict[str, Value], path: Path) -> None:
        problems.append(ProfileProblem(code, values, line=places.line(path), field=_field(path), file=file))

    channels: list[Channel] = []
    for index, channel in enumerate(shape.channels):
        channels += _channels(channel)
        _check_letters(("channels", index, "id"), channel.id, channel.repeat, add)
    for index, entry in enumerate(shape.points):
        path: Path = ("points", index)
        _check_letters((*path, "name"), entry.name, entry.repeat, add)
        numbers = _enumeration(entry)
        if numbers is None:
            add("profile_enumeration", {"point": entry.name}, (*path, "enumeration"))
            numbers = {}
        if entry.type == "string" and entry.registers is None:
            add("profile_key_missing", {"key": "registers"}, path)
        points += [(path, point) for point in _points(entry, numbers)]
    profile = _profile(shape, tuple(point for _, point in points), tuple(channels))
    check_points(points, profile, add)
    check_profile(profile, add)
    return ProfileReading(None if problems else profile, tuple(problems))


def _profile(shape: ProfileToml, points: tuple[Point, ...], channels: tuple[Channel, ...]) -> Profile:
    return Profile(
        id=shape.id,
        name=shape.name,
        maker=shape.maker,
        trust=shape.trust,
        sources=tuple(shape.sources),
        points=points,
        channels=channels,
        limits=Limits(**shape.limits.model_dump()),
        failsafe=Failsafe(**shape.failsafe.model_dump()),
        vectors=tuple(TestVector(vector.point, tuple(vector.raw), vector.value) for vector in shape.vectors),
        probe=shape.probe,
        notes=shape.notes.strip(),
        level_meaning=shape.level_meaning,
        ramp_ms_per_pct=shape.ramp_ms_per_pct,
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


def _enumeration(entry: PointToml) -> dict[int, str] | None:
    """Raw number to meaning; None when a number or a meaning stands twice or is no number."""
    try:
        numbers = {int(raw, 0): meaning for raw, meaning in entry.enumeration.items()}
    except ValueError:
        return None
    unique = len(numbers) == len(entry.enumeration) == len(set(entry.enumeration.values()))
    return numbers if unique else None


def _points(entry: PointToml, enumeration: dict[int, str]) -> list[Point]:
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
        )
        for letters, moved in _steps(entry.repeat)
    ]
