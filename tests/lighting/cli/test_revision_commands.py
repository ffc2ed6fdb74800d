"""``diff``, ``apply``, ``rollback`` and ``revisions`` as they are used, with right and wrong words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lighting.cli.entry import run
from tests.lighting.cli.the_site import make_site, store_of

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Path:
    folder = make_site(tmp_path / "city")
    monkeypatch.setenv("LIGHTING_SITE", str(folder))
    monkeypatch.setenv("LIGHTING_USER", "operator")
    assert run(["apply", "--note", "first"]) == 0
    capsys.readouterr()
    return folder


def edit(site: Path, old: str, new: str) -> None:
    text = (site / "programs.toml").read_text(encoding="utf-8")
    assert old in text
    (site / "programs.toml").write_text(text.replace(old, new), encoding="utf-8")


STEP = "program park-path, step at dusk: 80 % → 60 % (1 circuit)"


def test_a_change_is_told_applied_listed_and_taken_back(site: Path, capsys: Capture) -> None:
    edit(site, "level_pct = 80", "level_pct = 60")
    assert run(["diff"]) == 0
    assert capsys.readouterr().out.splitlines() == ["From revision 1, which rules, to the folder:", STEP]
    assert run(["apply", "--dry-run"]) == 0
    told = capsys.readouterr()
    assert STEP in told.out
    assert "A year: " in told.out
    assert "nothing was accepted (dry run)" in told.err
    assert run(["apply", "--no-year", "--note", "dimmer path"]) == 0
    told = capsys.readouterr()
    assert "A year: " not in told.out
    assert "Night of " in told.out
    assert "accepted as revision 2" in told.err
    assert run(["rollback", "--last", "--note", "too dark"]) == 0
    told = capsys.readouterr()
    assert "60 % → 80 %" in told.out
    assert "revision 3 rules: the content of revision 1" in told.err
    assert "lighting revisions export 3 DIR" in told.err
    assert run(["revisions"]) == 0
    newest = capsys.readouterr().out.splitlines()[1]
    assert newest.split()[:2] == ["3", "1"]
    assert newest.endswith("too dark")
    assert run(["revisions", "show", "3"]) == 0
    shown = capsys.readouterr().out
    assert "Its content is that of revision 1." in shown
    assert "It rules now." in shown
    assert run(["revisions", "show", "1"]) == 0
    assert "nothing was accepted before it" in capsys.readouterr().out


def test_what_makes_it_darker_stands_apart(site: Path, capsys: Capture) -> None:
    edit(site, '"00:00", level_pct = 50 }', '"00:00", level_pct = 0, part_night = true }')
    assert run(["diff"]) == 0
    told = capsys.readouterr()
    assert "DARKER: off for a part of some night, which is new for 1 circuit: C-0101" in told.err
    assert "DARKER" not in told.out


def test_a_difference_is_told_of_a_broken_folder_as_text_only(site: Path, capsys: Capture) -> None:
    edit(site, "level_pct = 80", "level_pct = eighty")
    assert run(["diff"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "programs.toml:" in told.err
    assert "lighting diff --text" in told.err
    assert run(["diff", "--text"]) == 0
    assert '+  { at = "dusk", level_pct = eighty },\n' in capsys.readouterr().out
    assert run(["diff", "--text", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"].startswith("--- a/programs.toml\n")


def test_no_escape_code_of_a_file_reaches_the_terminal(site: Path, capsys: Capture) -> None:
    (site / "districts.csv").write_text("id,name\ncentre,\x1b[2J\nlakeside,L\n", encoding="utf-8")
    assert run(["diff", "--text"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_a_person_at_a_terminal_is_asked_and_may_say_no(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    edit(site, "level_pct = 80", "level_pct = 60")
    asked: list[str] = []
    monkeypatch.setattr("lighting.cli.taking_over.is_at_terminal", lambda: True)

    def says_no(question: str, **_named: object) -> bool:
        asked.append(question)
        return False

    monkeypatch.setattr("typer.confirm", says_no)
    assert run(["apply", "--no-year"]) == 5
    assert "nothing was accepted" in capsys.readouterr().err
    assert run(["rollback", "1"]) == 0, "nothing to ask about: it rules already"
    assert run(["apply", "--no-year", "--yes"]) == 0
    assert run(["rollback", "1", "--no-year"]) == 5
    assert run(["rollback", "1", "--no-year", "-y"]) == 0
    assert asked == ["Apply this?", "Go back to revision 1?"]
    with store_of(site) as store:
        assert [revision.id for revision in store.revisions.list()] == [3, 2, 1]


def test_files_are_got_out_and_none_is_lost(site: Path, tmp_path: Path, capsys: Capture) -> None:
    edit(site, "level_pct = 80", "level_pct = 60")
    assert run(["apply", "--no-year"]) == 0
    assert run(["revisions", "export", "1", str(tmp_path / "old")]) == 0
    assert "level_pct = 80" in (tmp_path / "old" / "programs.toml").read_text(encoding="utf-8")
    assert run(["check", "-s", str(tmp_path / "old")]) == 0
    assert run(["revisions", "export", "2", str(tmp_path / "old")]) == 5
    assert run(["rollback", "1", "--no-year", "--restore-folder", str(site)]) == 0
    assert "level_pct = 80" in (site / "programs.toml").read_text(encoding="utf-8")
    assert run(["diff"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no difference"
    edit(site, "level_pct = 80", "level_pct = 55")
    assert run(["rollback", "2", "--no-year", "--restore-folder", str(site)]) == 5
    told = capsys.readouterr().err
    assert "revision 4 rules: the content of revision 2" in told, "the city has it, the folder keeps what was edited"
    assert "programs.toml, which is not as it was accepted" in told
    assert "level_pct = 55" in (site / "programs.toml").read_text(encoding="utf-8")


def test_an_old_content_that_is_refused_is_told(site: Path, capsys: Capture) -> None:
    with store_of(site) as store:
        first = store.revisions.latest()
        assert first is not None
        store.revisions.add({**first.files, "programs.toml": "x = "}, at_ms=1, by="an", note="broken")
        store.revisions.add(first.files, at_ms=2, by="an", note="")
    assert run(["rollback", "2"]) == 2
    told = capsys.readouterr()
    assert "programs.toml" in told.err
    assert "nothing changed" in told.err
    assert told.out == ""


WRONG = {
    "diff of no number": (["diff", "last"], 2),
    "diff of three": (["diff", "1", "1", "1"], 2),
    "diff of an unknown one": (["diff", "9"], 3),
    "rollback of nothing": (["rollback"], 2),
    "rollback of both": (["rollback", "1", "--last"], 2),
    "rollback of an unknown one": (["rollback", "9"], 3),
    "rollback before the first": (["rollback", "--last"], 3),
    "rollback by crew": (["rollback", "1", "--user", "crew"], 5),
    "rollback with an escape code in the note": (["rollback", "1", "--note", "\x1b[2J"], 2),
    "show an unknown one": (["revisions", "show", "9"], 3),
    "show of no number": (["revisions", "show", "first"], 2),
    "show of a number of other digits": (["revisions", "show", "١"], 2),
    "export an unknown one": (["revisions", "export", "9", "there"], 3),
    "export into a file": (["revisions", "export", "1", "a-file"], 2),
    "an unknown sub-command": (["revisions", "shwo", "1"], 2),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_words_are_told_in_one_line(
    case: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    words, code = WRONG[case]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").touch()
    assert run(words) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert "should not happen" not in shown.err


def test_before_anything_was_accepted_there_is_nothing_to_compare(tmp_path: Path, capsys: Capture) -> None:
    make_site(tmp_path / "new")
    for words, code in ((["diff"], 3), (["rollback", "--last"], 3), (["revisions", "show", "1"], 3)):
        assert run(["-s", str(tmp_path / "new"), "--user", "operator", *words]) == code
    assert capsys.readouterr().out == ""
