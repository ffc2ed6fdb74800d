"""The commands of a technician at a cabinet, on simulated devices behind real sockets, with no controller."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import cast

import pytest

from drivers.quantity import Quantity
from lighting.assets.fact import Fact
from lighting.assets.folder import folder_texts, read_site
from lighting.assets.template import template_texts, write_folder
from lighting.cli import device_commands
from lighting.cli.device_work import report_watch
from lighting.cli.entry import run
from lighting.cli.line_work import _say_unit, unit_range
from lighting.cli.simulated_city import SimulatedCity, build_city
from lighting.cli.task_progress import TaskProgress
from lighting.cli.voice import Voice
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage
from lighting.store.records import BusCounterState
from tests.lighting.cli.test_json import GOLDEN, PAGE, lost, shape
from tests.lighting.cli.the_site import store_of

Capture = pytest.CaptureFixture[str]


class Cabinets:
    """The example site beside its simulated devices, which answer from a thread of their own."""

    def __init__(self, folder: Path, more: Mapping[str, str] = types.MappingProxyType({})) -> None:
        self.folder = folder
        texts = template_texts() | dict(more)
        template = read_site(texts).site
        assert template is not None
        self.city: SimulatedCity = build_city(template, seed=7, any_port=True)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.city.start(), self._loop).result(10)
        rows = [f"{bus},{url}" for bus, url in self.city.bus_urls().items()]
        write_folder(folder, texts | {"buses.csv": "\n".join(["id,url", *rows, ""])})
        assert read_site(folder_texts(folder)).site is not None

    def run(self, *words: str, user: str = "operator") -> int:
        return run(["-s", str(self.folder), "--user", user, *words])

    def written(self, device: str) -> int:
        return len(self.city.devices[device].writes)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.city.close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def cabinets(tmp_path: Path) -> Iterator[Cabinets]:
    made = Cabinets(tmp_path / "site")
    yield made
    made.close()


def test_values_are_shown_with_unit_and_quality(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("device", "read", "cb01-m", "voltage_L1", "FREQUENCY") == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].split() == ["POINT", "VALUE", "UNIT", "QUALITY", "MEANING"]
    assert lines[1].split()[0] == "voltage_L1"
    assert lines[1].split()[2:] == ["V", "good"]
    assert len(lines) == 3
    assert "no controller runs: this command takes the lines itself" in shown.err


def test_raw_registers_and_meanings_are_shown_where_wanted(cabinets: Cabinets, capsys: Capture) -> None:
    cabinets.city.devices["CB01-D"].set(Quantity.DIM_LEVEL, "1", 40.0)
    assert cabinets.run("device", "read", "CB01-D", "level_1", "output_mode", "on_1", "--raw") == 0
    level, mode, on = capsys.readouterr().out.splitlines()[1:]
    assert level.split() == ["level_1", "40", "%", "good", "holding", "16", "0028"]
    assert "analog_0_10_v" in mode
    assert on.split() == ["on_1", "1", "good", "yes", "coil", "16", "1"]


def test_what_is_out_of_range_is_said_and_kept(cabinets: Cabinets, capsys: Capture) -> None:
    cabinets.city.devices["CB01-M"].provide(Quantity.VOLTAGE, "L1", lambda _s: 900.0)
    assert cabinets.run("device", "read", "CB01-M", "voltage_L1") == 0
    assert "900  V     out of range" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["device", "read", "CB01-Q"], 3, "there is no device CB01-Q; nearest: CB01-"),
        (["device", "read", "CB01-M", "voltage_L9"], 3, "sdm630 has no point voltage_L9; nearest: voltage_L"),
        (["device", "read", "CB01-M", "--all", "--slow"], 2, "choose one of --all and --slow"),
        (["device", "watch", "CB01-M", "--every", "soon"], 2, "“soon” is no length of time"),
        (["device", "write", "CB01-M", "voltage_L1", "1", "--reason", "x"], 5, "voltage_L1 cannot be written"),
        (["device", "write", "CB01-R", "relay_5", "maybe", "--reason", "x"], 2, "one of yes, no, not “maybe”"),
        (["device", "write", "CB01-D", "level_1", "1_0", "--reason", "x"], 2, "takes a number (%), not “1_0”"),
        (["device", "write", "CB01-D", "level_1", "٥", "--reason", "x"], 2, "takes a number (%), not “٥”"),
        (["device", "write", "CB01-R", "relay_5", "on"], 2, "reason"),
        (["set", "C-0101", "1_0", "--reason", "x"], 2, "“1_0” is not a number between 0 and 100"),
        (["scan", "CB01-bus", "--units", "١-٥"], 2, "“١-٥” are no unit ids"),
        (["device", "write", "CB01-R", "relay_5", "on", "--reason", "x"], 5, "--word relay_5"),
        (["device", "write", "CB01-R", "relay_5", "on", "--reason", "x", "--word", "relay_6"], 5, "--word relay_5"),
        (["scan", "CB09-bus"], 3, "there is no bus CB09-bus; nearest: CB0"),
        (["scan", "CB01-bus", "--units", "0-5"], 2, "“0-5” are no unit ids"),
        (["record", "CB01-bus", "x.jsonl", "--for", "2h"], 2, "at most"),
        (["replay", "nothing.jsonl"], 1, "nothing.jsonl"),
    ],
)
def test_wrong_input_is_one_clear_line(
    cabinets: Cabinets, capsys: Capture, words: list[str], code: int, said: str
) -> None:
    assert cabinets.run(*words) == code
    shown = capsys.readouterr()
    last = shown.err.strip().splitlines()[-1]
    assert last.startswith("lighting: ")
    assert said in last
    assert shown.out == ""
    assert not any(cabinets.written(device) for device in cabinets.city.devices)


def test_who_only_reads_and_who_only_sets_writes_nothing(cabinets: Cabinets, capsys: Capture) -> None:
    words = ["device", "write", "CB01-R", "relay_5", "on", "--reason", "x", "--word", "relay_5"]
    assert cabinets.run(*words, user="crew") == 5
    assert cabinets.run("device", "read", "CB01-M", user="nobody") == 5
    assert not cabinets.written("CB01-R")
    assert "nobody" in capsys.readouterr().err


def test_a_device_that_is_silent_is_said_with_exit_code_4(cabinets: Cabinets, capsys: Capture) -> None:
    cabinets.city.devices["CB01-M"].silence()
    assert cabinets.run("device", "read", "CB01-M") == 4
    assert "CB01-M does not answer" in capsys.readouterr().err


def test_a_probe_says_what_fits_and_what_does_not(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("device", "probe", "CB01-M") == 0
    shown = capsys.readouterr().out
    assert "45…65" in shown
    assert "is what sdm630 says" in shown
    cabinets.city.devices["CB01-M"].provide(Quantity.FREQUENCY, "total", lambda _s: 400.0)
    assert cabinets.run("device", "probe", "CB01-M") == 1
    assert "is NOT what sdm630 says" in capsys.readouterr().out


def test_a_live_output_is_written_by_hand_with_its_name_typed(cabinets: Cabinets, capsys: Capture) -> None:
    words = ["device", "write", "CB01-R", "relay_1", "on", "--reason", "lamp test", "--word", "relay_1"]
    assert cabinets.run(*words) == 0
    assert cabinets.city.devices["CB01-R"].get(Quantity.RELAY_CLOSED, "1") == 1
    assert "written and read back" in capsys.readouterr().err
    with store_of(cabinets.folder) as store:
        entry = store.history.audit()[0]
        key = store.keys.known("device")["CB01-R"]
        assert [write.outcome for write in store.history.writes(key, 0, 2**53)] == ["verified"]
    assert (entry.act, entry.by, entry.values["reason"]) == ("task_write", "operator", "lamp test")


def test_under_a_lockout_nothing_is_written_without_a_controller_either(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("lock", "C-0101", "--reason", "cable", "--no-wait") == 0
    words = ["device", "write", "CB01-R", "relay_1", "on", "--reason", "x", "--word", "relay_1"]
    assert cabinets.run(*words) == 5
    assert "a lockout is on what it may touch" in capsys.readouterr().err
    assert not cabinets.written("CB01-R")


def test_a_scan_names_every_unit_and_says_what_it_cannot_tell(cabinets: Cabinets, capsys: Capture) -> None:
    cabinets.city.devices["CB01-R"].silence()
    assert cabinets.run("scan", "CB01-bus", "--units", "1-4") == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert [line.split(":")[0] for line in lines if "devices.csv" not in line] == ["unit 1", "unit 3"]
    assert "wb-mao4" in shown.out
    assert "sdm630" in shown.out
    assert "in devices.csv, but silent: CB01-R" in shown.err
    assert not any(cabinets.written(device) for device in cabinets.city.devices)


class Said:
    """A voice that keeps what it is given."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def data(self, fact: Fact) -> None:
        self.facts.append(fact)


