"""The guide to energy: its commands run, and its day comes out as it is written there."""

from __future__ import annotations

import re
import shlex
from datetime import date
from pathlib import Path

import pytest

from lighting.assets.model import LuminaireType
from lighting.cli.entry import run
from tests.lighting.cli.test_energy import SUBJECTS, ZONE, at_clock
from tests.lighting.cli.the_site import make_site, store_of
from tests.lighting.desk.energy_store import fill

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "energy.md"


def rows() -> dict[str, str]:
    """The last cell of each row of the tables, by the first."""
    found: dict[str, str] = {}
    for line in GUIDE.read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            cells = [cell.strip(" *") for cell in line.strip("|").split("|")]
            found[re.sub(r"^\d+\. ", "", cells[0])] = cells[-1]
    return found


def number(text: str) -> float:
    return float(text.replace("−", "-").split()[0])


def test_every_command_of_the_guide_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_site(tmp_path / "city")
    with store_of(folder) as store:
        fill(store, SUBJECTS, date(2026, 10, 1), date(2026, 11, 22), ZONE)
    at_clock(folder, "2026-11-23T09:00")
    monkeypatch.chdir(folder)
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) == 8
    for command in commands:
        assert run(shlex.split(command)[1:]) == 0, (command, capsys.readouterr().err)
    assert (folder / "energy.csv").is_file()


def test_the_day_of_the_auditor_comes_out() -> None:
    found = rows()
    kind = LuminaireType("led-40", "LED 40 W", 40.0)
    level = 0.5
    curve = kind.linear_share * level + (1 - kind.linear_share) * level**2
    half_w = 30 * kind.rated_w * (kind.fixed_loss_share + (1 - kind.fixed_loss_share) * curve)
    assert number(found["power at 50 %"]) == pytest.approx(half_w)
    before, after = (float(text) for text in re.findall(r"\d+\.\d+", found["counter at 00:00 and 24:00"]))
    metered = after - before
    full, switched = 1.2 * number(found["hours of the baseline"]), 1.2 * number(found["lit by the program"])
    scheduled = (5 * 1200 + 7 * half_w) / 1000
    for name, kwh in (("metered", metered), ("full", full), ("switched", switched), ("scheduled", scheduled)):
        if name != "metered":  # a word of completeness, too
            assert number(found[name]) == pytest.approx(kwh)
    assert number(found["switching times"]) == pytest.approx(full - switched)
    assert number(found["scheduled dimming"]) == pytest.approx(switched - scheduled)
    assert number(found["saved"]) == pytest.approx(full - metered)
    parts = [number(found[name]) for name in ("switching times", "scheduled dimming")] + [scheduled - metered]
    assert sum(parts) == pytest.approx(full - metered)
    text = GUIDE.read_text(encoding="utf-8")
    assert f"worth {0.3 * (full - metered):.3f}" in text
    assert f"{round((full - metered) * 3_600_000):,} Ws" in text
