"""Emergency, test, limit and confirm as they are typed: streams, exit codes, documents, and a real store behind."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from lighting.assets.fact import Fact
from lighting.cli.entry import run
from lighting.cli.say_lists import print_instructions
from lighting.cli.voice import Voice
from lighting.schedule.instructions import Instruction, Layer
from lighting.store.records import InstructionStatus
from tests.lighting.cli.the_site import live_now, make_site, store_of

Capture = pytest.CaptureFixture[str]
OFF = ["set", "district:lakeside", "0", "--below-floor", "--until", "24h", "--reason", "festival"]
"""For a day, so that it reaches into the dark whenever the test runs."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example site with a second person who may go under the floor."""
    folder = make_site(tmp_path / "city")
    with (folder / "site.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[[users]]\nid = "minh"\nname = "Minh"\nrole = "crew"\nbelow_floor = true\n')
    monkeypatch.setenv("LIGHTING_SITE", str(folder))
    return folder


def document(capsys: Capture) -> Any:
    return json.loads(capsys.readouterr().out)


def layers(site: Path) -> list[tuple[Layer, str]]:
    with store_of(site) as store:
        listed = sorted(store.instructions.recent(), key=lambda status: status.instruction.id)
        return [(status.instruction.layer, status.state) for status in listed]


def test_an_emergency_says_its_circuits_lamps_and_how_to_end_it(site: Path, capsys: Capture) -> None:
    words = ["emergency", "area:21.0287,105.8544,50m", "--by-day", "--for", "1h", "--reason", "accident", "--no-wait"]
    assert run(words) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("emergency 1: area:21.0287,105.8544,50m (2 circuits, 30 lamps) fully lit, by day too")
    assert "lighting release 1" in shown.err
    assert run(["release", "1", "--reason", "road clear", "--no-wait"]) == 0
    assert capsys.readouterr().out == "taken off on area:21.0287,105.8544,50m: emergency 1\n"
    assert layers(site) == [(Layer.EMERGENCY, "released")]


def test_an_emergency_while_dark_alone_is_the_usual_one(site: Path, capsys: Capture) -> None:
    assert run(["emergency", "district:centre", "--until", "24h", "--reason", "flood", "--no-wait", "--json"]) == 0
    receipt = document(capsys)
    assert (receipt["schema"], receipt["state"], receipt["lamps"]) == ("lighting.receipt/1", "recorded", 38)
    assert run(["instructions", "--json"]) == 0
    (listed,) = document(capsys)["instructions"]
    assert (listed["instruction"]["layer"], listed["instruction"]["level_pct"]) == ("emergency", None)


def test_without_a_controller_it_is_recorded_and_that_is_said(site: Path, capsys: Capture) -> None:
    assert run(["emergency", "C-0101", "--by-day", "--reason", "accident"]) == 4
    assert "no controller is running" in capsys.readouterr().err


def test_a_lamp_test_has_its_own_level_length_and_reason(site: Path, capsys: Capture) -> None:
    assert run(["test", "road:Market street", "--no-wait", "--user", "crew"]) == 0
    assert "lamp test 1: road:Market street (2 circuits, 30 lamps) at 100 % until" in capsys.readouterr().out
    with store_of(site) as store:
        (note,) = [status.instruction for status in store.instructions.recent()]
    assert note.until_ms is not None
    assert (note.layer, note.reason) == (Layer.TEST, "lamp test")
    assert note.until_ms - note.from_ms == pytest.approx(300_000, abs=20_000)


def test_a_limit_tells_its_power_and_is_listed_with_what_it_misses(site: Path, capsys: Capture) -> None:
    words = ["limit", "cabinet:CB01", "50", "--until", "24h", "--reason", "grid", "--no-wait"]
    assert run(words) == 0
    shown = capsys.readouterr()
    assert "demand limit 1: cabinet:CB01 (3 circuits, 38 lamps) at most 50 %" in shown.out
    assert "by the model of the lamps" in shown.err
    assert "missed by" in shown.err
    assert run(["instructions", "--json"]) == 0
    (listed,) = document(capsys)["instructions"]
    assert listed["missed_w"] is not None


def test_a_limit_of_a_power_says_which_level_it_became(site: Path, capsys: Capture) -> None:
    assert run(["limit", "C-0101", "--kw", "1.5", "--for", "24h", "--reason", "grid", "--no-wait", "--json"]) == 0
    document(capsys)
    with store_of(site) as store:
        (note,) = [status.instruction for status in store.instructions.recent()]
    assert note.level_pct == 69.0


def test_what_something_stronger_holds_back_is_fine_and_said_so(site: Path, capsys: Capture) -> None:
    with store_of(site) as store:
        lock = store.controller.lock(holder="test")
        live_now(store)

        def take_up() -> None:
            while store.instructions.get(1) is None:
                time.sleep(0.01)
            fact = Fact("instruction_held_back", {"id": 1})
            store.instructions.transition(1, "sent", at_ms=time.time_ns() // 1_000_000, fact=fact)

        thread = threading.Thread(target=take_up)
        thread.start()
        assert run(["set", "C-0101", "60", "--reason", "x"]) == 0
        thread.join()
        lock.release()
    shown = " ".join(capsys.readouterr().err.split())
    assert "instruction 1 is in force, but something stronger or newer rules its circuits" in shown
    assert "recorded: its lamps follow it if what rules there now ends before" in shown
    assert run(["instructions"]) == 0
    assert "something stronger or newer rules its circuits" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (
            Fact("test_ended_by_lockout", {"id": 1, "by_id": 2, "by": "minh", "target": "C-0101"}),
            "by lockout 2 of minh",
        ),
        (Fact("test_ended_by_stop", {"id": 1}), "lamp test 1 ended, for the controller stopped"),
    ],
)
def test_the_list_of_all_says_what_ended_a_lamp_test(site: Path, capsys: Capture, fact: Fact, told: str) -> None:
    assert run(["test", "C-0101", "--no-wait"]) == 0
    with store_of(site) as store:
        store.instructions.transition(1, "released", at_ms=time.time_ns() // 1_000_000, fact=fact)
    capsys.readouterr()
    assert run(["instructions", "--all"]) == 0
    assert told in " ".join(capsys.readouterr().err.split())


def test_an_emergency_that_waits_for_dark_is_listed_so(capsys: Capture) -> None:
    note = Instruction(5, Layer.EMERGENCY, "circuit", "C-0101", None, 1_000, 50_000_000, "crew", "x")
    voice = Voice("UTC", 1_000, "en")
    listed = [InstructionStatus(note, "sent", 1_000, fact=Fact("emergency_waits_for_dark"))]
    print_instructions(listed, voice, missed_w={}, dark_ms={5: 35_940_000}, as_json=False)
    assert "5 waits for dark (09:59)" in capsys.readouterr().err
    print_instructions(listed, voice, missed_w={}, dark_ms={}, as_json=False)
    assert "waits for dark" not in capsys.readouterr().err


def test_off_for_too_many_lamps_waits_for_a_second_person(site: Path, capsys: Capture) -> None:
    assert run(OFF) == 6
    shown = capsys.readouterr()
    assert shown.out.startswith("proposal 1: district:lakeside (1 circuit, 30 lamps) to 0 %")
    assert "PROPOSED, not in force" in shown.err
    assert "lighting confirm 1" in shown.err
    assert "waiting for the controller" not in shown.err
    assert run(["instructions"]) == 0
    shown = capsys.readouterr()
    assert "proposed" in shown.out
    assert "1 is PROPOSED by operator, not in force: another user (crew or higher, with the right to go" in " ".join(
        shown.err.split()
    )
    assert run(["confirm", "1"]) == 5
    assert "somebody else" in capsys.readouterr().err
    assert run(["confirm", "1", "--user", "crew"]) == 5
    assert "floor" in capsys.readouterr().err
    assert run(["confirm", "#1", "--user", "minh", "--no-wait", "--json"]) == 0
    receipt = document(capsys)
    assert (receipt["target"], receipt["state"], receipt["instruction_id"]) == ("district:lakeside", "recorded", 1)
    assert layers(site) == [(Layer.OVERRIDE, "recorded")]
    assert run(["instructions", "--json"]) == 0
    (listed,) = document(capsys)["instructions"]
    assert listed["proposal"]["agreed_by"] == "minh"


def test_a_script_sees_that_it_waits(site: Path, capsys: Capture) -> None:
    assert run([*OFF, "--json"]) == 6
    receipt = document(capsys)
    assert (receipt["state"], receipt["confirmed"]) == ("proposed", None)
    assert receipt["lapses_ms"] > 0
    assert "off_needs_second" in {warning["code"] for warning in receipt["warnings"]}


@pytest.mark.parametrize("what", ["1", "district:lakeside"])
def test_a_proposal_is_withdrawn_and_stays_so(site: Path, capsys: Capture, what: str) -> None:
    run(OFF)
    assert run(["release", what, "--reason", "changed my mind", "--no-wait"]) == 0
    assert "override 1" in capsys.readouterr().out
    assert run(["confirm", "1", "--user", "crew"]) == 5
    assert "withdrawn" in capsys.readouterr().err


def test_proposals_stand_first_in_the_list(site: Path, capsys: Capture) -> None:
    run(OFF)
    run(["set", "C-0101", "100", "--reason", "x", "--no-wait"])
    capsys.readouterr()
    assert run(["instructions", "--json"]) == 0
    assert [(one["instruction"]["id"], one["state"]) for one in document(capsys)["instructions"]] == [
        (1, "proposed"),
        (2, "recorded"),
    ]


def test_a_level_below_zero_is_answered_as_a_level(site: Path, capsys: Capture) -> None:
    assert run(["set", "C-0101", "-50", "--reason", "x"]) == 2
    told = capsys.readouterr().err
    assert "levels are 0 to 100 %" in " ".join(told.split())
    assert layers(site) == []


def test_how_many_circuits_are_held_is_told_of_one_as_of_many(site: Path, capsys: Capture) -> None:
    words = ["set", "district:lakeside", "10", "--until", "24h", "--reason", "x", "--no-wait"]
    assert run(words) == 0
    assert ": 1 of 1 circuit: C-0201" in " ".join(capsys.readouterr().err.split())


WRONG: dict[str, tuple[list[str], int]] = {
    "an empty circle": (["emergency", "area:22,105,300m", "--reason", "x"], 2),
    "a radius too large": (["emergency", "area:21,105,300km", "--reason", "x"], 2),
    "a place off the earth": (["test", "area:91,105,300m"], 2),
    "no circle": (["test", "area:here"], 2),
    "an unknown road": (["emergency", "road:Key road", "--reason", "x"], 3),
    "an unknown group": (["limit", "group:x", "50", "--reason", "x"], 3),
    "no target": (["emergency", "", "--reason", "x"], 2),
    "a group without a name": (["emergency", "group:", "--reason", "x"], 2),
    "an unknown circuit": (["test", "C-0110"], 3),
    "both ends": (["emergency", "C-0101", "--until", "2h", "--for", "2h", "--reason", "x"], 2),
    "a length that is a clock time": (["emergency", "C-0101", "--for", "06:00", "--reason", "x"], 2),
    "an emergency without a reason": (["emergency", "C-0101"], 2),
    "an emergency for two days": (["emergency", "C-0101", "--for", "2d", "--reason", "x"], 5),
    "an emergency by nobody": (["emergency", "C-0101", "--by-day", "--reason", "x", "--user", "nobody-listed"], 5),
    "a test for an hour": (["test", "C-0101", "--for", "1h"], 5),
    "a test at no level": (["test", "C-0101", "--level", "bright"], 2),
    "a test over 100": (["test", "C-0101", "--level", "101"], 2),
    "a limit without a level": (["limit", "C-0101", "--reason", "x"], 2),
    "a limit with a level and a power": (["limit", "C-0101", "50", "--kw", "4", "--reason", "x"], 2),
    "a limit of no power": (["limit", "C-0101", "--kw", "0", "--reason", "x"], 2),
    "a limit of a power that is no number": (["limit", "C-0101", "--kw", "much", "--reason", "x"], 2),
    "a limit by a crew": (["limit", "C-0101", "50", "--reason", "x", "--user", "crew"], 5),
    "a limit for a month and more": (["limit", "C-0101", "50", "--until", "31d", "--reason", "x"], 5),
    "confirm no number": (["confirm", "C-0101"], 2),
    "confirm a number of nothing": (["confirm", "99"], 3),
    "confirm a huge number": (["confirm", "9" * 40], 2),
    "release a number of nothing": (["release", "99", "--reason", "x"], 3),
    "release a huge number": (["release", "9" * 40, "--reason", "x"], 2),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_one_line_with_its_exit_code_and_records_nothing(
    case: str, site: Path, capsys: Capture
) -> None:
    words, code = WRONG[case]
    assert run(words) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert "should not happen" not in shown.err
    assert not (site / "state").exists() or layers(site) == []
