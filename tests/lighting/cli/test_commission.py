"""`lighting commission` on simulated devices behind real sockets, with no controller."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drivers.quantity import Quantity
from lighting.assets.fact import Fact
from lighting.assets.folder import folder_texts
from lighting.assets.template import template_texts
from lighting.store.store import DEFAULT_FILE, STATE_FOLDER
from lighting.wording.speech import say
from tests.lighting.cli.test_at_the_cabinet import Cabinets
from tests.lighting.cli.test_json import GOLDEN, PAGE, field_names, lost, shape
from tests.lighting.cli.the_site import live_now, store_of

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def cabinets(tmp_path: Path) -> Iterator[Cabinets]:
    made = Cabinets(tmp_path / "site")
    yield made
    made.close()


def test_a_dry_run_shows_what_it_would_do_and_writes_nothing(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201", "--dry-run", user="crew") == 0
    shown = capsys.readouterr()
    heading, circuit, _empty, *settings = shown.out.splitlines()
    assert heading.split() == ["CIRCUIT", "NO", "MASTER", "NO", "LAMP", "BUS", "SUPPLY", "BACK", "SO", "IT", "SHOULD"]
    assert circuit.startswith("C-0201")
    assert "GOES DARK" in circuit
    assert "holds (dark)" in circuit
    assert any(line.split() == ["CB02-D", "watchdog", "10", "s", "300", "s", "C-0201"] for line in settings)
    assert max(len(line) for line in shown.out.splitlines()) <= 80
    assert not any(cabinets.written(device) for device in cabinets.city.devices)
    assert cabinets.run("status") == 0
    assert "Go dark without us: 1 of 4 circuits: C-0201" in capsys.readouterr().out


def test_status_lists_every_circuit_with_what_it_does_for_each_cause(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201", "--dry-run") == 0
    with store_of(cabinets.folder) as store:
        live_now(store)
    capsys.readouterr()
    assert cabinets.run("status") == 0
    assert "Every circuit, lit now and without us: lighting status --circuits" in capsys.readouterr().out
    assert cabinets.run("status", "--circuits") == 0
    text = capsys.readouterr().out
    assert "--circuits" not in text
    heading, *rows = text[text.index("CIRCUIT  ") :].splitlines()
    assert heading.split("  ")[0] == "CIRCUIT"
    assert [row.split() for row in rows] == [
        ["C-0101", "yes", "100", "%", "?", "–", "?", "by", "its", "cabinet"],
        ["C-0102", "–", "–", "?", "–", "?", "by", "its", "cabinet"],
        ["C-0103", "–", "–", "?", "–", "?", "by", "its", "cabinet"],
        ["C-0201", "–", "–", "holds", "(dark)", "–", "holds", "(dark)", "GOES", "DARK"],
    ]
    assert max(len(row) for row in (heading, *rows)) <= 80


def test_the_document_of_every_circuit(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201", "--yes") == 0
    capsys.readouterr()
    assert cabinets.run("status", "--circuits", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "lighting.status/1"
    one = document["by_circuit"][-1]
    assert (one["circuit_id"], one["verdict"]) == ("C-0201", "lit_day_and_night")
    assert (one["lit"], one["level_pct"]) == (None, None)
    lit = {"kind": "lit", "level_pct": 100.0}
    assert one["effects"] == {"lost_master": lit, "lost_lamp_bus": None, "power_return": lit}
    page = PAGE.read_text(encoding="utf-8")
    assert sorted(name for name in field_names(document["by_circuit"]) if f"`{name}`" not in page) == []
    assert cabinets.run("status", "--json") == 0
    assert "by_circuit" not in json.loads(capsys.readouterr().out)


def test_with_yes_it_writes_verifies_and_shows_what_holds_now(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "--cabinet", "CB02", "--yes") == 0
    shown = capsys.readouterr()
    assert "is lit day and night" in shown.out.split("Now holds:")[1]
    assert "CB02-D watchdog: written and read back" in shown.err
    assert cabinets.city.devices["CB02-D"].get(Quantity.WATCHDOG_TIMEOUT) == 300.0
    assert not cabinets.written("CB01-D")
    written = cabinets.written("CB02-D")
    assert cabinets.run("commission", "C-0201", "--yes") == 0
    assert cabinets.written("CB02-D") == written
    assert "every setting stands as it should" in capsys.readouterr().err
    with store_of(cabinets.folder) as store:
        assert "task_commission" in [entry.act for entry in store.history.audit()]
    assert cabinets.run("why", "C-0201") == 0
    assert "without us: lit at 100 % day and night" in capsys.readouterr().out


def test_lit_under_its_floor_is_shown_with_both_figures(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201", "--yes") == 0
    for quantity in (Quantity.SAFETY_LEVEL, Quantity.POWER_ON_LEVEL):
        cabinets.city.devices["CB02-D"].set(quantity, "1", 20.0)
    capsys.readouterr()
    assert cabinets.run("commission", "C-0201", "--dry-run") == 0
    shown = capsys.readouterr().out.splitlines()
    assert re.split(r" {2,}", shown[1]) == ["C-0201", "lit 20 % < 36 %", "–", "lit 20 % < 36 %", "UNDER FLOOR", "100 %"]
    assert shown[2] == "“lit 20 % < 36.4 %”: lit at 20 %, under its floor of 36.4 %, which counts as dark"
    assert cabinets.run("status", "--circuits") == 0
    status = capsys.readouterr().out
    assert "Lit below their floor without us: 1 of 4 circuits: C-0201" in status
    assert "Go dark without us" not in status
    row = next(line for line in status.splitlines() if line.startswith("C-0201"))
    assert row.endswith("UNDER FLOOR")
    assert len(row) <= 80
    assert cabinets.run("why", "C-0201") == 0
    said = capsys.readouterr().out
    assert "without us: lit at 20 %, under its floor of 36.4 %" in said
    assert "To keep it lit: lighting commission C-0201" in said
    assert "DARK" not in said


def test_what_no_setting_can_keep_lit_is_said_with_what_can_be_done(tmp_path: Path, capsys: Capture) -> None:
    devices = template_texts()["devices.csv"].replace("CB02-R,CB02,CB02-bus,2,wb-mr6c", "CB02-R,CB02,CB02-bus,2,{}")
    holding = Cabinets(tmp_path / "site", {"devices.csv": devices.format("waveshare-relay-8")})
    try:
        assert holding.run("commission", "C-0201", "--yes") == 0
        capsys.readouterr()
        assert holding.run("commission", "C-0201", "--yes") == 0
        shown = capsys.readouterr()
        assert "GOES DARK" in shown.out
        assert "every setting stands as it should" not in shown.err
        assert "1 circuit: every setting that can be written stands as planned" in shown.err
        assert "1 of 1 circuit would not stay lit whatever is written into their devices: C-0201" in shown.err
        assert "a row in failsafe_exceptions.csv: circuit,cabinet,signed_by,date,reason,until" in shown.err
        assert holding.run("why", "C-0201") == 0
        said = capsys.readouterr().out
        assert "without us: DARK (master silent: hold" in said
        assert "No setting of its devices keeps it lit. Declare hardware that does (hardware_fallback of CB02" in said
        assert "lighting commission" not in said
    finally:
        holding.close()


def test_the_columns_of_an_exception_are_those_that_a_site_has() -> None:
    said = say(Fact("commission_no_setting_remedy", {"cabinets": "cabinets.csv", "exceptions": "x.csv"}))
    columns = template_texts()["failsafe_exceptions.csv"].splitlines()
    assert any(line and f"x.csv: {line})" in said for line in columns)


def test_without_a_terminal_a_yes_is_needed(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201") == 2
    assert "9 settings would be written: confirm with --yes" in capsys.readouterr().err
    assert not cabinets.written("CB02-D")


@pytest.mark.parametrize(
    ("words", "user", "code", "said"),
    [
        (["C-0210", "--yes"], "operator", 3, "there is no circuit C-0210; nearest: C-0201"),
        (["--cabinet", "CB03", "--yes"], "operator", 3, "there is no cabinet CB03; nearest: CB0"),
        (["C-0201", "--yes"], "crew", 5, "crew is crew, and this needs operator"),
        (["C-0201", "--dry-run"], "nobody", 5, "nobody is not a user of this site"),
    ],
)
def test_wrong_input_is_one_clear_line(
    cabinets: Cabinets, capsys: Capture, words: list[str], user: str, code: int, said: str
) -> None:
    assert cabinets.run("commission", *words, user=user) == code
    shown = capsys.readouterr()
    assert said in shown.err.strip().splitlines()[-1]
    assert not any(cabinets.written(device) for device in cabinets.city.devices)


def test_a_silent_device_is_named_and_the_exit_code_says_so(cabinets: Cabinets, capsys: Capture) -> None:
    cabinets.city.devices["CB02-R"].silence()
    assert cabinets.run("commission", "C-0201", "--yes") == 4
    shown = capsys.readouterr()
    assert "CB02-R could not be read (unreachable): nothing is written to it" in shown.err
    assert "CB02-D watchdog: written and read back" in shown.err
    assert cabinets.city.devices["CB02-D"].get(Quantity.SAFETY_LEVEL, "1") == 100.0


def test_a_lockout_is_never_written_over(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("lock", "C-0201", "--reason", "cable", "--no-wait") == 0
    assert cabinets.run("commission", "C-0201", "--yes") == 5
    assert "CB02-D safety_level_1: NOT WRITTEN, somebody works there (lockout)" in capsys.readouterr().err
    assert not cabinets.written("CB02-D")


def test_the_document(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201", "--yes", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "lighting.commission/1"
    (circuit,) = document["circuits"]
    assert (circuit["before"]["verdict"], circuit["after"]["verdict"]) == ("goes_dark", "lit_day_and_night")
    file = GOLDEN / "commission.json"
    if os.environ.get("LIGHTING_REWRITE_GOLDEN"):
        file.write_text(json.dumps(shape(document), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    golden = json.loads(file.read_text(encoding="utf-8"))
    assert lost(golden, shape(document)) == []
    page = PAGE.read_text(encoding="utf-8")
    assert "lighting.commission/1" in page
    assert sorted(one for one in field_names(golden) if f"`{one}`" not in page) == []


# --- watchdogs that the polls cannot feed ---


def arm(cabinets: Cabinets, watchdog_s: float, *, action: float = 1.0) -> None:
    """The dimmer goes off (``action`` 1) or holds (0) without a master, after that time."""
    device = cabinets.city.devices["CB02-D"]
    device.set(Quantity.WATCHDOG_TIMEOUT, "", watchdog_s)
    device.set(Quantity.SAFETY_ACTION, "1", action)


def edit(cabinets: Cabinets, old: str, new: str) -> None:
    file = cabinets.folder / "site.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def alarms(cabinets: Cabinets) -> dict[tuple[str, str], dict[str, object]]:
    with store_of(cabinets.folder) as store:
        return {(a.kind, a.subject_id): dict(a.fact.values) for a in store.history.alarms(standing_only=True)}


def test_nothing_is_commissioned_while_the_running_polls_cannot_feed_it(cabinets: Cabinets, capsys: Capture) -> None:
    edit(cabinets, "poll_s = 60.0 ", "poll_s = 120.0 ")  # as an older program accepted it
    with store_of(cabinets.folder) as store:
        store.revisions.add(folder_texts(cabinets.folder), at_ms=1, by="operator", note="")
    assert cabinets.run("commission", "C-0201", "--yes") == 5
    said = capsys.readouterr().err
    assert "nothing is written: CB02-D would get a watchdog of 300 s" in said
    assert "Lower poll_s or raise watchdog_s" in said
    assert not cabinets.written("CB02-D")


def test_an_edit_that_starves_a_watchdog_as_read_is_warned_of_and_not_applied(
    cabinets: Cabinets, capsys: Capture
) -> None:
    assert cabinets.run("apply") == 0
    arm(cabinets, 250.0)
    assert cabinets.run("commission", "C-0201", "--dry-run") == 0
    assert cabinets.run("check") == 0
    assert "was last read as" not in capsys.readouterr().out
    edit(cabinets, "poll_s = 60.0 ", "poll_s = 80.0 ")
    assert cabinets.run("check") == 0
    assert "the watchdog of device CB02-D was last read as 250 s" in capsys.readouterr().out
    for words in (("apply", "--dry-run"), ("apply",)):
        assert cabinets.run(*words) == 2
        assert "the watchdog of device CB02-D was last read as 250 s" in capsys.readouterr().err
    with store_of(cabinets.folder) as store:
        assert len(store.revisions.list()) == 1
    arm(cabinets, 250.0, action=0.0)  # it holds: nothing happens when it runs out
    assert cabinets.run("commission", "C-0201", "--dry-run") == 0
    assert cabinets.run("apply") == 0


def test_a_watchdog_that_nobody_feeds_now_does_not_refuse_other_edits(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("apply") == 0
    arm(cabinets, 20.0)
    assert cabinets.run("commission", "C-0201", "--dry-run") == 0
    edit(cabinets, "poll_s = 60.0 ", "poll_s = 50.0 ")
    capsys.readouterr()
    assert cabinets.run("apply") == 0
    assert "the watchdog of device CB02-D was last read as 20 s" in capsys.readouterr().err


def test_a_look_raises_what_the_watch_would(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201", "--yes") == 0
    assert alarms(cabinets) == {}
    arm(cabinets, 20.0)
    assert cabinets.run("commission", "C-0201", "--dry-run") == 0
    found = alarms(cabinets)
    assert found["failsafe_drifted", "CB02-D"]["more"] == 1  # the watchdog and the action
    unfed = found["watchdog_not_fed", "CB02-D"]
    assert unfed["watchdog_seconds"] == 20.0
    assert isinstance(unfed["cycle_seconds"], float)
    assert unfed["cycle_seconds"] > 70.0
    capsys.readouterr()
    assert cabinets.run("why", "C-0201") == 0
    assert "the watchdog of device CB02-D was last read as 20 s" in capsys.readouterr().out
    assert cabinets.run("why", "C-0201", "--json") == 0
    assert json.loads(capsys.readouterr().out)["without_us"]["shortest_watchdog_s"] == 20.0
    assert cabinets.run("status") == 0
    assert "Watchdogs too short for the polls: 1 device, such as CB02-D with 20 s" in capsys.readouterr().out
    arm(cabinets, 300.0, action=3.0)  # put right
    assert cabinets.run("commission", "C-0201", "--dry-run") == 0
    assert alarms(cabinets) == {}


def test_commissioning_takes_no_other_mode_or_curve_for_the_new_truth(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201", "--yes") == 0
    write = ("device", "write", "CB02-D", "output_mode")
    assert cabinets.run(*write, "pwm_10_v", "--yes", "--reason", "mode") == 0
    assert "WITHOUT THE CONTROLLER" not in capsys.readouterr().err, "unknown is not dark"
    assert ("failsafe_drifted", "CB02-D") in alarms(cabinets), "known at once, not at the next look"
    assert alarms(cabinets)["output_mode_other", "CB02-D"]["found"] == "pwm_10_v"
    assert cabinets.run("commission", "C-0201", "--yes") == 4
    said = capsys.readouterr().err
    assert "its output_mode is not what it was when it was commissioned, and commissioning never writes it" in said
    assert ("failsafe_drifted", "CB02-D") in alarms(cabinets), "the alarm stands until the mode is put back"
    forget_writes(cabinets)
    assert cabinets.run(*write, "analog_0_10_v", "--yes", "--reason", "back") == 0
    assert alarms(cabinets) == {}
    assert cabinets.run("commission", "C-0201", "--yes") == 0


def test_a_changed_curve_is_taken_as_found_only_when_asked(cabinets: Cabinets) -> None:
    assert cabinets.run("commission", "C-0201", "--yes") == 0
    point = "voltage_at_100_pct_1"
    assert cabinets.run("device", "write", "CB02-D", point, "0.4", "--yes", "--reason", "curve") == 0
    assert alarms(cabinets)["failsafe_drifted", "CB02-D"]["setting"] == point
    assert cabinets.run("commission", "C-0201", "--yes") == 4
    assert ("failsafe_drifted", "CB02-D") in alarms(cabinets)
    assert cabinets.run("commission", "C-0201", "--yes", "--as-found") == 0
    assert alarms(cabinets) == {}


def test_a_watchdog_made_short_by_hand_is_an_alarm_at_once(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201", "--yes") == 0
    forget_writes(cabinets)
    assert cabinets.run("device", "write", "CB02-D", "watchdog", "1", "--yes", "--reason", "short") == 0
    assert ("watchdog_not_fed", "CB02-D") in alarms(cabinets)
    assert "the watchdog of device CB02-D was last read as 1 s" in capsys.readouterr().err


def test_an_action_written_by_hand_that_would_leave_a_street_dark_is_said(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("commission", "C-0201", "--yes") == 0
    forget_writes(cabinets)
    write = ("device", "write", "CB02-D", "safety_action_1")
    assert cabinets.run(*write, "off", "--yes", "--reason", "idea") == 0
    assert "WITHOUT THE CONTROLLER 1 circuit on it would go dark from now on: C-0201" in capsys.readouterr().err


def forget_writes(cabinets: Cabinets) -> None:
    """As if the least time between two writes of a setting were over."""
    with closing(sqlite3.connect(cabinets.folder / STATE_FOLDER / DEFAULT_FILE)) as connection, connection:
        connection.execute("UPDATE setting_write SET at_ms = 0")
