"""``baseline.toml``, its log of hours, supplies and lit areas: read into the site, each problem with its line."""

from __future__ import annotations

import pytest

from lighting.assets.baseline import (
    Adjustment,
    Baseline,
    LitSpan,
    MeterOfDevice,
    Reference,
    ReferencePeriod,
    StatedWatts,
    Supply,
    SwitchingPoint,
)
from lighting.assets.differences import differences
from lighting.assets.folder import SiteReading, read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts

GOOD = """format = 1
[switching]
on_lx = 55.0
off_lx = 28.0
error_min = 5.0
source = "data sheet"
[[watts]]
luminaire_type = "led-90"
of = "legacy"
basis = "sample"
sample_size = 20
mean_w = 150.2
standard_deviation_w = 6.0
date = "2024-03-12"
instrument = "clamp meter"
by = "An"
[[watts]]
luminaire_type = "led-40"
tolerance_pct = 8.0
[meter]
class = "0.5"
[[meters]]
device = "CB01-M"
class = "B"
[model]
error_pct = 4.0
[[adjustments]]
date = "2026-05-01"
signed_by = "An"
reason = "harbour"
lamps = -30
lamp_w = 169.0
[reference]
error_pct = 3.0
[[reference.periods]]
from = "2023-01-01"
to = "2023-01-31"
kwh = 5100.0
lamps = 68
[[reference.periods]]
from = "2023-02-01"
to = "2023-02-28"
kwh = 4700.5
lamps = 68
source = "meter"
number = "F-2"
"""


def reading(**texts: str) -> SiteReading:
    named = {name.replace("_toml", ".toml").replace("_csv", ".csv"): text for name, text in texts.items()}
    return read_site({**template_texts(), **named})


def site_of(found: SiteReading) -> Site:
    assert found.site is not None, found.problems
    return found.site


def problems(file: str, text: str) -> list[tuple[int, str]]:
    found = read_site({**template_texts(), file: text})
    return [(one.line, one.fact.code) for one in found.problems if one.file == file]


def test_a_baseline_is_part_of_the_site() -> None:
    found = reading(baseline_toml=GOOD)
    assert found.problems == ()
    assert site_of(found).baseline == Baseline(
        switching=SwitchingPoint(55.0, 28.0, error_min=5.0, source="data sheet"),
        watts=(
            StatedWatts("led-90", "legacy", "sample", 5.0, 20, 150.2, 6.0, "2024-03-12", "clamp meter", "An"),
            StatedWatts("led-40", tolerance_pct=8.0),
        ),
        meter_class="0.5",
        meters=(MeterOfDevice("CB01-M", "B"),),
        model_error_pct=4.0,
        adjustments=(Adjustment("2026-05-01", "An", "harbour", lamps=-30, lamp_w=169.0),),
        reference=Reference(
            (
                ReferencePeriod("2023-01-01", "2023-01-31", 5100.0, 68.0),
                ReferencePeriod("2023-02-01", "2023-02-28", 4700.5, 68.0, source="meter", number="F-2"),
            ),
            3.0,
        ),
        is_stated=True,
    )


@pytest.mark.parametrize("name", ["baseline.toml", "baseline_hours.csv", "supplies.csv"])
def test_a_site_needs_none_and_then_has_a_photocell_of_35_and_70_lux(name: str) -> None:
    texts = template_texts()
    del texts[name]
    baseline = site_of(read_site(texts)).baseline
    assert baseline == Baseline()
    assert (baseline.switching.on_lx, baseline.switching.off_lx, baseline.is_stated) == (35.0, 70.0, False)