def test_a_named_fit_that_is_weak_is_said_and_one_that_is_beaten_is_not() -> None:
    def fit(profile: str, fitted: int, *, weak: bool) -> dict[str, object]:
        return {"profile": profile, "fitted": fitted, "checks": fitted, "weak": weak, "found": []}

    def said(*fits: dict[str, object]) -> list[object]:
        voice = Said()
        unit = {"unit_id": 1, "verdict": "one", "fits": fits, "trouble": ""}
        _say_unit(unit, cast("Voice", voice), "")
        return [fact.values["profiles"] for fact in voice.facts if fact.code == "scan_weak"]

    assert said(fit("vague", 1, weak=True)) == ["vague"]
    assert said(fit("sure", 2, weak=False), fit("vague", 1, weak=True)) == []


def test_a_scan_of_a_dead_line_ends_with_4(cabinets: Cabinets, capsys: Capture) -> None:
    for device in cabinets.city.devices.values():
        device.silence()
    assert cabinets.run("scan", "CB01-bus", "--units", "1-2") == 4
    assert "0 of 2 unit ids answer" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "range_"), [("5", (5, 5)), ("1-247", (1, 247)), (" 3 - 4 ", (3, 4))])
def test_unit_ids_are_understood(text: str, range_: tuple[int, int]) -> None:
    assert unit_range(text) == range_


