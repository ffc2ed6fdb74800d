"""The TOML files of a site folder as facts: the site itself, its programs, its calendar, its own device profiles."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import TypeVar, cast

from pydantic import ValidationError

from drivers.plain_number import odd_sign
from drivers.profile import Profile
from drivers.profile_file import built_in_profiles, read_profile, with_variants
from lighting.assets import draft as names
from lighting.assets.baseline_checks import check_baseline_file
from lighting.assets.baseline_file import baseline_of
from lighting.assets.baseline_shapes import NEEDED_OF_BASELINE, BaselineFile
from lighting.assets.draft import Draft
from lighting.assets.fact import Fact, Problem
from lighting.assets.model import (
    Calendar,
    CalendarRule,
    ControlSettings,
    RetentionSettings,
    User,
)
from lighting.assets.nearest import shown
from lighting.assets.patched import NEEDED, patched
from lighting.assets.program_profiles import kept_profiles
from lighting.assets.program_tables import programs_of
from lighting.assets.reports import ReportSettings
from lighting.assets.shape_problems import problems_of
from lighting.assets.shapes import CalendarFile, ProgramsFile, Shape, SiteFile, SiteTable
from lighting.assets.toml_file import TomlLines, read_toml

S = TypeVar("S", bound=Shape)


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What ``site.toml`` says."""

    site: SiteTable
    store_url: str
    control: ControlSettings
    users: Mapping[str, User]
    retention: RetentionSettings
    reports: ReportSettings


def read_settings(texts: Mapping[str, str], draft: Draft) -> SiteSettings | None:
    """Read ``site.toml``; None when it does not fit its shape (the problems are in the draft)."""
    file = read_shape(texts, draft, names.SITE_FILE, SiteFile)
    if file is None:
        return None
    users: dict[str, User] = {}
    for index, row in enumerate(file.users):
        if row.id in users:
            line = draft.toml_lines[names.SITE_FILE].line_of(("users", index, "id"))
            first = draft.lines[names.SITE_FILE, row.id]
            draft.problems.append(
                Problem(Fact("id_twice", {"id": row.id, "first_line": first}), names.SITE_FILE, line, "users.id")
            )
        draft.lines.setdefault(
            (names.SITE_FILE, row.id), draft.toml_lines[names.SITE_FILE].line_of(("users", index, "id"))
        )
        users[row.id] = User(**{**row.fields(), "name": row.name or row.id})
    return SiteSettings(
        file.site,
        file.store.url,
        ControlSettings(**file.control.fields()),
        users,
        RetentionSettings(**file.retention.fields()),
        ReportSettings(**file.reports.fields()),
    )


def read_programs(texts: Mapping[str, str], draft: Draft) -> None:
    """Read ``programs.toml`` into the draft."""
    file = read_shape(texts, draft, names.PROGRAMS_FILE, ProgramsFile)
    if file is not None:
        draft.programs = programs_of(file.programs, draft)
        return
    rest = _rest_of(texts, draft, names.PROGRAMS_FILE, ProgramsFile)
    if rest is not None:
        programs_of(rest.programs, draft)  # for what else is wrong


def read_calendar(texts: Mapping[str, str], draft: Draft) -> None:
    """Read ``calendar.toml`` into the draft; without one, every night is as the circuits' own programs say."""
    file = read_shape(texts, draft, names.CALENDAR_FILE, CalendarFile)
    if file is None:
        file = _rest_of(texts, draft, names.CALENDAR_FILE, CalendarFile)
    if file is None:
        return
    rules = tuple(CalendarRule(**rule.fields()) for rule in file.rules)
    days = file.holidays
    draft.calendar = Calendar(rules, days.country, days.region, days.added, days.removed)


def read_baseline(texts: Mapping[str, str], draft: Draft) -> None:
    """Read ``baseline.toml`` into the draft; without one, all is as ``Baseline`` has it."""
    file = read_shape(texts, draft, names.BASELINE_FILE, BaselineFile)
    if file is None:
        file = _rest_of(texts, draft, names.BASELINE_FILE, BaselineFile, NEEDED_OF_BASELINE)
    if file is not None:
        draft.baseline = baseline_of(file)
        check_baseline_file(file, draft)