def test_elevations_take_the_place_of_illuminances() -> None:
    text = GOOD.replace("on_lx = 55.0\noff_lx = 28.0", "on_elevation_deg = -4.0\noff_elevation_deg = -3.0")
    point = site_of(reading(baseline_toml=text)).baseline.switching
    assert (point.on_lx, point.off_lx, point.on_elevation_deg, point.off_elevation_deg) == (None, None, -4.0, -3.0)


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("format = 1", "format = 2", 1, "not_one_of"),
        ("off_lx = 28.0\n", "", 2, "baseline_switching_half"),
        ("off_lx = 28.0", "off_lx = 28.0\nlogged = true", 2, "baseline_switching_twice"),
        ("on_lx = 55.0", "on_lx = 5500.0", 3, "number_too_large"),
        ("on_lx = 55.0", "on_lux = 55.0", 3, "unknown_key_nearest"),
        ('"led-90"\nof', '"led-91"\nof', 8, "unknown_reference_nearest"),
        ('"legacy"', '"older"', 9, "not_one_of"),
        ("sample_size = 20\n", "", 7, "baseline_sample_half"),
        ("mean_w = 150.2", "mean_w = 170.2", 12, "baseline_sample_differs"),
        ('date = "2024-03-12"', 'date = "12.3.2024"', 14, "not_in_form"),
        ('"led-40"', '"hps-150"\nof = "legacy"', 19, "baseline_no_legacy_watts"),
        ('"led-40"', '"led-90"\nof = "legacy"', 18, "baseline_twice"),
        ('class = "0.5"', 'class = "0.7"', 21, "not_one_of_nearest"),
        ('"CB01-M"', '"CB09-M"', 23, "unknown_reference_nearest"),
        ('signed_by = "An"', 'signed_by = " "', 29, "value_missing"),
        ("lamps = -30", "lamps = -30\nkwh = 5", 27, "baseline_adjustment_amount"),
        ("lamp_w = 169.0\n", "", 27, "baseline_adjustment_lamp_watts"),
        ("lamp_w = 169.0", 'lamp_w = 169.0\nuntil = "2025-01-01"', 33, "dates_reversed"),
        ('to = "2023-01-31"', 'to = "2022-01-31"', 37, "dates_reversed"),
        ('from = "2023-02-01"', 'from = "2023-01-20"', 41, "baseline_reference_overlaps"),
        ("lamps = 68\n[[", "[[", 35, "baseline_reference_installed"),
        ("lamps = 68\nsource", "installed_kw = 6.8\nsource", 40, "baseline_reference_mixed"),
    ],
)
def test_each_problem_has_its_line(old: str, new: str, line: int, code: str) -> None:
    assert old in GOOD
    assert (line, code) in problems("baseline.toml", GOOD.replace(old, new, 1))


LOG = """# logged
on,off
2023-01-01T17:42:00+07:00,2023-01-02T06:20:00+07:00
2023-01-02T10:43:00Z,2023-01-02T23:20:00Z
"""


def test_logged_hours_are_part_of_the_baseline() -> None:
    found = reading(baseline_toml="format = 1\n[switching]\nlogged = true\n", baseline_hours_csv=LOG)
    baseline = site_of(found).baseline
    assert baseline.switching.is_logged
    assert baseline.logged == (
        LitSpan(1_672_569_720_000, 1_672_615_200_000),
        LitSpan(1_672_656_180_000, 1_672_701_600_000),
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("2023-01-01T17:42:00+07:00", "2023-01-01T17:42:00", 3, "not_in_form"),
        ("2023-01-01T17:42:00+07:00", "yesterday", 3, "not_in_form"),
        ("2023-01-02T23:20:00Z", "2023-01-02T03:20:00Z", 4, "baseline_log_span"),
        ("2023-01-02T10:43:00Z", "2023-01-01T20:43:00Z", 4, "baseline_log_order"),
        ("on,off", "on,of", 2, "unknown_key_nearest"),
    ],
)
def test_each_wrong_row_of_the_log_has_its_line(old: str, new: str, line: int, code: str) -> None:
    assert (line, code) in problems("baseline_hours.csv", LOG.replace(old, new, 1))


def test_logged_hours_need_a_log() -> None:
    assert (3, "baseline_log_missing") in problems("baseline.toml", "format = 1\n[switching]\nlogged = true\n")


