"""A revision keeps the program's own profiles that its devices use: another program changes no running site unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.profile_file import built_in_texts
from lighting.assets.folder import SiteReading, folder_texts, read_accepted, read_site
from lighting.assets.program_profiles import (
    is_of_revision,
    kept_profiles,
    own_files,
    profiles_taken,
    program_problems,
    with_program_profiles,
)
from lighting.assets.template import template_texts, write_template

KEPT = "program/profiles/wb-mr6c.toml"
NOW = "pause_ms = 8 "


def revision_of(texts: dict[str, str]) -> dict[str, str]:
    """The files of a revision that was accepted with this program."""
    site = read_site(texts).site
    assert site is not None
    return with_program_profiles(texts, site)


def accepted_with_older_program(texts: dict[str, str] | None = None) -> dict[str, str]:
    """The same of a program whose profile of the relays kept a longer pause."""
    files = revision_of(template_texts() if texts is None else texts)
    assert NOW in files[KEPT]
    return {**files, KEPT: files[KEPT].replace(NOW, "pause_ms = 77 ")}


def pause_ms(reading: SiteReading) -> float:
    assert reading.site is not None
    return reading.site.profiles["wb-mr6c"].limits.pause_ms


def test_a_revision_keeps_what_its_devices_use_and_nothing_else() -> None:
    files = revision_of(template_texts())
    kept = [name for name in files if name.startswith("program/")]
    assert kept == [f"program/profiles/{one}.toml" for one in ("sdm120", "sdm630", "wb-mao4", "wb-mr6c")]
    assert all(files[name] == built_in_texts()[name.rpartition("/")[2]] for name in kept)
    assert own_files(files) == template_texts()
    assert program_problems(files, 1) == ()
    assert kept_profiles(files) == ({}, ())


def test_a_stray_file_is_no_part_of_a_revision_and_no_change_of_the_folder() -> None:
    with_stray = {**template_texts(), "circuit.csv": "id\n"}
    assert [problem.fact.code for problem in read_site(with_stray).problems] == ["file_not_used"]
    files = revision_of(with_stray)
    assert own_files(files) == template_texts()
    assert is_of_revision(with_stray, files)
    assert is_of_revision(template_texts(), {**files, "circuit.csv": "of an older program"})
    assert not is_of_revision({**template_texts(), "profiles/own.toml": ""}, files)
    assert not is_of_revision({**template_texts(), "program/": ""}, files)


def test_a_variant_comes_with_the_file_of_its_base() -> None:
    texts = template_texts()
    texts["devices.csv"] = texts["devices.csv"].replace("wb-mao4", "wb-mao4+pwm")
    files = revision_of(texts)
    kept = "program/profiles/wb-mao4.toml"
    older = {**files, kept: files[kept].replace("WB-MAO4, four outputs as 10 V PWM", "older words")}
    site = read_accepted(older).site
    assert site is not None
    assert site.profiles["wb-mao4+pwm"].name == "older words"
    assert profiles_taken(older, files) == ("wb-mao4",)


def test_a_profile_of_the_sites_own_is_not_kept_twice_and_comes_first() -> None:
    own = built_in_texts()["wb-mr6c.toml"].replace(NOW, "pause_ms = 33 ")
    texts = {**template_texts(), "profiles/relays.toml": own}
    assert KEPT not in revision_of(texts)
    assert pause_ms(read_accepted({**accepted_with_older_program(), "profiles/relays.toml": own})) == 33
    same = {**template_texts(), "profiles/relays.toml": built_in_texts()["wb-mr6c.toml"]}
    assert KEPT not in revision_of(same), "its own, though it says what the built-in one says"


def test_what_was_accepted_rules_after_an_upgrade_and_the_difference_is_told() -> None:
    files = accepted_with_older_program()
    assert pause_ms(read_site(own_files(files))) == 8
    reading = read_accepted(files)
    assert pause_ms(reading) == 77
    assert [p.fact.code for p in reading.problems] == []
    (told,) = program_problems(files, 4)
    assert (told.fact.code, dict(told.fact.values)) == (
        "program_profile_differs",
        {"profile": "wb-mr6c", "revision": 4},
    )
    assert (told.file, told.is_warning) == (KEPT, True)
    assert profiles_taken(files, revision_of(template_texts())) == ("wb-mr6c",)


def test_what_no_device_uses_any_more_is_kept_no_longer_and_nothing_is_taken() -> None:
    texts = template_texts()
    texts["devices.csv"] = texts["devices.csv"].replace("sdm120", "sdm630")
    fewer = revision_of(texts)
    assert "program/profiles/sdm120.toml" not in fewer
    assert profiles_taken(revision_of(template_texts()), fewer) == ()
    assert profiles_taken(fewer, revision_of(template_texts())) == ("sdm120",)


def test_other_words_for_the_same_are_no_difference() -> None:
    files = revision_of(template_texts())
    said_otherwise = {**files, KEPT: files[KEPT] + "# a comment of an older program\n"}
    assert program_problems(said_otherwise, 1) == ()
    assert profiles_taken(said_otherwise, files) == ()


@pytest.mark.parametrize("text", ["[[[", "", 'schema_version = 99\nid = "wb-mr6c"\n'])
def test_a_kept_text_that_cannot_be_read_falls_back_to_the_built_in_one_with_a_warning(text: str) -> None:
    files = {**revision_of(template_texts()), KEPT: text}
    reading = read_accepted(files)
    assert pause_ms(reading) == 8
    assert [(p.file, p.fact.code, p.is_warning) for p in reading.problems] == [
        (KEPT, "program_profile_unreadable", True)
    ]
    assert [p.fact.code for p in program_problems(files, 1)] == ["program_profile_unreadable"]


def test_a_profile_that_the_program_has_no_more_goes_on_ruling() -> None:
    texts = template_texts()
    texts["devices.csv"] = texts["devices.csv"].replace("wb-mr6c", "old-relays")
    files = revision_of(template_texts()) | texts
    files["program/profiles/old-relays.toml"] = files.pop(KEPT).replace('id = "wb-mr6c"', 'id = "old-relays"')
    assert read_site(own_files(files)).site is None
    assert read_accepted(files).site is not None
    assert [p.fact.code for p in program_problems(files, 1)] == ["program_profile_gone"]


def test_a_revision_from_before_runs_on_the_built_in_profiles() -> None:
    reading = read_accepted(template_texts())
    assert (pause_ms(reading), reading.problems) == (8, ())
    assert program_problems(template_texts(), 1) == ()


def test_no_folder_of_a_site_has_program(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write_template(folder)
    (folder / "program").mkdir()
    reading = read_site(folder_texts(folder))
    assert reading.site is None
    assert [(p.file, p.fact.code) for p in reading.problems] == [("program/", "program_folder_reserved")]
    assert read_site(revision_of(template_texts())).site is None