def read_profiles(texts: Mapping[str, str], draft: Draft, *, lenient: bool) -> None:
    """The site's own device profiles, then those that a revision keeps of the program, then the built-in ones.

    ``lenient`` is for an old revision; a folder keeps nothing of the program.
    """
    own: dict[str, Profile] = {}
    for file in sorted(texts):
        if not (file.startswith(names.PROFILES_FOLDER) and file.endswith(".toml")):
            continue
        reading = read_profile(texts[file], file, lenient=lenient)
        draft.problems += [Problem(Fact(p.code, dict(p.values)), file, p.line, p.field) for p in reading.problems]
        if reading.profile is None:
            draft.broken.add(names.PROFILES_FOLDER)
        elif reading.profile.id in own:
            fact = Fact("profile_twice", {"id": reading.profile.id})
            draft.problems.append(Problem(fact, file, 0, "id"))
        else:
            own |= with_variants(reading.profile)
    kept: dict[str, Profile] = {}
    if lenient:
        kept, problems = kept_profiles(texts)
        draft.problems += problems
    built_in = cast("MutableMapping[str, Profile]", built_in_profiles())  # as ChainMap wants it; nobody writes there
    draft.profiles = ChainMap(own, kept, built_in)


_TIMES = ("at", "lit_from", "lit_until", "from", "until")
_UNITS = ("_deg", "_mb", "_pct", "_polls", "_s")


def _check_digits(table: Mapping[str, object], draft: Draft, file: str, lines: TomlLines) -> None:
    """A time or a number in quotes has the digits 0 to 9; an accepted revision with others stands."""
    waiting: list[tuple[tuple[str | int, ...], object]] = [((), table)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > 8:
            continue  # deeper than any shape, and refused for it
        if isinstance(value, dict):
            waiting += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, index), inner) for index, inner in enumerate(value)]
        elif isinstance(value, str) and (odd := _odd_sign(path, value)):
            fact = Fact("number_digits", {"found": shown(value), "sign": odd})
            field = ".".join(str(part) for part in path)
            draft.problems.append(Problem(fact, file, lines.line_of(path), field))


def _odd_sign(path: tuple[str | int, ...], text: str) -> str:
    if path[-1] in _TIMES:
        return odd_sign(text.replace("_", ""))  # the events of the sun have some
    is_number = path[0] in ("control", "site") and str(path[-1]).endswith(_UNITS)
    return odd_sign(text) if is_number else ""


def read_shape(texts: Mapping[str, str], draft: Draft, file: str, shape: type[S]) -> S | None:
    """A TOML file in its shape, or None with problems in the draft (or when the file is absent)."""
    if file not in texts:
        return None
    table, problems = read_toml(texts[file], file)
    lines = draft.toml_lines[file] = TomlLines(texts[file])
    draft.problems += problems
    if problems:
        draft.broken.add(file)
        return None
    _check_digits(table, draft, file, lines)
    try:
        return shape.model_validate(table)
    except ValidationError as error:
        draft.problems += problems_of(error, shape, file, lines.line_of)
        draft.broken.add(file)
        return None


def _rest_of(
    texts: Mapping[str, str], draft: Draft, file: str, shape: type[S], instead: Mapping[str, object] = NEEDED
) -> S | None:
    """A TOML file with errors of shape, without what is wrong in it: what is left is checked too, never used.

    ``instead`` has by key what stands for a wrong value that must be there.
    """
    if file not in texts:
        return None
    table, problems = read_toml(texts[file], file)
    if problems:
        return None
    try:
        shape.model_validate(table)
    except ValidationError as error:
        found = [tuple(part for part in item["loc"] if part != "[key]") for item in error.errors(include_url=False)]
        if any(location[:1] in (("schema_version",), ("holidays",)) for location in found):
            return None  # another format; or holidays that nobody can judge
        try:
            return shape.model_validate(patched(table, found, instead))
        except (ValidationError, RecursionError):
            return None
    return None
