"""The worked example of the guide to savings, recomputed: every number of it comes out of the guide's own file."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from lighting.assets.baseline import Baseline, SwitchingPoint
from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.cli.reference import command_names
from lighting.energy.baselines import WS_PER_KWH, Claim, ClaimSpan, claims, lit_ms_of_days
from lighting.energy.sky_light import elevation_of_lx
from lighting.energy.uncertainty import site_errors, watts_error
from lighting.energy.worlds import WORLDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "savings.md"
GUIDE = PAGE.read_text(encoding="utf-8")
(STATED,) = re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
NOT_YET = {"savings-by-cause.md"}
"""Written side by side with this page."""


def site() -> Site:
    reading = read_site({**template_texts(), "baseline.toml": STATED})
    assert reading.problems == ()
    assert reading.site is not None
    return reading.site


def claimed(metered_kwh: float) -> dict[str, Claim]:
    kwh = dict.fromkeys(WORLDS, 15_300.0) | {"legacy": 33_250.0, "full": 21_960.0, "metered": metered_kwh}
    span = ClaimSpan(DAYS, [round(kwh[world] * WS_PER_KWH) for world in WORLDS], 0, 0, [68.0] * 365)
    return {claim.code: claim for claim in claims(site(), span)}


def row(name: str) -> list[str]:
    (line,) = re.findall(rf"^\| \**{re.escape(name)}\** \|(.*)\|$", GUIDE, re.MULTILINE)
    return [cell.strip() for cell in line.split("|")]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("baseline, kWh", "baseline_ws"),
        ("used, kWh", "used_ws"),
        ("saved, kWh", "saved_ws"),
        ("standard error, kWh", "se_ws"),
        ("± at 90 %, kWh", "within_ws"),
    ],
)
def test_the_table_of_the_example_is_what_comes_out(name: str, field: str) -> None:
    found = claimed(15_600)
    assert list(found) == ["same_lamps_full_power", "lamps_before", "metered_reference"]
    assert row(name) == [f"{getattr(claim, field) / WS_PER_KWH:,.0f}" for claim in found.values()]
    assert row("shown") == ["yes" if claim.is_shown else "no" for claim in found.values()]


def test_the_steps_of_the_example_are_its_parts() -> None:
    parts = {part.code: part.se_ws / WS_PER_KWH for part in claimed(15_600)["lamps_before"].parts}
    assert {name: round(value) for name, value in parts.items()} == {
        "watts_before": 336,
        "watts": 0,
        "hours": 484,
        "meter": 90,
        "model": 0,
    }
    found = site()
    sample = watts_error(found.baseline.watts_of("led-90", "legacy"), 30)
    assert f"{100 * sample.share:.3f} %" == "0.787 %"
    assert f"{100 * 0.05 / math.sqrt(3):.3f} %" == "2.887 %"
    assert f"{100 * site_errors(found).legacy.share:.3f} %" == "1.010 %"
    for text in ("0.787 %", "2.887 %", "1.010 %", "336 kWh", "484 kWh", "90 kWh"):
        assert text in GUIDE
    hours = float(lit_ms_of_days(found, DAYS).sum()) / 3_600_000
    assert f"{hours:,.1f} h" == "4,181.3 h"
    assert f"{100 * 365 / 6 / hours:.3f} %" == "1.455 %"


def test_the_reference_of_the_example_is_what_the_bills_give() -> None:
    claim = claimed(15_600)["metered_reference"]
    fits = {fact.code: fact.values for fact in claim.adjustments}
    fit = fits["claim_by_regression"]
    assert (round(float(fit["base_w"] or 0)), round(float(fit["unit_w"] or 0)), fit["r_squared"]) == (111, 116, 0.9994)
    assert f"{claim.baseline_ws / WS_PER_KWH + 184:,.0f} kWh" == "33,847 kWh"
    assert "base load of 111 W and 116 W for each lamp while it is dark, R² 0.9994" in GUIDE
    assert fits["claim_adjusted"]["signed_by"] == "A. Auditor"


def test_the_saving_that_is_not_shown() -> None:
    claim = claimed(21_200)["same_lamps_full_power"]
    assert not claim.is_shown
    text = f"saved {claim.saved_ws / WS_PER_KWH:,.0f} kWh ± {claim.within_ws / WS_PER_KWH:,.0f} kWh, **not shown**"
    assert text in GUIDE


def test_the_hours_of_the_page() -> None:
    found = site()
    sunset = Baseline(SwitchingPoint(None, None, -5 / 6, -5 / 6))
    hours = [
        float(lit_ms_of_days(replace(found, baseline=one), DAYS).sum()) / 3_600_000 for one in (sunset, Baseline())
    ]
    assert [f"{one:,.0f} h" for one in hours] == ["4,327 h", "4,181 h"]
    assert f"{100 * (hours[0] / hours[1] - 1):.1f} %" == "3.5 %"
    assert [f"{elevation_of_lx(lux):.2f}°".replace("-", "−") for lux in (35, 70)] == ["−3.84°", "−3.13°"]
    for text in ("4,327 h", "4,181 h", "3.5 %", "−3.84°", "−3.13°"):
        assert text in GUIDE


def test_every_command_and_link_of_the_page_leads_somewhere() -> None:
    (block,) = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    commands = {" ".join(words) for words in command_names()}
    assert {line.split()[1] for line in block.splitlines()} <= commands
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", GUIDE):
        assert target in NOT_YET or (PAGE.parent / target).exists(), target