@pytest.mark.parametrize("text", ["", "0", "0-3", "4-3", "1-256", "a", "1-2-3", "-1", "1,2"])
def test_other_unit_ids_are_refused(text: str) -> None:
    with pytest.raises(WrongUsage):
        unit_range(text)


def test_a_watch_of_some_rounds_prints_as_many_lines(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("device", "watch", "CB01-M", "voltage_L1", "--every", "0.2s", "--count", "3") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all("voltage_L1" in line and line.endswith("V") for line in lines)
    assert cabinets.run("device", "watch", "CB01-M", "voltage_L1", "--every", "0.2s", "--count", "2", "--json") == 0
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [document["schema"] for document in documents] == ["lighting.device_watch/1"] * 2


def test_a_reading_that_is_told_twice_is_shown_once(cabinets: Cabinets, capsys: Capture) -> None:
    class Twice:
        """A desk whose task tells its last output again, as one that ends while it is told."""

        site = read_site(template_texts()).site

        def perform(self, _wish: object, *, listener: TaskProgress, **_more: object) -> None:
            for at_ms in (1000, 2000, 2000):
                listener.output({"at_ms": at_ms, "error": "unreachable", "detail": "", "points": []})

    desk = cast("Desk", Twice())
    assert report_watch(desk, Voice(), "CB01-M", [], "1s", count=0, as_json=False) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0][-2:] for line in said] == ["01", "02"]


def test_the_examples_of_write_are_true_for_the_example_site(cabinets: Cabinets, capsys: Capture) -> None:
    help_text = device_commands.write.__doc__ or ""
    examples = [line.strip() for line in help_text.splitlines() if line.strip().startswith("lighting device write ")]
    assert len(examples) == 3
    for example in examples:
        assert cabinets.run(*shlex.split(example)[1:]) == 0, capsys.readouterr().err
        assert "read back in" in capsys.readouterr().err, example
    assert cabinets.city.devices["CB01-R"].get(Quantity.RELAY_CLOSED, "5") == 1.0


