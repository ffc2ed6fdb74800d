"""The command line as it is used: what goes to which stream, which exit code, and where the site is found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.profile_file import built_in_texts
from lighting import __version__
from lighting.assets.fact import Fact
from lighting.assets.template import template_texts, write_folder
from lighting.cli.entry import run
from lighting.cli.say_traffic_week import DAY_NAMES
from lighting.schedule.instructions import Layer
from lighting.wording.speech import say
from lighting.wording.words_cli import HEADINGS
from tests.lighting.cli.the_site import live_now, make_site, store_of

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path / "city")


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **(options.get("env") or {})}  # type: ignore[dict-item]
    command = [sys.executable, "-m", "lighting", *arguments]
    root = Path(__file__).resolve().parents[3]
    return subprocess.run(
        command, capture_output=True, text=True, env={**environment, "PYTHONPATH": str(root)}, check=False
    )


def test_the_version_is_answered_before_typer_is_imported() -> None:
    asked = process("--version")
    assert (asked.returncode, asked.stdout) == (0, f"lighting {__version__}\n")
    loaded = (
        "import sys, lighting.__main__ as m; sys.argv = ['lighting', '--version']; m.main();"
        "print('typer' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[3]
    answer = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, cwd=root, check=True)
    assert answer.stdout.splitlines()[-1] == "False"


def test_help_loads_neither_numpy_nor_a_database() -> None:
    script = (
        "import sys; from lighting.cli.entry import run; code = run(['--help']);"
        "print(code, sorted({'numpy', 'sqlalchemy', 'pydantic', 'textual', 'rich', 'pymodbus'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[3]
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=True)
    assert answer.stdout.splitlines()[-1] == "0 []"


def test_without_a_command_it_shows_the_help_and_leaves_with_2(capsys: Capture) -> None:
    assert run([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Exit codes:" in shown.err


@pytest.mark.parametrize("where", ["before", "after", "environment", "current"])
def test_the_site_is_found_before_and_after_the_command_by_environment_and_here(
    where: str, site: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    words = {"before": ["-s", str(site), "status"], "after": ["status", "--site", str(site)]}.get(where, ["status"])
    if where == "environment":
        monkeypatch.setenv("LIGHTING_SITE", str(site))
    if where == "current":
        monkeypatch.chdir(site)
    assert run(words) == 0
    assert "Example town" in capsys.readouterr().out


def test_init_and_check_of_a_new_site(tmp_path: Path, capsys: Capture) -> None:
    assert run(["init", str(tmp_path / "new")]) == 0
    assert "site.toml" in capsys.readouterr().out
    assert run(["check", "-s", str(tmp_path / "new")]) == 0
    assert "ok: 2 districts, 2 cabinets" in capsys.readouterr().out
    assert run(["init", str(tmp_path / "new")]) == 2


def test_check_lists_every_problem_with_its_place(site: Path, capsys: Capture) -> None:
    text = (site / "circuits.csv").read_text(encoding="utf-8")
    (site / "circuits.csv").write_text(
        text.replace("CB01-D:1", "CB01-X:1").replace(",led-40:30", ",led-4O:30"), encoding="utf-8"
    )
    assert run(["check", "-s", str(site)]) == 2
    shown = capsys.readouterr()
    assert {line.split(":")[0] for line in shown.out.splitlines()} == {"circuits.csv"}
    assert len(shown.out.splitlines()) == 2
    assert "2 problems" in shown.err


def test_set_answers_with_its_number_and_says_that_no_controller_runs(site: Path, capsys: Capture) -> None:
    code = run(["set", "C-0101", "60", "--until", "2h", "--reason", "works", "-s", str(site)])
    shown = capsys.readouterr()
    assert code == 4
    assert shown.out.startswith("override 1: C-0101")
    assert "no controller is running" in shown.err
    with store_of(site) as store:
        assert store.instructions.get(1) is not None


def test_without_waiting_set_is_fine(site: Path) -> None:
    assert run(["set", "C-0101", "60%", "--reason", "works", "--no-wait", "-s", str(site)]) == 0


def test_a_dimmer_that_is_held_by_its_profile_is_said_by_set_and_why(tmp_path: Path, capsys: Capture) -> None:
    own = built_in_texts()["wb-mao4.toml"].replace("write_max = 100", "write_max = 80", 1)
    write_folder(tmp_path / "held", template_texts() | {"profiles/wb-mao4.toml": own})
    for level, is_held in (("100", True), ("80", False)):
        assert run(["-s", str(tmp_path / "held"), "set", "C-0201", level, "--reason", "fair", "--no-wait"]) == 0
        said = capsys.readouterr().err
        held = "not given 100 %, for its dimmer is held at 80 % by its profile: 1 of 1 circuit: C-0201"
        assert (held in said) is is_held
        assert run(["-s", str(tmp_path / "held"), "why", "C-0201"]) == 0
        held = "CB02-D is held at 80 % by its profile: it takes no higher level."
        assert (held in capsys.readouterr().out) is is_held
        assert run(["-s", str(tmp_path / "held"), "why", "C-0201", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["held_at_pct"] == (80.0 if is_held else None)


def test_an_override_is_listed_and_released(site: Path, capsys: Capture) -> None:
    run(["-s", str(site), "set", "cabinet:CB01", "100", "--reason", "works", "--no-wait"])
    run(["-s", str(site), "instructions"])
    assert "cabinet:CB01" in capsys.readouterr().out
    assert run(["-s", str(site), "release", "cabinet:CB01", "--reason", "over", "--no-wait"]) == 0
    assert "override 1" in capsys.readouterr().out
    run(["-s", str(site), "instructions"])
    assert capsys.readouterr().out == ""
    run(["-s", str(site), "instructions", "--all"])
    assert "released" in capsys.readouterr().out


def test_a_lockout_says_that_it_is_not_isolation(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "lock", "C-0101", "--reason", "lamp 4", "--no-wait"]) == 0
    assert "NOT isolation" in capsys.readouterr().err
    assert run(["-s", str(site), "unlock", "C-0101", "--reason", "done", "--no-wait"]) == 0


def test_anothers_lockout_is_refused_with_5(site: Path, capsys: Capture) -> None:
    run(["-s", str(site), "lock", "C-0101", "--reason", "lamp 4", "--no-wait"])
    assert run(["-s", str(site), "--user", "crew", "unlock", "C-0101", "--reason", "x"]) == 5
    assert run(["-s", str(site), "unlock", "C-0101", "--user", "crew", "--reason", "x"]) == 5
    assert "held by operator" in capsys.readouterr().err


def test_apply_tells_the_files_and_the_revision(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "apply", "--note", "first"]) == 0
    shown = capsys.readouterr()
    assert "circuits.csv" in shown.out
    assert "accepted as revision 1" in shown.err
    (site / "buses.csv").write_text("id\n", encoding="utf-8")
    assert run(["-s", str(site), "apply"]) == 2
    assert "nothing changed" in capsys.readouterr().err
    assert run(["-s", str(site), "revisions"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_why_is_one_screen_of_plain_language(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "why", "C-0101"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert any(line.startswith("  >") for line in lines)
    assert sum(line.startswith("  until ") for line in lines) >= 1, "until when, and what comes next"
    assert run(["-s", str(site), "why", "C-0102", "--at", "+1h"]) == 0
    assert " planned for " in capsys.readouterr().out.splitlines()[0]


def test_plan_puts_equal_nights_together(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "plan", "--night", "2026-11-23"]) == 0
    text = capsys.readouterr().out
    assert "C-0102, C-0103\n" in text
    assert "22:00 70 %" in text
    assert run(["-s", str(site), "plan", "C-0101", "--night", "2026-11-23"]) == 0
    assert "main-road" in capsys.readouterr().out


def test_status_shows_what_needs_a_person_first(site: Path, capsys: Capture) -> None:
    with store_of(site) as store:
        live_now(store)
    assert run(["-s", str(site), "status"]) == 0
    text = capsys.readouterr().out
    assert text.index("NOT RUNNING") < text.index("Needs you") < text.index("Lit ")
    assert all(len(line) <= 120 for line in text.splitlines())


def test_status_tells_a_doubted_clock_once_and_with_its_date(site: Path, capsys: Capture) -> None:
    with store_of(site) as store:
        live_now(store)
        beat = store.controller.last_beat()
        assert beat is not None
        doubt = Fact("clock_earlier_than_stored", {"clock_ms": beat.beat_ms, "stored_ms": beat.beat_ms + 60_000})
        store.controller.beat(replace(beat, doubt=doubt))
        store.history.raise_alarm("clock_doubted", "site", "example", at_ms=beat.beat_ms, fact=doubt)
        store.history.raise_alarm("bus_silent", "bus", "CB01-bus", at_ms=beat.beat_ms, fact=Fact("bus_silent"))
    assert run(["-s", str(site), "status"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("earlier than the newest stored time") == 1
    assert re.search(r"the clock says \d{4}-\d\d-\d\d \d\d:\d\d, earlier", text)
    assert "does not answer" in text


def test_status_says_in_one_sentence_that_the_folder_was_edited(site: Path, capsys: Capture) -> None:
    """Of the folder as it is now: what the controller found when it began may be put right meanwhile."""
    begun = Fact("folder_differs_revision_runs", {"revision": 1})
    assert run(["-s", str(site), "apply"]) == 0
    with store_of(site) as store:
        live_now(store)
        beat = store.controller.last_beat()
        assert beat is not None
        store.controller.beat(replace(beat, fault=begun))

    def told() -> str:
        capsys.readouterr()
        assert run(["-s", str(site), "status"]) == 0
        return " ".join(capsys.readouterr().out.split())

    (site / "circuit.csv").write_text("id\n", encoding="utf-8")
    assert "edited" not in told()
    text = (site / "site.toml").read_text(encoding="utf-8")
    (site / "site.toml").write_text(text.replace("Example", "Exemplary"), encoding="utf-8")
    assert told().count("edited") == 1
    with store_of(site) as store:
        lock = store.controller.lock(holder="here")
        sentence = told()
        lock.release()
    assert (sentence.count("edited"), sentence.count("edited since revision 1, which runs until")) == (1, 1)


@pytest.mark.parametrize("words", [["release", "C-0101"], ["unlock", "C-0101"]])
def test_what_was_taken_off_takes_no_effect_later(words: list[str], site: Path, capsys: Capture) -> None:
    run(["-s", str(site), "set", "C-0101", "100", "--reason", "x"])
    run(["-s", str(site), "lock", "C-0101", "--reason", "x"])
    assert "takes effect when one starts" in capsys.readouterr().err
    assert run(["-s", str(site), *words, "--reason", "done"]) == 4
    told = capsys.readouterr().err
    assert "takes effect" not in told
    assert "taken off" in told


def test_a_stored_escape_code_never_reaches_a_terminal(site: Path, capsys: Capture) -> None:
    with store_of(site) as store:
        store.instructions.record(
            layer=Layer.OVERRIDE,
            scope_kind="circuit",
            scope_id="C-0101",
            level_pct=100.0,
            from_ms=0,
            until_ms=None,
            by="x",
            reason="\x1b[2J\x9b2Jgone",
        )
    for words in (["instructions"], ["instructions", "--json"], ["why", "C-0101"], ["plan", "C-0101"]):
        assert run(["-s", str(site), *words]) == 0
        text = capsys.readouterr().out
        assert not {"\x1b", "\x9b"} & set(text)
    assert run(["-s", str(site), "release", "C-0101", "--reason", "x", "--no-wait"]) == 0


def test_a_locked_line_is_not_let_go_of_by_apply(site: Path, capsys: Capture) -> None:
    run(["-s", str(site), "apply"])
    run(["-s", str(site), "lock", "C-0101", "--reason", "x", "--no-wait"])
    text = (site / "circuits.csv").read_text(encoding="utf-8")
    (site / "circuits.csv").write_text(text.replace("C-0101", "C-0111"), encoding="utf-8")
    for words in (["apply"], ["apply", "--dry-run"], ["apply", "--json"]):
        capsys.readouterr()
        assert run(["-s", str(site), *words]) == 5
        told = capsys.readouterr().err
        assert "lockout 1" in told
        assert "C-0101" in told
        assert "lighting unlock" in told


def test_a_controller_that_has_just_started_was_not_heard_unknown_ago(site: Path, capsys: Capture) -> None:
    with store_of(site) as store:
        lock = store.controller.lock(holder="test")
        assert run(["-s", str(site), "status"]) == 0
        lock.release()
    text = capsys.readouterr().out
    assert "unknown ago" not in text
    assert "starting" in text


def test_a_second_controller_is_told_once_who_holds_the_lines() -> None:
    values: dict[str, str | int | float | bool | None] = {"pid": 7, "host": "vm", "since_ms": 0}
    said = say(Fact("lock_held", {"holder": "lighting run, process 7 on vm", **values}))
    assert said.count("process 7 on vm") == 1


def test_why_tells_to_the_second_when_it_was_read_before_a_change(site: Path, capsys: Capture) -> None:
    with store_of(site) as store:
        live_now(store)
    text = (site / "site.toml").read_text(encoding="utf-8")
    text = text.replace("confirm_off_share_pct = 5.0", "confirm_off_share_pct = 100.0")  # nobody else is needed for it
    (site / "site.toml").write_text(text, encoding="utf-8")
    run(["-s", str(site), "set", "C-0101", "0", "--below-floor", "--reason", "x", "--no-wait"])
    capsys.readouterr()
    assert run(["-s", str(site), "why", "C-0101"]) == 0
    assert re.search(r"Read at \d\d:\d\d:\d\d, before the change", capsys.readouterr().out)


def test_sun_needs_no_site_when_all_is_given(capsys: Capture) -> None:
    place = ["--lat", "21.03", "--lon", "105.85", "--timezone", "Asia/Ho_Chi_Minh", "--date", "2026-06-21"]
    assert run(["sun", *place]) == 0
    assert "18:40" in capsys.readouterr().out  # sunset at Hà Nội on the longest day
    assert run(["sun"]) == 2


def test_polar_night_and_day_are_results(capsys: Capture) -> None:
    place = ["--lat", "78", "--lon", "15", "--timezone", "Arctic/Longyearbyen"]
    assert run(["sun", *place, "--date", "2026-06-21"]) == 0
    assert "does not set" in capsys.readouterr().out
    assert run(["sun", *place, "--date", "2026-12-21"]) == 0
    assert "does not rise" in capsys.readouterr().out


WRONG = {
    "unknown command": (["statsu"], 2),
    "unknown option": (["status", "--jsn"], 2),
    "no such site": (["status", "-s", "nowhere"], 2),
    "plan of an unknown circuit": (["plan", "C-0110"], 3),
    "plan of no date": (["plan", "--night", "tomorrow"], 2),
    "why without a circuit": (["why"], 2),
    "why of an unknown circuit": (["why", "C-0110"], 3),
    "why at no time": (["why", "C-0101", "--at", "lately"], 2),
    "why before anything was decided": (["why", "C-0101", "--at", "2h"], 2),
    "set an unknown circuit": (["set", "C-0110", "50", "--reason", "x"], 3),
    "set an unknown cabinet": (["set", "cabinet:CB1", "50", "--reason", "x"], 3),
    "set an unknown kind": (["set", "street:x", "50", "--reason", "x"], 2),
    "set no level": (["set", "C-0101", "bright", "--reason", "x"], 2),
    "set over 100": (["set", "C-0101", "101", "--reason", "x"], 2),
    "set nan": (["set", "C-0101", "nan", "--reason", "x"], 2),
    "set without a level": (["set", "C-0101"], 2),
    "set without a reason": (["set", "C-0101", "100"], 2),
    "set until the past": (["set", "C-0101", "100", "--reason", "x", "--until", "2001-01-01T00:00"], 2),
    "set until nonsense": (["set", "C-0101", "100", "--reason", "x", "--until", "later"], 2),
    "plan of a night too far": (["plan", "--night", "9999-12-31"], 2),
    "why at a time too far": (["why", "C-0101", "--at", "9999-12-31T23:59"], 2),
    "set until a time too far": (["set", "C-0101", "100", "--reason", "x", "--until", "9999-12-31T23:59"], 2),
    "set with an escape code in the reason": (["set", "C-0101", "100", "--reason", "\x1b[2J"], 2),
    "set with a reason that is no UTF-8": (["set", "C-0101", "100", "--reason", "caf\udce9"], 2),
    "set with a reason as long as a book": (["set", "C-0101", "100", "--reason", "x" * 501], 2),
    "apply with an escape code in the note": (["apply", "--note", "\x1b]0;x\x07"], 2),
    "set as an escape code": (["set", "C-0101", "100", "--reason", "x", "--user", "\x1b[31m"], 2),
    "set for too long": (["set", "C-0101", "100", "--reason", "x", "--until", "31d"], 5),
    "set below the floor": (["set", "C-0102", "10", "--reason", "x", "--until", "24h"], 5),
    "set as nobody listed": (["set", "C-0101", "100", "--reason", "x", "--user", "nobody-listed"], 5),
    "release without a reason": (["release", "C-0101"], 2),
    "release an unknown circuit": (["release", "C-0110", "--reason", "x"], 3),
    "lock without a reason": (["lock", "C-0101"], 2),
    "lock an unknown circuit": (["lock", "X", "--reason", "x"], 3),
    "unlock what is not locked": (["unlock", "C-0101", "--reason", "x"], 3),
    "apply by crew": (["apply", "--user", "crew"], 5),
    "check of no site": (["check", "-s", "nowhere"], 2),
    "init into a file": (["init", "a-file"], 2),
    "init without a folder": (["init"], 2),
    "sun beyond the pole": (["sun", "--lat", "91", "--lon", "0", "--timezone", "UTC"], 2),
    "sun in no zone": (["sun", "--lat", "1", "--lon", "0", "--timezone", "Mars/Olympus"], 2),
    "sun on no date": (["sun", "--date", "2026-02-30"], 2),
    "sun too far": (["sun", "--date", "9999-12-31"], 2),
    "sun at no number": (["sun", "--lat", "north"], 2),
    "run at no log level": (["run", "--log-level", "loud"], 2),
    "run of no site": (["run", "-s", "nowhere"], 2),
    "simulate of no site": (["simulate", "-s", "nowhere"], 2),
    "tui of no site": (["tui", "-s", "nowhere"], 2),
    "tui without a terminal": (["tui"], 2),
    "import of no file": (["import", "lights", "nothing.csv", "--out", "there"], 2),
    "import without a kind": (["import"], 2),
    "demo at no speed": (["demo", "--speed", "fast"], 2),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_told_in_one_line_with_its_exit_code(
    case: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    words, code = WRONG[case]
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("LIGHTING_SITE", str(site))
    assert run(words) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Traceback" not in shown.err
    assert len(shown.err.splitlines()) == 1
    assert "should not happen" not in shown.err


def test_a_not_found_id_offers_the_nearest(site: Path, capsys: Capture) -> None:
    run(["-s", str(site), "why", "C-0110"])
    assert "C-0101" in capsys.readouterr().err


def test_a_broken_site_lists_its_problems_for_every_command(site: Path, capsys: Capture) -> None:
    (site / "buses.csv").write_text("id\n", encoding="utf-8")
    assert run(["-s", str(site), "status"]) == 2
    assert "buses.csv" in capsys.readouterr().err


def test_a_damaged_store_is_one_line(site: Path, capsys: Capture) -> None:
    (site / "state").mkdir()
    with store_of(site) as store:
        file = Path(store.url.removeprefix("sqlite:///"))
    file.write_bytes(b"this is no database" * 100)
    assert run(["-s", str(site), "status"]) == 1
    shown = capsys.readouterr()
    assert len(shown.err.splitlines()) == 1
    assert "Traceback" not in shown.err


def boom(*_arguments: object, **_named: object) -> None:
    raise RuntimeError("bug\nof two lines")


def test_an_unexpected_error_is_one_line_unless_debugged(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("lighting.desk.desk.Desk.status", boom)
    assert run(["-s", str(site), "status"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    with pytest.raises(RuntimeError):
        run(["-s", str(site), "status", "--debug"])


def interrupted(*_arguments: object, **_named: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_is_130_without_a_traceback(site: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("lighting.desk.desk.Desk.status", interrupted)
    assert run(["-s", str(site), "status"]) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_goes_away_leaves_no_words(site: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "lighting", "-s", str(site), "status"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    ended = subprocess.run(command, stdout=write_end, stderr=subprocess.PIPE, text=True, env=environment, check=False)
    os.close(write_end)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_json_is_pure_on_stdout(site: Path, capsys: Capture) -> None:
    for words in (["status"], ["plan"], ["why", "C-0101"], ["instructions"], ["revisions"], ["sun"], ["check"]):
        assert run(["-s", str(site), *words, "--json"]) == 0
        shown = capsys.readouterr()
        assert json.loads(shown.out)["schema"].startswith("lighting.")
        assert shown.err == ""


WORKED_OUT = {
    ("say_traffic_week.py", "name"),  # one of DAY_NAMES
    ("say_energy.py", "_HEADINGS[told.span]"),
    ("say_energy.py", "by.upper()"),  # MONTH, DAY, DISTRICT, CIRCUIT
    # a currency, a date: the same in every language
    ("say_energy.py", """f"{voice.heading('SAVED')} {report.currency}\""""),
    ("say_energy.py", "report.currency"),
    ("say_energy.py", "report.currency or 'MONEY'"),
    ("say_tariff.py", "f'{answer.currency}/KWH'"),
    ("say_tariff.py", "answer.at_date"),
}


