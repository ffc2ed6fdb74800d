"""``lighting profiles``: the list, and whether a file is a right profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.profile import Profile
from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import nearest
from lighting.assets.profile_shelf import ProfileShelf, ShelvedProfile, profile_shelf, read_profile_file
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.say_profile import profile_lines
from lighting.cli.table import Column, print_table, terminal_width
from lighting.cli.voice import print_json, voice_for
from lighting.desk.refusal import NotFound, WrongUsage

PROFILES_SCHEMA = "lighting.profiles/1"
PROFILE_SCHEMA = "lighting.profile/1"
CHECK_SCHEMA = "lighting.profile_check/1"

_COLUMNS = (
    Column("ID"),
    Column("NAME", gives_way=True),
    Column("MAKER", gives_way=True),
    Column("CHANNELS", gives_way=True),
    Column("TRUST"),
    Column("FROM"),
)


def print_profiles(folder: Path, words: Sequence[str], *, as_json: bool) -> int:
    """The profiles in which every word occurs, on a line each; 3 where there is none."""
    voice = voice_for()
    shelf = _shelf(folder)
    found = [shelved for shelved in shelf.profiles if _has_words(shelved.profile, words)]
    if as_json:
        print_json(form(PROFILES_SCHEMA, profiles=[_row_form(shelved) for shelved in found], problems=shelf.problems))
    else:
        print_table(_COLUMNS, [_row(shelved, voice.heading) for shelved in found], voice)
        voice.problems(shelf.problems)
    if words and not found:
        raise NotFound(Fact("no_profile_with_words", {"found": " ".join(words)}))
    return Exit.FINE


def print_profile(folder: Path, profile_id: str, *, as_json: bool) -> int:
    """One profile in full. Raises ``NotFound`` with the nearest id."""
    voice = voice_for()
    shelf = _shelf(folder)
    shelved = shelf.find(profile_id)
    if shelved is None:
        near = nearest(profile_id, shelf.ids)
        raise NotFound(
            Fact("no_such_profile", {"found": profile_id, "nearest": near})
            if near
            else Fact("no_such_profile_at_all", {"found": profile_id})
        )
    if as_json:
        print_json(form(PROFILE_SCHEMA, is_own=shelved.is_own, file=shelved.file, profile=shelved.profile))
    else:
        print("\n".join(profile_lines(shelved, voice, width=min(terminal_width() or 80, 100))))
    return Exit.FINE


def print_profile_check(file: Path, *, as_json: bool) -> int:
    """Every problem of a profile's file on a line of its own; 2 when there is one."""
    voice = voice_for()
    try:
        profile, problems = read_profile_file(file, str(file))
    except OSError as error:
        values: dict[str, Value] = {"file": str(file), "detail": error.strerror or type(error).__name__}
        raise WrongUsage(Fact("profile_not_readable", values)) from error
    counts = {} if profile is None else _counts(profile)
    if as_json:
        known = None if profile is None else profile.id
        print_json(form(CHECK_SCHEMA, ok=profile is not None, id=known, counts=counts, problems=problems))
    elif profile is None:
        voice.problems(problems, to_stdout=True)
        voice.tell(Fact("profile_check_failed", {"problems": len(problems)}))
    else:
        voice.data(Fact("profile_check_ok", {"file": str(file), "id": profile.id, **counts}))
        if not profile.vectors:
            voice.tell(Fact("profile_check_no_vectors"))
    return Exit.FINE if profile is not None else Exit.WRONG_USAGE


def _shelf(folder: Path) -> ProfileShelf:
    try:
        return profile_shelf(folder)
    except OSError as error:
        values: dict[str, Value] = {
            "folder": str(folder),
            "file": str(error.filename or ""),
            "detail": error.strerror or type(error).__name__,
        }
        raise WrongUsage(Fact("folder_not_readable", values)) from error


def _counts(profile: Profile) -> dict[str, int]:
    vectors = {(vector.point, vector.raw) for one in (profile, *profile.variants) for vector in one.vectors}
    return {
        "channels": len(profile.channels),
        "points": len(profile.points),
        "vectors": len(vectors),
        "variants": len(profile.variants),
    }


def _roles(profile: Profile) -> dict[str, int]:
    roles: dict[str, int] = {}
    for channel in profile.channels:
        roles[channel.role] = roles.get(channel.role, 0) + 1
    return roles


def _has_words(profile: Profile, words: Sequence[str]) -> bool:
    texts = (profile.id, profile.name, profile.maker, *_roles(profile), *(one.name for one in profile.variants))
    text = " ".join(texts).casefold()
    return all(word.casefold() in text for word in words)


def _row(shelved: ShelvedProfile, word: Callable[[str], str]) -> tuple[str, ...]:
    profile = shelved.profile
    return (
        profile.id,
        profile.name,
        profile.maker,
        ", ".join(f"{count} {role}" for role, count in _roles(profile).items()),
        word(profile.trust),
        word("site" if shelved.is_own else "built in"),
    )


def _row_form(shelved: ShelvedProfile) -> dict[str, object]:
    profile = shelved.profile
    return {
        "id": profile.id,
        "name": profile.name,
        "maker": profile.maker,
        "trust": profile.trust,
        "is_own": shelved.is_own,
        "file": shelved.file,
        "channels": _roles(profile),
        "variants": [variant.id for variant in profile.variants],
        **{name: count for name, count in _counts(profile).items() if name in ("points", "vectors")},
    }
