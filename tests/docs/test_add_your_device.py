"""The guide for a device of one's own: its file is right, its commands do what it says, its mistakes are named."""

from __future__ import annotations

import csv
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from drivers.profile import Profile
from drivers.profile_file import read_profile
from lighting.cli.reference import command_names
from tests.docs.test_readme import Shell

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "guides" / "add-your-device.md"
GUIDE = PAGE.read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```toml\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = {" ".join(words) for words in command_names()}


def guide_commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def is_there(command: str) -> bool:
    """Whether the program has it: parts of the program are built side by side."""
    words = command.split()
    return words[0] != "lighting" or " ".join(words[1:3]) in COMMANDS or words[1] in COMMANDS - {"device", "profiles"}


def example() -> Profile:
    reading = read_profile(EXAMPLE, "lc4.toml")
    assert reading.problems == ()
    assert reading.profile is not None
    return reading.profile


def test_the_example_stands_where_its_manual_says() -> None:
    profile = example()
    for point in profile.points:
        assert point.address == int(point.manual_number) - 40001, point.name
    for template in ("level_", "on_time_out_", "time_out_level_"):
        assert len([point for point in profile.points if re.fullmatch(rf"{template}\d", point.name)]) == 4
    assert (profile.limits.max_registers_per_read, profile.limits.pause_ms) == (16, 20)


def test_the_example_has_a_vector_for_everything_in_it() -> None:
    profile = example()
    shown = {re.sub(r"\d$", "", vector.point) for vector in profile.vectors}
    assert {re.sub(r"\d$", "", point.name) for point in profile.points} - shown == {"restart"}


def test_the_mistake_of_the_guide_is_named_with_its_line_and_the_right_word() -> None:
    assert "Write `scael` for `scale`" in GUIDE
    (problem,) = read_profile(EXAMPLE.replace("scale", "scael", 1), "lc4.toml").problems
    assert (problem.code, problem.values["nearest"]) == ("profile_key_unknown", "scale")
    assert "scale" in EXAMPLE.splitlines()[problem.line - 1]


def test_every_link_of_the_guide_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", GUIDE):
        assert (PAGE.parent / target).exists(), target


class Reader(Shell):
    """Follows the guide; saves the file when there is a place for it, and waits until the simulator listens."""

    def follow(self, command: str) -> None:
        self.run(command)
        if command == "mkdir profiles":
            (self.folder / "profiles" / "lc4.toml").write_text(EXAMPLE, encoding="utf-8")
        if command == "lighting simulate &":
            for port in self.ports():
                self._wait_for(lambda port=port: listens(port))  # type: ignore[misc]

    def ports(self) -> list[int]:
        lines = (self.folder / "buses.csv").read_text(encoding="utf-8").splitlines()
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return [int(row["url"].rpartition(":")[2]) for row in rows]


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    try:
        yield reader
    finally:
        reader.close()


@pytest.mark.timeout(240)
@pytest.mark.xdist_group("fixed-ports")
def test_every_command_of_the_guide_does_what_it_says(reader: Reader) -> None:
    commands = guide_commands()
    assert len(commands) >= 8
    missing = [command for command in commands if not is_there(command)]
    for command in commands:
        if command not in missing:
            reader.follow(command)
    assert "lc4" in (reader.folder / "devices.csv").read_text(encoding="utf-8")
    if missing:
        pytest.skip(f"not in this program yet: {', '.join(missing)}")
