"""Reading and checking a site folder as a whole: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from drivers.profile_file import JUDGEMENTS as PROFILE_JUDGEMENTS
from lighting.assets.asset_checks import check_assets
from lighting.assets.baseline_checks import check_baseline
from lighting.assets.channel_checks import check_channels
from lighting.assets.contradiction_checks import check_contradictions
from lighting.assets.draft import PROFILES_FOLDER, PROGRAM_FOLDER, REQUIRED_FILES, SITE_FILES, Draft
from lighting.assets.fact import Fact, Problem
from lighting.assets.failsafe import local_date
from lighting.assets.failsafe_checks import check_coverage, check_ended, check_exceptions, check_watchdogs
from lighting.assets.link_checks import check_links
from lighting.assets.model import Site
from lighting.assets.nearest import nearest
from lighting.assets.position_checks import check_positions
from lighting.assets.program_checks import check_programs
from lighting.assets.program_profiles import own_files
from lighting.assets.sense_checks import check_senses
from lighting.assets.settings import (
    SiteSettings,
    read_baseline,
    read_calendar,
    read_profiles,
    read_programs,
    read_settings,
)
from lighting.assets.site_checks import check_calendar, check_settings
from lighting.assets.tables import read_tables
from lighting.assets.tariff_reading import read_tariff
from lighting.assets.tariff_series import SERIES_FOLDERS, is_series_file


@dataclass(frozen=True, slots=True)
class SiteReading:
    """``site`` is None exactly when some problem is an error; warnings leave it set."""

    site: Site | None
    problems: tuple[Problem, ...]


def folder_texts(folder: Path) -> dict[str, str]:
    """The text of every file of the folder that belongs to the site (not ``state/``), by relative path, for a revision.

    A byte that is not UTF-8 is kept as half a surrogate pair, which ``read_site`` reports with its line. Files with
    a name that is nearly one of the site's are included, so that a misspelt ``circuit.csv`` is noticed. What has the
    name of a file of the site and is none (a folder, a link that leads nowhere) has an empty text under its name with
    a slash at the end, which ``read_site`` reports; so has a folder ``program/``, which only revisions have. Raises
    OSError when a file cannot be read; a folder that does not exist has no texts.
    """
    if not folder.is_dir():
        return {}
    entries = [path for path in folder.iterdir() if path.name in SITE_FILES or (path.is_file() and _belongs(path.name))]
    profiles = folder / PROFILES_FOLDER
    if profiles.is_dir():
        entries += profiles.glob("*.toml")
    elif profiles.exists() or profiles.is_symlink():
        entries.append(profiles)
    for name in SERIES_FOLDERS:
        entries += (folder / name).glob("*.csv")
    if (folder / PROGRAM_FOLDER).is_dir():
        entries.append(folder / PROGRAM_FOLDER)
    paths = {path.relative_to(folder).as_posix(): path for path in entries}
    return dict(sorted(_named_text(name, path) for name, path in paths.items()))


def _named_text(name: str, path: Path) -> tuple[str, str]:
    if not path.is_file() or path.name == PROFILES_FOLDER.rstrip("/"):
        return f"{name}/", ""
    return name, path.read_bytes().decode("utf-8", "surrogateescape")


def _belongs(name: str) -> bool:
    return name in SITE_FILES or (name.endswith((".csv", ".toml")) and bool(nearest(name, SITE_FILES)))


JUDGEMENTS = PROFILE_JUDGEMENTS | frozenset(
    {
        "channel_overloaded",
        "channel_too_many_lamps",
        "floor_of_class_dark",
        "longitude_not_of_zone",
        "maintained_over_class",
        "night_safe_under_floor",
        "number_digits",
        "position_far_from_site",
        "position_zero",
        "stagger_too_short",
        "watchdog_fed_by_unread_register",
        "watchdog_fed_by_writes",
        "watchdog_not_fed",
    }
)
"""Errors of what is believable rather than of what can be understood: a revision accepted before stands."""


def read_accepted(texts: Mapping[str, str]) -> SiteReading:
    """Read a revision that was accepted before, maybe by an older program that judged less strictly.

    A newer program's judgement must not leave a lit city without its controller: it is told as a warning. The built-in
    profiles are those that the revision keeps, as far as it does.
    """
    return _read(texts, lenient=True)


def read_site(texts: Mapping[str, str], *, at_ms: int | None = None) -> SiteReading:
    """Read and check a site from the texts of its files, as of an instant (UTC ms) where one is given.

    Never raises for anything that stands in the texts: whatever is wrong is a problem with its place, and all are
    found in one reading. Order of the problems: by file, then line.
    """
    return _read(texts, lenient=False, at_ms=at_ms)


def _read(texts: Mapping[str, str], *, lenient: bool, at_ms: int | None = None) -> SiteReading:
    draft = Draft()
    _check_files(own_files(texts) if lenient else texts, draft)
    plain = {name: _checked_text(name, text, draft) for name, text in texts.items()}
    settings = read_settings(plain, draft)
    read_profiles(plain, draft, lenient=lenient)
    read_programs(plain, draft)
    read_calendar(plain, draft)
    read_tariff(plain, draft)
    read_baseline(plain, draft)
    read_tables(plain, draft)
    draft.baseline = replace(draft.baseline, logged=tuple(draft.logged_hours))
    check_assets(draft)
    check_channels(draft)
    check_links(draft)
    check_calendar(draft)
    check_exceptions(draft)
    check_senses(draft)
    check_baseline(draft)
    if settings is not None:
        check_settings(draft, settings)
        check_positions(draft, settings.site)
        check_programs(draft, settings.control)
        check_contradictions(draft)
        check_watchdogs(draft, _site(draft, settings))
        today = _today(settings, at_ms)
        if today:
            check_ended(draft, today)
        if not lenient and all(problem.is_warning for problem in draft.problems):
            check_coverage(draft, _site(draft, settings), today)
    found = [
        replace(problem, is_warning=True) if lenient and problem.fact.code in JUDGEMENTS else problem
        for problem in draft.problems
    ]
    problems = tuple(sorted(found, key=lambda p: (_file_order(p.file), p.line)))
    if settings is None or any(not problem.is_warning for problem in problems):
        return SiteReading(None, problems)
    return SiteReading(_site(draft, settings), problems)


def _today(settings: SiteSettings, at_ms: int | None) -> str:
    """The ISO date at the site; empty without an instant, or where the site's zone is not known."""
    if at_ms is None:
        return ""
    try:
        return local_date(settings.site.timezone, at_ms)
    except (KeyError, ValueError, OSError):  # told by the checks of settings
        return ""


