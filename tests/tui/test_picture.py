"""A picture of the dashboard is made without a terminal, of any screen and size."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from lighting.assets.fact import Fact
from lighting.desk.refusal import WrongUsage
from tests.tui.fake_desk import FakeDesk
from tui.app import run_dashboard
from tui.picture import main, picture


@pytest.mark.parametrize(
    ("screen", "word"), [("overview", "DISTRICT"), ("circuit", "measured"), ("circuits", "CABINET")]
)
async def test_the_picture_shows_the_screen(screen: str, word: str) -> None:
    drawn = await picture(FakeDesk(40), screen, (120, 36))
    assert drawn.startswith("<svg")
    assert word in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "").replace("https://www.textualize.io", "")
    assert ">&#160;" not in drawn


def test_without_a_terminal_the_dashboard_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(WrongUsage) as refused:
        run_dashboard(tmp_path, "an")
    assert refused.value.fact == Fact("dashboard_needs_terminal")


def test_a_folder_without_a_site_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([str(tmp_path / "out.svg"), "--site", str(tmp_path)])
    assert code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(tmp_path) in said
    assert not (tmp_path / "out.svg").exists()
