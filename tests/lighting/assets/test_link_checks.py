"""A serial line that does not speak as its devices do from the factory is told, once a line and setting."""

from __future__ import annotations

import pytest

from lighting.assets.fact import Problem
from lighting.assets.folder import read_site
from lighting.assets.template import template_texts
from lighting.wording.speech import say

CODE = "serial_setting_not_of_device"


def warned(*urls: str, **profiles: str) -> list[Problem]:
    """The warnings about lines with these addresses; ``profiles`` are those of the devices CB01_M and so on."""
    texts = template_texts()
    rows = [f"CB0{n}-bus,{url}\n" for n, url in enumerate(urls, start=1)]
    texts["buses.csv"] = "".join(["id,url\n", *rows])
    lines = [line.split(",") for line in texts["devices.csv"].splitlines() if not line.startswith("#")]
    for cells in lines:
        cells[-1] = profiles.get(cells[0].replace("-", "_"), cells[-1])
    texts["devices.csv"] = "\n".join(",".join(cells) for cells in lines) + "\n"
    reading = read_site(texts)
    return [problem for problem in reading.problems if problem.fact.code == CODE]


def kinds(problems: list[Problem]) -> list[tuple[object, ...]]:
    keys = ("key", "found", "device", "profile", "expected", "devices", "of")
    return [tuple(problem.fact.values[key] for key in keys) for problem in problems]


def test_each_setting_is_told_once_a_line_with_the_first_device_and_how_many_there_are() -> None:
    found = warned("serial:///dev/ttyUSB0?baud=19200&parity=E", "tcp://127.0.0.1:15022")
    assert kinds(found) == [
        ("baud", "19200", "CB01-D", "wb-mao4", "9600", 3, 3),
        ("parity", "E", "CB01-D", "wb-mao4", "N", 2, 3),
        ("stop_bits", "1", "CB01-D", "wb-mao4", "2", 2, 3),
    ]
    assert all((p.file, p.line, p.field, p.is_warning) == ("buses.csv", 2, "url", True) for p in found)
    assert say(found[0].fact) == (
        "CB01-D (wb-mao4) comes from the factory with baud=9600, and this line has baud=19200: unless the device was "
        "set to that, set it or mend the address (so on this line: 3 of 3 devices)"
    )


def test_every_line_is_judged_by_itself() -> None:
    found = warned("serial:///dev/ttyUSB0?stop_bits=2", "serial:///dev/ttyUSB1?baud=4800&stop_bits=2")
    assert [(p.line, *kinds([p])[0][:3]) for p in found] == [
        (2, "stop_bits", "2", "CB01-M"),
        (3, "baud", "4800", "CB02-D"),
        (3, "stop_bits", "2", "CB02-M"),
    ]


@pytest.mark.parametrize("url", ["rtu-tcp://127.0.0.1:15021", "tcp://127.0.0.1:15021"])
def test_a_line_that_does_not_say_its_settings_is_not_judged(url: str) -> None:
    assert warned(url, "tcp://127.0.0.1:15022") == []


def test_what_a_profile_does_not_state_is_not_judged() -> None:
    quiet = dict.fromkeys(("CB01_D", "CB01_R", "CB01_M"), "abb-b23")
    assert warned("serial:///dev/ttyUSB0?baud=115200&parity=O", "tcp://127.0.0.1:15022", **quiet) == []
    # The baud of the older and the newer ones is not the same, the parity is.
    some = {**quiet, "CB01_M": "sdm120"}
    found = warned("serial:///dev/ttyUSB0?baud=115200&parity=O", "tcp://127.0.0.1:15022", **some)
    assert kinds(found) == [("parity", "O", "CB01-M", "sdm120", "N", 1, 3)]
