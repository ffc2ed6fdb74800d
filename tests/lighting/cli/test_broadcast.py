"""``lighting device broadcast`` on simulated devices behind real sockets, with no controller."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.simulator.answering import answer
from lighting.cli.entry import run
from tests.lighting.cli.test_at_the_cabinet import Cabinets
from tests.lighting.cli.test_json import GOLDEN, PAGE, lost, shape
from tests.lighting.cli.the_site import store_of
from tests.lighting.hearing import FORBIDDEN, hearing_profiles

Capture = pytest.CaptureFixture[str]
LINE = ("CB02-D", "CB02-R", "CB02-M")
GROUP = ["device", "broadcast", "CB02-bus", "group", "42", "--reason", "soft steps", "--word", "CB02-bus"]
PLACE = 9500


@pytest.fixture
def cabinets(tmp_path: Path) -> Iterator[Cabinets]:
    made = Cabinets(tmp_path / "site", hearing_profiles())
    yield made
    made.close()


def taken(cabinets: Cabinets) -> dict[str, list[tuple[int, tuple[int, ...]]]]:
    """What each device of the line was written."""
    return {name: [(one.address, one.values) for one in cabinets.city.devices[name].writes] for name in LINE}


def nothing(cabinets: Cabinets) -> bool:
    return not any(cabinets.written(device) for device in cabinets.city.devices)


def test_every_device_takes_it_and_is_told_by_name(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run(*GROUP) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [f"{name} (unit {unit}): confirmed" for unit, name in enumerate(LINE, start=1)]
    assert "every device hears this and takes group → 42: CB02-D, CB02-R, CB02-M" in shown.err
    assert "CB02-bus group: 3 of 3 devices confirmed" in shown.err
    assert taken(cabinets) == {name: [(PLACE, (42,))] for name in LINE}
    assert not any(cabinets.written(device) for device in cabinets.city.devices if device not in LINE)
    with store_of(cabinets.folder) as store:
        entry = store.history.audit()[0]
        keys = store.keys.known("device")
        rows = [store.history.writes(keys[name], 0, 2**53) for name in LINE]
        spent = [[row.point for row in store.setting_writes.recent(keys[name], 0)] for name in LINE]
    assert (entry.act, entry.by, entry.subject) == ("task_broadcast", "operator", "bus:CB02-bus")
    assert (entry.values["reason"], entry.values["point"], entry.values["value"]) == ("soft steps", "group", 42)
    assert [[row.outcome for row in found] for found in rows] == [["verified"]] * 3
    assert spent == [["group"]] * 3


def test_a_setting_that_stands_so_already_everywhere_is_not_sent_again(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run(*GROUP) == 0
    capsys.readouterr()
    assert cabinets.run(*GROUP) == 0
    shown = capsys.readouterr()
    assert shown.out.count("stood so already") == 3
    assert "stood so already on all 3 devices: nothing was written" in shown.err
    assert [len(one) for one in taken(cabinets).values()] == [1, 1, 1]


def test_a_device_that_did_not_take_it_is_told_with_exit_code_4(
    cabinets: Cabinets, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = cabinets.city.devices["CB02-R"]
    monkeypatch.setattr(
        "drivers.simulator.line.answer",
        lambda device, pdu: b"" if device is deaf and pdu[0] in (6, 16) else answer(device, pdu),
    )
    assert cabinets.run(*GROUP) == 4
    shown = capsys.readouterr()
    assert "CB02-D (unit 1): confirmed" in shown.out
    assert "CB02-R (unit 2): NOT confirmed, it reads" in shown.out
    assert "2 of 3 devices confirmed; write the others one by one" in shown.err
    with store_of(cabinets.folder) as store:
        keys = store.keys.known("device")
        ends = [store.history.writes(keys[name], 0, 2**53)[0].outcome for name in LINE]
    assert ends == ["verified", "not_verified", "verified"]


def test_a_device_that_is_silent_is_told_as_not_confirmed(cabinets: Cabinets, capsys: Capture) -> None:
    cabinets.city.devices["CB02-M"].silence()
    assert cabinets.run(*GROUP) == 4
    assert "CB02-M (unit 3): NOT confirmed, it could not be read back" in capsys.readouterr().out
    assert taken(cabinets) == {"CB02-D": [(PLACE, (42,))], "CB02-R": [(PLACE, (42,))], "CB02-M": []}


def test_a_command_that_cannot_be_read_back_is_sent_and_never_called_confirmed(
    cabinets: Cabinets, capsys: Capture
) -> None:
    words = ["device", "broadcast", "CB02-bus", "reset", "1", "--reason", "hang", "--word", "CB02-bus"]
    assert cabinets.run(*words) == 4
    assert capsys.readouterr().out.count("NOT confirmed, this point can only be written") == 3
    assert taken(cabinets) == {name: [(PLACE + 1, (1,))] for name in LINE}


def test_a_live_output_of_all_is_written_where_no_controller_rules_it(cabinets: Cabinets, capsys: Capture) -> None:
    words = ["device", "broadcast", "CB02-bus", "relay_1", "on", "--reason", "lamp test", "--word", "CB02-bus"]
    assert cabinets.run(*words) == 0
    assert capsys.readouterr().out.count(": confirmed") == 3


@pytest.mark.parametrize("locked", ["C-0201", "cabinet:CB02", "district:lakeside"])
def test_under_any_lockout_of_the_line_nothing_is_sent(cabinets: Cabinets, capsys: Capture, locked: str) -> None:
    assert cabinets.run("lock", locked, "--reason", "cable", "--no-wait") == 0
    before = [device.request_count for device in cabinets.city.devices.values()]
    assert cabinets.run(*GROUP) == 5
    assert "a lockout is on its line or its cabinets (C-0201)" in capsys.readouterr().err
    assert nothing(cabinets)
    assert [device.request_count for device in cabinets.city.devices.values()] == before, "nor was anything read"


def test_a_lockout_elsewhere_keeps_nothing_back(cabinets: Cabinets) -> None:
    assert cabinets.run("lock", "C-0101", "--reason", "cable", "--no-wait") == 0
    assert cabinets.run(*GROUP) == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([*GROUP[:4], str(FORBIDDEN), *GROUP[5:]], 5, "CB02-M"),
        ([*GROUP[:4], "300", *GROUP[5:]], 5, "takes 0 to 100, not 300"),
        ([*GROUP[:4], "many", *GROUP[5:]], 2, "not “many”"),
        (GROUP[:-2], 5, "confirm it by the bus's name: --word CB02-bus"),
        ([*GROUP[:-1], "group"], 5, "confirm it by the bus's name: --word CB02-bus"),
        ([*GROUP[:5], *GROUP[7:]], 2, "reason"),
        ([*GROUP[:3], "groop", *GROUP[4:]], 3, "has no point groop; nearest: group"),
        ([*GROUP[:3], "level_1", *GROUP[4:]], 5, "CB02-R has no level_1, and would hear it too"),
        ([*GROUP[:3], "input_1", *GROUP[4:]], 5, "CB02-M has no input_1"),
        ([*GROUP[:2], "CB09-bus", *GROUP[3:]], 3, "there is no bus CB09-bus"),
        # Modbus TCP, whose meter is of a kind that hears nothing.
        ([*GROUP[:2], "CB01-bus", "group", *GROUP[4:-1], "CB01-bus"], 5, "CB01-M has no group"),
    ],
)
def test_what_must_not_be_sent_is_one_clear_line(
    cabinets: Cabinets, capsys: Capture, words: list[str], code: int, said: str
) -> None:
    assert cabinets.run(*words) == code
    shown = capsys.readouterr()
    last = shown.err.strip().splitlines()[-1]
    assert last.startswith("lighting: ")
    assert said in last
    assert shown.out == ""
    assert nothing(cabinets)


def test_one_device_that_takes_no_broadcast_refuses_it_for_all(tmp_path: Path, capsys: Capture) -> None:
    made = Cabinets(tmp_path / "site", hearing_profiles(without="sdm120"))
    try:
        assert made.run(*GROUP) == 5
        assert "nothing was broadcast on CB02-bus: sdm120 (CB02-M) takes no broadcast" in capsys.readouterr().err
        assert nothing(made)
    finally:
        made.close()


def test_a_line_of_modbus_tcp_needs_its_own_leave(tmp_path: Path, capsys: Capture) -> None:
    texts = hearing_profiles()
    made = Cabinets(tmp_path / "site", texts)
    try:
        for name in ("devices.csv", "permanent_loads.csv", "circuits.csv"):  # the meter is not of the line
            lines = (made.folder / name).read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if not line.startswith("CB01-M")]
            text = "\n".join(re.sub(r"CB01-M:\w+", "", line) for line in kept) + "\n"
            (made.folder / name).write_text(text, encoding="utf-8")
        words = [*GROUP[:2], "CB01-bus", *GROUP[3:-1], "CB01-bus"]
        assert made.run(*words) == 5
        assert "wb-mao4 (CB01-D) takes no broadcast over Modbus TCP or TLS" in capsys.readouterr().err
        assert nothing(made)
        for name in ("wb-mao4", "wb-mr6c"):
            file = made.folder / "profiles" / f"{name}.toml"
            allowing = texts[f"profiles/{name}.toml"].replace(
                "broadcast = true\n", "broadcast = true\nbroadcast_tcp = true\n", 1
            )
            file.write_text(allowing, encoding="utf-8")
        assert made.run(*words) == 0
        assert {name: made.written(name) for name in ("CB01-D", "CB01-R")} == {"CB01-D": 1, "CB01-R": 1}
    finally:
        made.close()


@pytest.mark.parametrize("user", ["crew", "nobody"])
def test_it_is_for_operators(cabinets: Cabinets, capsys: Capture, user: str) -> None:
    assert cabinets.run(*GROUP, user=user) == 5
    assert user in capsys.readouterr().err
    assert nothing(cabinets)


def test_the_document_keeps_all_that_was_promised(cabinets: Cabinets, capsys: Capture) -> None:
    assert cabinets.run(*GROUP, "--json") == 0
    actual = json.loads(capsys.readouterr().out)
    assert actual["schema"] == "lighting.device_broadcast/1"
    assert (actual["bus"], actual["written"], actual["sent"]) == ("CB02-bus", True, 42)
    assert [(one["device"], one["confirmed"], one["read_back"]) for one in actual["devices"]] == [
        (name, True, 42.0) for name in LINE
    ]
    file = GOLDEN / "device_broadcast.json"
    if os.environ.get("LIGHTING_REWRITE_GOLDEN"):
        file.write_text(json.dumps(shape(actual), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert lost(json.loads(file.read_text(encoding="utf-8")), shape(actual)) == []
    assert "`lighting.device_broadcast/1`" in PAGE.read_text(encoding="utf-8")


def test_the_help_says_who_hears_it_and_what_the_controller_does(capsys: Capture) -> None:
    assert run(["device", "broadcast", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Every unit on the line hears it, also one that devices.csv does not name" in said
    assert "belongs to the controller while one runs, which would write it back at once, so that is refused" in said
