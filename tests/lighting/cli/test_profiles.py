"""``lighting profiles``: what is known, one in full, and whether a file is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivers.profile_file import built_in_profiles, built_in_texts
from lighting.cli.entry import run
from lighting.cli.exit_codes import Exit
from tests.drivers.test_profile_check import FIFTEEN, GOOD
from tests.lighting.cli.the_site import make_site

Captured = pytest.CaptureFixture[str]


def test_without_a_site_the_built_in_ones_are_listed(capsys: Captured) -> None:
    assert run(["profiles"]) == Exit.FINE
    lines = capsys.readouterr().out.splitlines()[1:]
    bases = sorted(profile.id for profile in built_in_profiles().values() if "+" not in profile.id)
    assert [line.split()[0] for line in lines] == bases
    assert all(line.endswith("built in") for line in lines)


def test_words_choose_among_them(capsys: Captured) -> None:
    assert run(["profiles", "RELAY", "wb"]) == Exit.FINE
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["wb-mr6c", "wb-mrps6"]
    assert run(["profiles", "nothing-like-it"]) == Exit.NOT_FOUND
    assert "nothing-like-it" in capsys.readouterr().err


def test_the_sites_own_profile_comes_before_the_built_in_one(tmp_path: Path, capsys: Captured) -> None:
    site = make_site(tmp_path / "city")
    (site / "profiles").mkdir(exist_ok=True)
    own = built_in_texts()["sdm120.toml"].replace('name = "', 'name = "Our own ', 1)
    (site / "profiles" / "sdm120.toml").write_text(own, encoding="utf-8")
    (site / "profiles" / "broken.toml").write_text('id = "broken', encoding="utf-8")
    assert run(["-s", str(site), "profiles", "sdm120"]) == Exit.FINE
    heard = capsys.readouterr()
    assert "Our own" in heard.out
    assert heard.out.rstrip().endswith("site")
    assert "profiles/broken.toml:1" in heard.err
    assert run(["-s", str(site), "profiles", "show", "sdm120"]) == Exit.FINE
    assert "The site's own: profiles/sdm120.toml" in capsys.readouterr().out


@pytest.mark.parametrize("profile_id", built_in_profiles())
def test_a_profile_is_shown_at_80_columns(profile_id: str, capsys: Captured) -> None:
    assert run(["profiles", "show", profile_id]) == Exit.FINE
    out = capsys.readouterr().out
    profile = built_in_profiles()[profile_id]
    long_words = {word for line in out.splitlines() for word in line.split() if len(word) > 60}
    assert all(len(line) <= 80 for line in out.splitlines() if not long_words & set(line.split()))
    assert profile.name.split()[0] in out
    assert "Addresses count from 0" in out
    for point in profile.points:
        if point.enumeration:
            assert next(iter(point.enumeration.values())) in " ".join(out.split())


def test_what_a_profile_does_by_itself_is_told(tmp_path: Path, capsys: Captured) -> None:
    site = make_site(tmp_path / "city")
    (site / "profiles").mkdir(exist_ok=True)
    (site / "profiles" / "gateway.toml").write_text(GOOD, encoding="utf-8")
    assert run(["-s", str(site), "profiles", "show", "gateway"]) == Exit.FINE
    out = capsys.readouterr().out
    assert "as safety action + safety level says" in out
    assert "0 = dark, 1 = hold, 2 = level" in " ".join(out.split())
    assert "When power returns: lit 80 %" in out
    assert "fed by level only" in out
    assert "0 → 0, 100 → 10, 254 → 100" in out
    assert "gateway+analog: Gateway, analog" in out
    assert run(["-s", str(site), "profiles", "show", "gateway+analog"]) == Exit.FINE
    assert "True only while mode is 1" in capsys.readouterr().out


def test_an_unknown_profile_names_the_nearest(capsys: Captured) -> None:
    assert run(["profiles", "show", "wb-mao"]) == Exit.NOT_FOUND
    assert "wb-mao4" in capsys.readouterr().err


def test_an_unknown_profile_that_is_like_no_other_names_none(capsys: Captured) -> None:
    assert run(["profiles", "show", "qqqqqq"]) == Exit.NOT_FOUND
    assert capsys.readouterr().err == "lighting: there is no profile qqqqqq; lighting profiles lists them\n"


def test_a_right_file_is_right(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert run(["profiles", "check", str(file)]) == Exit.FINE
    assert "2 test vectors hold both ways" in capsys.readouterr().out


def test_fifteen_mistakes_on_fifteen_lines(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fifteen.toml").write_text(FIFTEEN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["profiles", "check", "fifteen.toml"]) == Exit.WRONG_USAGE
    lines = capsys.readouterr().out.splitlines()
    marked = [number for number, line in enumerate(FIFTEEN.splitlines(), start=1) if "#!" in line]
    assert [int(line.split(":")[1].split()[0]) for line in lines] == marked
    assert lines[1] == (
        "fifteen.toml:6 probe: volts tells nothing as a probe: it needs valid_min and valid_max that exclude some of "
        "what its type can hold"
    )
    assert run(["profiles", "check", "fifteen.toml", "--json"]) == Exit.WRONG_USAGE
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 15


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"\x00" * 100])
def test_what_is_no_profile_is_a_problem(content: bytes, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(content)
    assert run(["profiles", "check", str(file)]) == Exit.WRONG_USAGE
    assert capsys.readouterr().out.startswith(f"{file}:1")


def test_a_file_that_is_not_there(capsys: Captured) -> None:
    assert run(["profiles", "check", "nowhere.toml"]) == Exit.WRONG_USAGE
    assert "nowhere.toml cannot be read" in capsys.readouterr().err
