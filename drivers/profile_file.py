"""Reading and checking the TOML file of a device type: every problem at once, with its line."""

from __future__ import annotations

import difflib
import math
import re
import reprlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drivers.profile import Profile
from drivers.profile_check import check_profile
from drivers.profile_expand import expanded
from drivers.profile_problem import JUDGEMENTS, AddProblem, Path, ProfileProblem, Value
from drivers.profile_salvage import salvaged
from drivers.profile_toml import SCHEMA_VERSION, AxisToml, ProfileToml, known_part, valid_keys
from drivers.text_check import check_digits, check_texts
from drivers.toml_lines import TomlLines

__all__ = [
    "JUDGEMENTS",
    "ProfileProblem",
    "ProfileReading",
    "built_in_file",
    "built_in_profiles",
    "built_in_texts",
    "read_profile",
    "with_variants",
]

LONGEST_TEXT = 200_000
"""Characters of the longest profile that is read; ours have some ten thousand."""
LONGEST_SHOWN = 500
"""Characters of a text in a message; the list of a table's keys is the longest that has a use."""
MOST_THINGS = 5_000
"""Points and channels that a profile may have after its repeats; ours have some hundred."""

MOST_TOLD = 1_000
"""Mistakes of shape that are told of one file; who has more has another file in hand than a profile."""

_CHAIN = re.compile(r"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){64}")
_QUOTED = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'')


@dataclass(frozen=True, slots=True)
class ProfileReading:
    """``profile`` is None exactly when there are problems; read leniently, when one of them is no mere judgement."""

    profile: Profile | None
    problems: tuple[ProfileProblem, ...]