def _check_files(texts: Mapping[str, str], draft: Draft) -> None:
    for name in REQUIRED_FILES:
        if name not in texts and f"{name}/" not in texts:
            draft.broken.add(name)
            draft.problems.append(Problem(Fact("file_missing", {"file": name}), name))
    for name in texts:
        if name == PROFILES_FOLDER:
            draft.broken.add(name)
            draft.problems.append(Problem(Fact("profiles_not_a_folder", {"file": name}), name))
        elif name.startswith(PROGRAM_FOLDER):
            draft.problems.append(Problem(Fact("program_folder_reserved", {"profiles": PROFILES_FOLDER}), name))
        elif name.endswith("/"):
            file = name.removesuffix("/")
            draft.broken.add(PROFILES_FOLDER if file.startswith(PROFILES_FOLDER) else file)
            draft.problems.append(Problem(Fact("not_a_plain_file", {"file": file}), file))
        elif name not in SITE_FILES and not name.startswith(PROFILES_FOLDER) and not is_series_file(name):
            guess = nearest(name, SITE_FILES)
            if guess:
                fact = Fact("file_not_used", {"file": name, "nearest": guess})
                draft.problems.append(Problem(fact, name, is_warning=True))


def _checked_text(name: str, text: str, draft: Draft) -> str:
    """The text with what is not UTF-8 reported once, at its first line, and replaced."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        draft.problems.append(Problem(Fact("not_utf8", {"file": name}), name, line))
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def _file_order(file: str) -> tuple[int, str]:
    return (SITE_FILES.index(file) if file in SITE_FILES else len(SITE_FILES), file)


def _site(draft: Draft, settings: SiteSettings) -> Site:
    return Site(
        id=settings.site.id,
        name=settings.site.name,
        timezone=settings.site.timezone,
        latitude_deg=settings.site.latitude_deg,
        longitude_deg=settings.site.longitude_deg,
        control=settings.control,
        retention=settings.retention,
        store_url=settings.store_url,
        users=settings.users,
        districts=draft.districts,
        buses=draft.buses,
        cabinets=draft.cabinets,
        devices=draft.devices,
        profiles=draft.profiles,
        luminaire_types=draft.luminaire_types,
        circuits=draft.circuits,
        permanent_loads=tuple(draft.permanent_loads),
        failsafe_exceptions=tuple(draft.failsafe_exceptions),
        programs=draft.programs,
        calendar=draft.calendar,
        groups={name: tuple(members) for name, members in draft.groups.items()},
        traffic_sections=draft.traffic_sections,
        photocells=draft.photocells,
        tariff=draft.tariff,
        baseline=draft.baseline,
        reports=settings.reports,
        supplies=draft.supplies,
    )