def circuits(columns: str, values: str) -> str:
    """The example's circuits with more columns, the values in the first row of each class."""
    lines = template_texts()["circuits.csv"].splitlines()
    empty = "," * columns.count(",")
    wide = []
    for line in lines:
        if line.startswith("id,"):
            line = f"{line},{columns}"
        elif line.startswith("C-0102"):
            line = f"{line},{values}"
        elif line.startswith("C-"):
            line = f"{line},{empty}"
        wide.append(line)
    return "\n".join(wide) + "\n"


def test_lit_areas_and_supplies_of_circuits() -> None:
    text = circuits("length_m,width_m,maintained_lx,supply", "100,5.5,22,S1")
    supplies = "id,name,kind,tariff\nS1,,unmetered,street\n"
    site = site_of(reading(circuits_csv=text, supplies_csv=supplies))
    circuit, other = site.circuits["C-0102"], site.circuits["C-0101"]
    assert (circuit.lit_area_m2, circuit.illuminance_lx, circuit.supply) == (550.0, 22.0, "S1")
    assert (other.lit_area_m2, other.illuminance_lx, other.supply) == (None, None, "")
    assert site.supplies == {"S1": Supply("S1", "S1", "unmetered", "street")}


@pytest.mark.parametrize(
    ("columns", "values", "code"),
    [
        ("length_m,width_m,area_m2", "100,5,500", "area_said_twice"),
        ("length_m,width_m", ",5", "width_without_length"),
        ("maintained_lx,length_m", "30,", "maintained_lx_differs"),
        ("supply,length_m", "S9,", "unknown_reference_none"),
        ("length_m,width_m", "-1,5", "number_not_above"),
    ],
)
def test_contradictions_of_areas_are_told(columns: str, values: str, code: str) -> None:
    lines = circuits(columns, values).splitlines()
    row = next(number for number, line in enumerate(lines, 1) if line.startswith("C-0102"))
    assert (row, code) in problems("circuits.csv", circuits(columns, values))


def test_the_kind_of_a_supply_is_one_of_two() -> None:
    assert (2, "not_one_of") in problems("supplies.csv", "id,name,kind,tariff\nS1,,free,\n")


def test_another_log_is_told_by_its_nights() -> None:
    before = site_of(reading())
    (found,) = differences(before, site_of(reading(baseline_hours_csv=LOG)))
    assert (found.part, found.fact.code) == ("baseline", "baseline_log_changed")
    assert found.fact.values == {"before_count": 0, "after_count": 2}


def test_another_baseline_is_told_field_by_field() -> None:
    found = differences(site_of(reading()), site_of(reading(baseline_toml=GOOD)))
    assert [one.fact.values["field"] for one in found] == [
        "switching",
        "watts",
        "meter_class",
        "meters",
        "model_error_pct",
        "adjustments",
        "reference",
    ]
    assert {one.circuits for one in found} == {()}


def test_contradictory_keys_are_told_beside_wrong_values() -> None:
    """All at once, and nothing that only seems to lack because its value is wrong."""
    text = GOOD.replace("on_lx = 55.0", 'on_lx = "ten"\non_elevation_deg = -2.0\noff_elevation_deg = -2.0')
    text = text.replace("mean_w = 150.2", "mean_w = 0").replace("lamps = -30", "lamps = -30\nkwh = 5.0")
    text = text.replace('"led-40"', '"led-4"').replace('date = "2024-03-12"', 'date = "12.3.2024"')
    found = {(one.field, one.fact.code) for one in read_site({**template_texts(), "baseline.toml": text}).problems}
    assert found == {
        ("switching", "baseline_switching_twice"),
        ("switching.on_lx", "not_a_number"),
        ("watts.0.mean_w", "number_not_above"),
        ("watts.0.date", "not_in_form"),
        ("watts.1.luminaire_type", "unknown_reference_nearest"),
        ("adjustments.0", "baseline_adjustment_amount"),
    }