def read_profile(text: str, file: str, *, lenient: bool = False) -> ProfileReading:
    """Read and check one profile; ``file`` is its name, carried into the problems. Never raises for its content.

    ``lenient`` is for one that was accepted before, maybe by a program that judged less strictly: what is a mere
    judgement is told and does not refuse it.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > LONGEST_TEXT:
        values: dict[str, Value] = {"found": len(text), "allowed": LONGEST_TEXT}
        return ProfileReading(None, (ProfileProblem("profile_too_long", values, line=1, file=file),))
    try:
        document = _table(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        problem = ProfileProblem("profile_not_toml", {"detail": str(error)[:120]}, line=line, file=file)
        return ProfileReading(None, (problem,))
    lines = TomlLines(text)
    version = document.get("schema_version")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        values = {"found": _shown(version), "allowed": SCHEMA_VERSION}
        place = lines.line_of(("schema_version",)) or 1
        problem = ProfileProblem("profile_schema_version", values, line=place, field="schema_version", file=file)
        return ProfileReading(None, (problem,))
    noted = _Noted(lines, file)
    for key, entries in document.items():
        if isinstance(entries, list) and len(entries) > MOST_THINGS:
            noted.add("profile_too_many", {"found": len(entries), "allowed": MOST_THINGS}, (key,))
            return ProfileReading(None, noted.problems())
    check_texts(document, noted.add)
    check_digits(document, noted.add)
    try:
        shape = ProfileToml.model_validate(document)
    except ValidationError as error:
        details = error.errors(include_url=False)[:MOST_TOLD]
        for detail in details:
            _note_shape(detail, noted)
        _check_the_rest(document, [tuple(detail["loc"]) for detail in details], noted)
        return ProfileReading(None, noted.problems())
    profile = _check(shape, noted.add)
    problems = noted.problems()
    refused = any(not (lenient and problem.code in JUDGEMENTS) for problem in problems)
    return ProfileReading(None if refused else profile, problems)


@cache
def built_in_texts() -> dict[str, str]:
    """The files of the device types that ship with this package: name to text."""
    folder = resources.files("drivers").joinpath("profiles")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return {entry.name: entry.read_text(encoding="utf-8") for entry in files}


class BuiltInProfiles(Mapping[str, Profile]):
    """The device types that ship with this package, by id; raises ValueError when one of them is broken.

    A file is read when a profile of it is first asked for, as a site uses few of them. Its name is the profile's id;
    a variant's id is that with ``+`` and the variant's own.
    """

    def __getitem__(self, profile_id: str) -> Profile:
        return _built_in(profile_id.partition("+")[0])[profile_id]

    def __iter__(self) -> Iterator[str]:
        return (id_ for name in built_in_texts() for id_ in _built_in(name.removesuffix(".toml")))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def _built_in(base_id: str) -> dict[str, Profile]:
    """A built-in profile and its variants. Raises KeyError for one that there is not."""
    name = f"{base_id}.toml"
    reading = read_profile(built_in_texts()[name], name)
    if reading.profile is None:
        raise ValueError(f"{name}: {reading.problems}")
    return with_variants(reading.profile)


def built_in_file(profile_id: str) -> str:
    """The file of a built-in profile; a variant stands in that of its base."""
    return f"{profile_id.partition('+')[0]}.toml"


@cache
def built_in_profiles() -> BuiltInProfiles:
    """The one table of them, so that each file is read once."""
    return BuiltInProfiles()


def with_variants(profile: Profile) -> dict[str, Profile]:
    """A profile and its variants, each by the id under which a site names it."""
    return {one.id: one for one in (profile, *profile.variants)}


class _Noted:
    """The problems found so far, each at its line; a second one of the same kind at the same place says nothing new."""

    def __init__(self, lines: TomlLines, file: str) -> None:
        self._lines, self._file = lines, file
        self._found: dict[tuple[str, Path], ProfileProblem] = {}

    def add(self, code: str, values: dict[str, Value], path: Path) -> None:
        """Note one problem at the key that ``path`` leads to."""
        # A profile without a place for it is wrong at its first line.
        line = self._lines.line_of(path) or 1
        shown = {key: _printable(value) if isinstance(value, str) else value for key, value in values.items()}
        problem = ProfileProblem(code, shown, line=line, field=_field(path), file=self._file)
        self._found.setdefault((code, path), problem)

    def problems(self) -> tuple[ProfileProblem, ...]:
        """In the order of their lines."""
        return tuple(sorted(self._found.values(), key=lambda problem: problem.line))


def _table(text: str) -> dict[str, object]:
    """The TOML table of a text. A key of very many parts would take ``tomllib`` the square of their number."""
    if _CHAIN.search(_QUOTED.sub("q", text)):
        raise ValueError("a key has too many parts")
    return tomllib.loads(text)


def _note_shape(detail: ErrorDetails, noted: _Noted) -> None:
    path: Path = tuple(detail["loc"])
    if detail["type"] == "extra_forbidden":
        key, keys = str(path[-1]), valid_keys(path)
        nearest = difflib.get_close_matches(key[:80], keys, n=1, cutoff=0.5)
        found: dict[str, Value] = {"found": _printable(key), "allowed": ", ".join(keys)}
        if nearest:
            noted.add("profile_key_unknown", {**found, "nearest": nearest[0]}, path)
        else:
            noted.add("profile_key_unknown_here", found, path)
        return
    path = known_part(path)
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    if detail["type"] == "missing":
        noted.add("profile_key_missing", {"key": key}, path)
        return
    values: dict[str, Value] = {"key": key, "found": _shown(detail["input"]), "allowed": _allowed(detail)}
    noted.add("profile_value_wrong", values, path)


_KINDS = {
    "bool": "true or false",
    "dict": "a table { … }",
    "finite_number": "a finite number",
    "float": "a number",
    "int": "a whole number",
    "list": "a list [ … ]",
    "model": "a table { … }",
    "string": "a text in quotes",
}
"""The words of the file format for what the shape expects."""
_REPR = reprlib.Repr()
_REPR.maxstring = 80


def _shown(value: object) -> str:
    try:
        return _REPR.repr(value)[:80]
    except ValueError:  # Python does not write out numbers of thousands of digits
        return "a number of too many digits"


def _allowed(detail: ErrorDetails) -> str:
    """What the shape allows, in the signs of a comparison or the words of the file format."""
    limits = detail.get("ctx", {})
    if isinstance(limits.get("error"), ValueError):
        return str(limits["error"])
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "expected": "", "pattern": "", "min_length": "length ≥"}
    said = [f"{sign} {limits[key]}".strip() for key, sign in signs.items() if key in limits]
    kind = detail["type"].removesuffix("_type")
    return ", ".join(said) or _KINDS.get(kind, kind)


def _field(path: Sequence[str | int]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else _printable(part) for part in path)


def _printable(text: str) -> str:
    """At most 500 signs of a text, none of which could command a terminal."""
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text[:LONGEST_SHOWN])


def _check_the_rest(document: Mapping[str, object], misshapen: Sequence[Path], noted: _Noted) -> None:
    """Check what is well-shaped in a file that is not, so that its writer learns of every mistake at once."""
    salvage = salvaged(document, misshapen)
    try:
        shape = ProfileToml.model_validate(salvage.document)
    except ValidationError:  # nothing is left that could be checked, as without a single right point
        return
    _check(shape, salvage.told_through(noted.add))


def _check(shape: ProfileToml, add: AddProblem) -> Profile | None:
    """Tell what is wrong with a well-shaped document beyond its shape; the profile, None for one that is too large."""
    repeats: list[tuple[Path, Sequence[AxisToml]]] = [
        *((("channels", index), channel.repeat) for index, channel in enumerate(shape.channels)),
        *((("points", index), point.repeat) for index, point in enumerate(shape.points)),
        *(
            (("variants", at, "points", index), point.repeat)
            for at, variant in enumerate(shape.variants)
            for index, point in enumerate(variant.points)
        ),
    ]
    total = 0
    for path, repeat in repeats:
        total += math.prod(axis.count for axis in repeat)
        if total > MOST_THINGS:
            add("profile_too_many", {"found": total, "allowed": MOST_THINGS}, (*path, "repeat"))
            return None
    placed = expanded(shape, add)
    for one in (placed, *placed.variants):
        check_profile(one, add)
    return placed.profile
