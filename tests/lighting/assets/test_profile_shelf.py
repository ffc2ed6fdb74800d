"""The shelf of profiles: what cannot be read hides nothing, and what never ends is not read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drivers.profile_file import built_in_profiles, built_in_texts
from lighting.assets.folder import read_site
from lighting.assets.profile_shelf import profile_shelf, read_profile_file
from lighting.assets.template import template_texts


def test_a_dangling_link_and_a_folder_are_told_and_hide_nothing(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "gone.toml").symlink_to(tmp_path / "nowhere")
    (profiles / "dir.toml").mkdir()
    shelf = profile_shelf(tmp_path)
    assert [(p.file, p.fact.code) for p in shelf.problems] == [
        ("profiles/dir.toml", "not_a_plain_file"),
        ("profiles/gone.toml", "profile_not_readable"),
    ]
    assert set(shelf.ids) == set(built_in_profiles())


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_never_ends_is_not_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "pipe.toml"
    if kind == "pipe":
        os.mkfifo(path)
    profile, problems = read_profile_file(path if kind == "pipe" else Path("/dev/zero"), "x.toml")
    assert profile is None
    assert [problem.fact.code for problem in problems] == ["not_a_plain_file"]


def test_of_a_very_long_file_no_more_is_read_than_a_profile_may_have(tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    path.write_bytes(b"# " + b"x" * 2_000_000)
    _profile, problems = read_profile_file(path, "long.toml")
    assert [problem.fact.code for problem in problems] == ["profile_too_long"]


@pytest.mark.parametrize(("highest", "warned"), [(100, False), (50, True)])
def test_a_dimmer_that_never_gives_full_light_is_warned_of(highest: int, warned: bool) -> None:
    texts = template_texts()
    own = built_in_texts()["wb-mao4.toml"]
    texts["profiles/wb-mao4.toml"] = own.replace("write_max = 100", f"write_max = {highest}", 1)
    reading = read_site(texts)
    assert reading.site is not None
    found = [problem for problem in reading.problems if problem.fact.code == "channel_never_full"]
    assert [problem.field for problem in found] == (["dimmer"] * 3 if warned else [])
    assert all(problem.is_warning for problem in found)
