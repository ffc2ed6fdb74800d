"""At 80 columns a line is broken between words, a reading between its points; a pipe gets each line whole."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from lighting.cli.device_work import look_lines
from lighting.cli.voice import laid_out
from tests.lighting.cli.test_at_the_cabinet import Cabinets

Capture = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def cabinets(tmp_path: Path) -> Iterator[Cabinets]:
    made = Cabinets(tmp_path / "site")
    yield made
    made.close()


def test_a_terminal_breaks_between_words_and_a_pipe_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    text = "> lit by its fallback, not by its devices"
    assert laid_out(text, Terminal(), indent="  ").splitlines() == [
        "  > lit by its fallback, not",
        "    by its devices",
    ]
    assert laid_out(text, io.StringIO(), indent="  ") == f"  {text}"
    assert laid_out("x" * 70, Terminal()) == "x" * 70, "a word too long for a line stays one word"
    assert "\n".join(laid_out(text, Terminal()).split("\n  ")).replace("\n", " ") == text, "no word is lost"


def test_a_reading_is_broken_between_two_points() -> None:
    points = [f"voltage_L{n} 230.{n} V" for n in (1, 2, 3, 4)]
    lines = look_lines("18:16:55", points, 60)
    assert lines == [
        "18:16:55  voltage_L1 230.1 V  voltage_L2 230.2 V",
        "          voltage_L3 230.3 V  voltage_L4 230.4 V",
    ]
    assert look_lines("18:16:55", points, None) == ["18:16:55  " + "  ".join(points)]
    assert len(look_lines("18:16:55", points, 5)) == 5, "a point that fits nowhere has a line of its own"


@pytest.mark.parametrize(
    "words",
    [["status", "--circuits"], ["why", "C-0201"], ["why", "C-0101"], ["commission", "--dry-run"], ["check"]],
    ids=" ".join,
)
def test_nothing_is_wider_than_a_terminal_of_80(
    cabinets: Cabinets, capsys: Capture, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    assert cabinets.run("commission", "--cabinet", "CB02", "--dry-run") == 0
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert cabinets.run(*words) == 0
    shown = capsys.readouterr()
    lines = [line for line in (shown.out + shown.err).splitlines() if "\x1b" not in line]
    assert [line for line in lines if cell_len(line) > 80] == []
    assert len(lines) > 1
