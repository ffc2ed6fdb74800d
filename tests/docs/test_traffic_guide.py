"""Every command of the guide to traffic, in its order, on the example with the guide's own sections and lines."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from lighting.assets.folder import folder_texts, read_site
from lighting.cli.entry import run
from tests.lighting.cli.the_site import make_site, weeks_of_counts, with_traffic

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "traffic.md"


def blocks(kind: str) -> list[str]:
    found: list[str] = re.findall(
        rf"^```{kind}\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return found


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    sections = blocks("csv")[0].split("\n", 1)[1]
    folder = with_traffic(make_site(tmp_path / "city"), sections)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LIGHTING_USER", "operator")
    past = weeks_of_counts("MARKET", 6).splitlines()[
        :-1
    ]  # the last hour may be the one of which ten minutes are pushed
    (folder / "counts.csv").write_text("\n".join(past) + "\n", encoding="utf-8")
    return folder


def test_every_command_of_the_guide_works(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) == 9
    assert not [problem for problem in read_site(folder_texts(site)).problems if not problem.is_warning]
    for command in commands:
        words, _, file = command.partition(" < ")
        with (site / (file or "site.toml")).open(encoding="utf-8") as stream:
            monkeypatch.setattr(sys, "stdin", stream)
            assert run(shlex.split(words)[1:]) == 0, (command, capsys.readouterr().err)


def test_the_lines_of_the_guide_are_two_counts(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = site / "lines.csv"
    file.write_text(blocks("csv")[1], encoding="utf-8")
    with file.open(encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        code = run(["traffic", "push", "-"])
    shown = capsys.readouterr()
    assert (code, shown.out) == (0, "2 counts recorded, 0 already known, 0 refused\n"), shown.err
