"""The device profiles that a site can name: its own first, then those that ship with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drivers.profile import Profile
from drivers.profile_file import LONGEST_TEXT, built_in_texts, read_profile
from lighting.assets.draft import PROFILES_FOLDER
from lighting.assets.fact import Fact, Problem


@dataclass(frozen=True, slots=True)
class ShelvedProfile:
    """A profile with the file that it comes from; ``is_own`` where that is the site's."""

    profile: Profile
    file: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class ProfileShelf:
    """``profiles`` in the order of their ids, variants inside their base; ``problems`` of the site's own files."""

    profiles: tuple[ShelvedProfile, ...]
    problems: tuple[Problem, ...]

    def find(self, profile_id: str) -> ShelvedProfile | None:
        """The profile of that id; ``base+variant`` is a variant."""
        for shelved in self.profiles:
            for profile in (shelved.profile, *shelved.profile.variants):
                if profile.id == profile_id:
                    return ShelvedProfile(profile, shelved.file, shelved.is_own)
        return None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all profiles, those of variants among them."""
        return tuple(one.id for shelved in self.profiles for one in (shelved.profile, *shelved.profile.variants))


def profile_shelf(folder: Path | None) -> ProfileShelf:
    """The profiles of a site's folder and the built-in ones; without a folder (or its ``profiles/``) only these.

    A file of the site's own that is broken or cannot be read is told among the problems and hides nothing.
    """
    shelved: dict[str, ShelvedProfile] = {}
    problems: list[Problem] = []
    own = sorted((folder / PROFILES_FOLDER).glob("*.toml")) if folder is not None else []
    for path in own:
        name = f"{PROFILES_FOLDER}{path.name}"
        try:
            profile, found = read_profile_file(path, name)
        except OSError as error:
            detail = error.strerror or type(error).__name__
            profile, found = None, (Problem(Fact("profile_not_readable", {"file": name, "detail": detail}), name),)
        problems += found
        if profile is not None:
            shelved.setdefault(profile.id, ShelvedProfile(profile, f"{PROFILES_FOLDER}{path.name}", is_own=True))
    for file, text in built_in_texts().items():
        built_in = read_profile(text, file).profile
        if built_in is not None:
            shelved.setdefault(built_in.id, ShelvedProfile(built_in, file, is_own=False))
    return ProfileShelf(tuple(shelved[one] for one in sorted(shelved)), tuple(problems))


def read_profile_file(path: Path, name: str) -> tuple[Profile | None, tuple[Problem, ...]]:
    """The profile of a file, or its problems under ``name``. Raises OSError when the file cannot be read.

    What is no plain file (a folder, a pipe, a device that never ends) is not read, and of a file no more than the
    longest profile may have.
    """
    if path.exists() and not path.is_file():
        return None, (Problem(Fact("not_a_plain_file", {"file": name}), name),)
    with path.open("rb") as file:
        raw = file.read(4 * LONGEST_TEXT + 1)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, (Problem(Fact("not_utf8", {"file": name}), name, line),)
    reading = read_profile(text, name)
    problems = (Problem(Fact(one.code, dict(one.values)), name, one.line, one.field) for one in reading.problems)
    return reading.profile, tuple(problems)