def test_a_value_below_0_is_typed_after_two_dashes(cabinets: Cabinets, capsys: Capture) -> None:
    assert "-- -5" in (device_commands.write.__doc__ or "")
    words = ["device", "write", "CB01-D", "level_1", "--reason", "a try", "--word", "level_1", "--", "-5"]
    assert cabinets.run(*words) == 5
    shown = capsys.readouterr().err
    assert "No such option" not in shown
    assert "→ -5 %" in shown
    assert not cabinets.written("CB01-D")


def _process(cabinets: Cabinets, *words: str) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-m", "lighting", "-s", str(cabinets.folder), "--user", "operator", *words]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def test_ctrl_c_is_the_regular_end_of_a_watch_and_gives_the_lines_back(cabinets: Cabinets) -> None:
    watching = _process(cabinets, "device", "watch", "CB01-M", "voltage_L1", "--every", "0.2s")
    assert watching.stdout is not None
    assert "voltage_L1" in watching.stdout.readline()
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=20)
    assert watching.returncode == 0, err
    assert "Traceback" not in err
    assert out == "" or "voltage_L1" in out
    with store_of(cabinets.folder) as store:
        assert not store.controller.is_locked()
        assert [status.state for status in store.tasks.recent()] == ["cancelled"]


def test_a_recording_is_made_and_served_again(cabinets: Cabinets, capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "cb01.jsonl"
    assert cabinets.run("record", "CB01-bus", str(file), "--for", "1s") == 0
    assert "exchanges recorded" in capsys.readouterr().err
    lines = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["format"] == "modbus-recording"
    assert len(lines) > 10
    # A file that exists is not written over.
    assert cabinets.run("record", "CB01-bus", str(file), "--for", "1s") == 1
    assert file.read_text(encoding="utf-8").splitlines() == lines
    replaying = _process(cabinets, "replay", str(file))
    try:
        assert replaying.stderr is not None
        serves = replaying.stderr.readline()
        url = serves.split(" at ")[1].split(",")[0]
        buses = (cabinets.folder / "buses.csv").read_text(encoding="utf-8")
        real = cabinets.city.bus_urls()["CB01-bus"]
        (cabinets.folder / "buses.csv").write_text(buses.replace(real, url), encoding="utf-8")
        assert cabinets.run("device", "read", "CB01-M", "--json") == 0
        points = json.loads(capsys.readouterr().out)["points"]
        assert {point["quality"] for point in points} == {"good"}
        # The scan asks single points of the blocks that were recorded, and many that no device there has.
        assert cabinets.run("scan", "CB01-bus", "--units", "1-3", "--json") == 0
        units = json.loads(capsys.readouterr().out)["units"]
        assert [unit["verdict"] for unit in units] == ["one", "one", "ambiguous"]
        assert [unit["fits"][0]["profile"] for unit in units[:2]] == ["wb-mao4", "wb-mr6c"]
        assert "sdm630" in {fit["profile"] for fit in units[2]["fits"] if fit["fitted"] == fit["checks"]}
    finally:
        replaying.send_signal(signal.SIGINT)
        _out, err = replaying.communicate(timeout=20)
    assert replaying.returncode == 0
    assert "were answered as recorded" in err


def test_a_file_that_is_no_recording_is_named_with_its_line(
    cabinets: Cabinets, capsys: Capture, tmp_path: Path
) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text('{"format": "modbus-recording", "version": 1}\n{"unit": 999}\n', encoding="utf-8")
    assert cabinets.run("replay", str(file)) == 2
    assert f"{file}:2: unit is 999" in capsys.readouterr().err


def test_buses_say_how_they_fare_and_of_when_that_is(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run("buses") == 0
    assert "no controller has counted anything" in capsys.readouterr().err
    now_ms = time.time_ns() // 1_000_000
    counters = {
        "requests": 120,
        "timeouts": 3,
        "exceptions": {"2": 5, "6": 1},
        "round_trip": {"count": 117, "mean_ms": 21.44, "p95_ms": 33.0},
        "units": {"1": {"timeouts": 0}, "3": {"timeouts": 3}},
        "something_newer": 1,
    }
    with store_of(cabinets.folder) as store:
        key = store.keys.ensure("bus", ["CB01-bus"], at_ms=1)["CB01-bus"]
        store.bus_counters.put([BusCounterState(key, now_ms, counters)])
    assert cabinets.run("buses") == 0
    shown = capsys.readouterr()
    row = shown.out.splitlines()[1].split()
    assert row == ["CB01-bus", "–", "120", "3", "6", "(2:5", "6:1)", "–", "–", "21.4", "33", "CB01-M"]
    assert "NOT RUNNING; these figures are of" in shown.err
    assert max(map(len, shown.out.splitlines())) <= 80


# --- writing ----------------------------------------------------------------------------------------------------------


def test_a_setting_is_written_only_when_it_differs_and_only_after_a_yes(cabinets: Cabinets, capsys: Capture) -> None:
    words = ["device", "write", "CB01-D", "power_on_level_1", "80", "--reason", "failsafe"]
    assert cabinets.run(*words) == 2, "nobody is there to ask"
    assert "confirm it with --yes" in capsys.readouterr().err
    assert not cabinets.written("CB01-D")
    assert cabinets.run(*words, "--yes") == 0
    said = capsys.readouterr().err
    assert said.count("takes the lines itself") == 1
    assert "CB01-D power_on_level_1: 50 % → 80 %" in said
    assert "written and read back" in said
    assert cabinets.written("CB01-D") == 1
    assert cabinets.run(*words) == 0, "what stands so already needs no yes"
    assert "stood so already" in capsys.readouterr().err
    assert cabinets.written("CB01-D") == 1
    with store_of(cabinets.folder) as store:
        key = store.keys.known("device")["CB01-D"]
        assert [row.point for row in store.setting_writes.recent(key, 0)] == ["power_on_level_1"]


def test_what_the_device_cannot_hold_exactly_is_said_before_it_is_confirmed(
    cabinets: Cabinets, capsys: Capture
) -> None:
    words = ["device", "write", "CB01-D", "power_on_level_1", "80.4", "--reason", "failsafe"]
    assert cabinets.run(*words) == 2, "nobody is there to ask"
    assert "can hold 80 %" in capsys.readouterr().err
    assert cabinets.run(*words, "--yes", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["value"], found["sent"], found["read_back"]) == (80.4, 80.0, 80.0)


def test_a_settings_budget_outlives_the_process(cabinets: Cabinets, capsys: Capture) -> None:
    with store_of(cabinets.folder) as store:
        hour_ago_ms = time.time_ns() // 1_000_000 - 3_600_000
        key = store.keys.ensure("device", ["CB01-D"], at_ms=1)["CB01-D"]
        for _ in range(24):
            store.setting_writes.record(device_key=key, point="power_on_level_1", raw="", by="x", at_ms=hour_ago_ms)
    words = ["device", "write", "CB01-D", "power_on_level_1", "80", "--reason", "failsafe", "--yes"]
    assert cabinets.run(*words) == 5
    assert "its memory is spared" in capsys.readouterr().err
    assert not cabinets.written("CB01-D")


def test_a_word_of_an_enumeration_is_a_value(cabinets: Cabinets, capsys: Capture) -> None:
    words = ["device", "write", "CB01-D", "power_on_action_1", "Level", "--reason", "failsafe", "--yes", "--json"]
    point = cabinets.city.site.profiles["wb-mao4"].point_named("power_on_action_1")
    assert point is not None
    words[4] = sorted(point.enumeration.items())[0][1].upper()
    assert cabinets.run(*words) == 0
    assert json.loads(capsys.readouterr().out)["verified"] is True


def test_a_value_that_the_device_cannot_take_never_reaches_the_wire(cabinets: Cabinets, capsys: Capture) -> None:
    words = ["device", "write", "CB01-D", "power_on_level_1", "300", "--reason", "failsafe", "--yes"]
    assert cabinets.run(*words) == 5
    assert "power_on_level_1" in capsys.readouterr().err
    assert not cabinets.written("CB01-D")


RESET = (
    '  { name = "reset", quantity = "command", table = "holding", address = 9000, type = "u16", class = "command", '
    'poll = "never", readable = false, writable = true, write_min = 1, write_max = 1 },\n'
)


@pytest.fixture
def with_reset(tmp_path: Path) -> Iterator[Cabinets]:
    """The site with a profile of its own for the relays, whose reset is a command."""
    builtin = (resources.files("drivers") / "profiles" / "wb-mr6c.toml").read_text(encoding="utf-8")
    edited = builtin.replace("points = [\n", "points = [\n" + RESET, 1)
    made = Cabinets(tmp_path / "site", {"profiles/wb-mr6c.toml": edited})
    yield made
    made.close()


def test_a_command_needs_its_own_name_typed_and_is_audited(with_reset: Cabinets, capsys: Capture) -> None:
    words = ["device", "write", "CB01-R", "reset", "1", "--reason", "hangs"]
    for confirmed_by in ([], ["--yes"], ["--word", "yes"], ["--word", "CB01-R"]):
        assert with_reset.run(*words, *confirmed_by) == 5
        assert "--word reset" in capsys.readouterr().err
    assert not with_reset.written("CB01-R")
    assert with_reset.run(*words, "--word", "reset") == 0
    assert "the device took it; it cannot be read back" in capsys.readouterr().err
    assert [(write.address, write.values) for write in with_reset.city.devices["CB01-R"].writes] == [(9000, (1,))]
    with store_of(with_reset.folder) as store:
        entry = store.history.audit()[0]
    assert (entry.act, entry.subject, entry.values["class"]) == ("task_write", "device:CB01-R", "command")


def test_a_command_under_a_lockout_of_any_circuit_of_its_device_is_refused(
    with_reset: Cabinets, capsys: Capture
) -> None:
    assert with_reset.run("lock", "C-0102", "--reason", "cable", "--no-wait") == 0
    assert with_reset.run("device", "write", "CB01-R", "reset", "1", "--reason", "x", "--word", "reset") == 5
    assert "a lockout is on what it may touch" in capsys.readouterr().err
    assert not with_reset.written("CB01-R")


DOCUMENTS = {
    "device_read": ["device", "read", "CB01-M", "voltage_L1", "--raw"],
    "device_probe": ["device", "probe", "CB01-D"],
    "device_write": ["device", "write", "CB01-R", "relay_5", "on", "--reason", "x", "--word", "relay_5"],
    "device_watch": ["device", "watch", "CB01-M", "voltage_L1", "--every", "0.2s", "--count", "1"],
    "scan": ["scan", "CB01-bus", "--units", "1-3"],
    "record": ["record", "CB01-bus", "traffic.jsonl", "--for", "0.5s"],
    "buses": ["buses"],
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_keeps_all_that_was_promised(name: str, cabinets: Cabinets, capsys: Capture) -> None:
    with store_of(cabinets.folder) as store:
        key = store.keys.ensure("bus", ["CB01-bus"], at_ms=1)["CB01-bus"]
        store.bus_counters.put([BusCounterState(key, 1, {"connected": True, "requests": 1})])
    assert cabinets.run(*DOCUMENTS[name], "--json") == 0
    actual = json.loads(capsys.readouterr().out)
    assert actual["schema"] == f"lighting.{name}/1"
    file = GOLDEN / f"{name}.json"
    if os.environ.get("LIGHTING_REWRITE_GOLDEN"):
        file.write_text(json.dumps(shape(actual), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert lost(json.loads(file.read_text(encoding="utf-8")), shape(actual)) == []
    assert f"`lighting.{name}/1`" in PAGE.read_text(encoding="utf-8")