def test_every_heading_of_a_table_can_be_translated() -> None:
    import ast

    folder = Path(__file__).resolve().parents[3] / "lighting" / "cli"
    found: set[str] = set(DAY_NAMES)
    for path in folder.glob("say_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Column":
                if (path.name, ast.unparse(node.args[0])) in WORKED_OUT:
                    continue
                assert isinstance(node.args[0], ast.Constant)
                if node.args[0].value:
                    found.add(str(node.args[0].value))
    assert found | {"LAST NIGHT", "THIS MONTH", "THIS YEAR", "SPAN", "MONTH", "DAY"} == set(HEADINGS)


def test_an_upgrade_of_the_program_is_told_by_check_and_status_and_taken_by_apply(site: Path, capsys: Capture) -> None:
    assert run(["-s", str(site), "apply"]) == 0
    assert "program's own" not in capsys.readouterr().err, "the first apply takes what everybody expects"
    kept = "program/profiles/wb-mr6c.toml"
    with store_of(site) as store:
        latest = store.revisions.latest()
        assert latest is not None
        older = latest.files[kept].replace("pause_ms = 8 ", "pause_ms = 77 ")
        store.revisions.add({**latest.files, kept: older}, at_ms=latest.at_ms, by="an", note="")
    told = "the program's profile wb-mr6c differs from the one accepted with revision 2"
    assert run(["-s", str(site), "check"]) == 0
    assert f"{kept}: {told}" in capsys.readouterr().out
    assert run(["-s", str(site), "status"]) == 0
    assert told in capsys.readouterr().out
    assert run(["-s", str(site), "apply"]) == 0
    err = capsys.readouterr().err
    assert "changed since: wb-mr6c" in err
    assert "accepted as revision 3" in err
    assert run(["-s", str(site), "check"]) == 0
    assert told not in capsys.readouterr().out


def test_a_folder_is_checked_beside_a_store_that_cannot_be_read_too(site: Path, capsys: Capture) -> None:
    (site / "state").mkdir()
    (site / "state" / "lighting.sqlite3").write_text("this is no database, whatever its name says" * 100)
    assert run(["-s", str(site), "check"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("ok:")
    assert "the folder is checked by itself" in captured.err
