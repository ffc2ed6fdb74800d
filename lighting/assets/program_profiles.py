"""The program's own device profiles that a revision keeps, so that no upgrade changes a running site unseen. Pure.

A revision has, beside the site's files, the texts of the built-in profiles that its devices use, each under
``program/profiles/``; variants come with the file of their base. They stand between the site's own profiles and the
built-in ones until the next apply takes those of the program of that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from drivers.profile import Profile
from drivers.profile_file import built_in_file, built_in_profiles, built_in_texts, read_profile, with_variants
from lighting.assets.draft import PROFILES_FOLDER, PROGRAM_FOLDER, SITE_FILES
from lighting.assets.fact import Fact, Problem
from lighting.assets.model import Site
from lighting.assets.tariff_series import is_series_file

KEPT_FOLDER = PROGRAM_FOLDER + PROFILES_FOLDER
_MOST_READ = 256


def own_files(files: Mapping[str, str]) -> dict[str, str]:
    """The site's own files of a revision or a folder: without what the program keeps there, and without strays.

    A stray has a name that is nearly one of the site's (``circuit.csv``): it is told of, and never read.
    """
    return {name: text for name, text in files.items() if _is_own(name.removesuffix("/"))}


def _is_own(name: str) -> bool:
    return name in SITE_FILES or f"{name}/".startswith(PROFILES_FOLDER) or is_series_file(name)


def is_of_revision(texts: Mapping[str, str], files: Mapping[str, str]) -> bool:
    """Whether the texts of a folder are those of a revision's files; a folder ``program/`` is none of a site's."""
    return own_files(texts) == own_files(files) and not any(name.startswith(PROGRAM_FOLDER) for name in texts)


def with_program_profiles(texts: Mapping[str, str], site: Site) -> dict[str, str]:
    """The files of a revision of that folder: its own, and the built-in profiles that its devices use.

    ``site`` is what ``read_site`` read from these texts.
    """
    built_in = built_in_profiles()
    used = {device.profile for device in site.devices.values()}
    # The object itself tells whose profile it is: one of the site's own may be equal to a built-in one today.
    of_program = {built_in_file(one) for one in used if one in built_in and site.profiles[one] is built_in[one]}
    return {**own_files(texts), **{KEPT_FOLDER + file: built_in_texts()[file] for file in sorted(of_program)}}


def kept_profiles(files: Mapping[str, str]) -> tuple[dict[str, Profile], tuple[Problem, ...]]:
    """The profiles that a revision keeps of the program, by id, variants among them; only those that it has otherwise.

    One that this program cannot read is left out, with a warning, so that the built-in one rules.
    """
    found: dict[str, Profile] = {}
    problems = []
    for file, text in _kept(files):
        profile = _profile_of(file, text)
        if profile is None:
            problems.append(_warning(_unreadable(file), file))
        else:
            found |= with_variants(profile)
    return found, tuple(problems)


def program_problems(files: Mapping[str, str], revision_id: int) -> tuple[Problem, ...]:
    """Where this program's profiles are not those of an accepted revision: warnings, each with the remedy."""
    problems = []
    for file, text in _kept(files):
        profile = _profile_of(file, text)
        if profile is None:
            fact = _unreadable(file)
        elif profile.id not in built_in_profiles():
            fact = Fact("program_profile_gone", {"profile": profile.id, "revision": revision_id})
        elif profile != built_in_profiles()[profile.id]:
            fact = Fact("program_profile_differs", {"profile": profile.id, "revision": revision_id})
        else:
            continue
        problems.append(_warning(fact, file))
    return tuple(problems)


def _unreadable(file: str) -> Fact:
    return Fact("program_profile_unreadable", {"profile": _named(file)})


def _warning(fact: Fact, file: str) -> Problem:
    return Problem(fact, KEPT_FOLDER + file, is_warning=True)


def profiles_taken(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """The program's profiles, by their base's id, that a revision would keep otherwise than the one before it.

    A text that says the same in other words is no difference; one that no device needs any more is the site's edit.
    """
    old, new = dict(_kept_texts(before)), dict(_kept_texts(after))
    return tuple(_named(file) for file in sorted(new) if not _same(file, old, new))


def _same(file: str, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    if file not in old:
        return False
    return old[file] == new[file] or _profile_of(file, old[file]) == _profile_of(file, new[file])


def _kept(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The kept files whose text this program does not have itself."""
    return ((file, text) for file, text in _kept_texts(files) if text != built_in_texts().get(file))


def _kept_texts(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    names = sorted(name for name in files if name.startswith(KEPT_FOLDER) and name.endswith(".toml"))
    return ((name.removeprefix(KEPT_FOLDER), files[name]) for name in names)


def _named(file: str) -> str:
    """The id for a person: built-in profiles have their id for a name."""
    return file.removesuffix(".toml")


@lru_cache(maxsize=_MOST_READ)
def _profile_of(file: str, text: str) -> Profile | None:
    """Read as one that was accepted by an older program; its mere judgements were told when it was built in."""
    return read_profile(text, file, lenient=True).profile
