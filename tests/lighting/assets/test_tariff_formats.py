"""``tariff.toml`` of format 2: everything it can say is read, every problem has its line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from lighting.assets.differences import differences
from lighting.assets.fact import Problem
from lighting.assets.folder import folder_texts, read_site
from lighting.assets.model import Site
from lighting.assets.program_profiles import own_files
from lighting.assets.tariff import HOLIDAY, FixedCharge, MinimumCharge, Tariff, Tax, Tier
from lighting.assets.template import template_texts, write_template

FULL = """format = 2
name = "public lighting"
currency = "EUR"
[[versions]]
valid_to = "2025-12-31"
price_per_kwh = 0.2
[[versions]]
valid_from = "2026-01-01"
prices = "prices/2026.csv"
[[versions.seasons]]
name = "winter"
dates = ["11-01..03-31"]
[[versions.periods]]
name = "peak"
seasons = ["winter"]
weekdays = ["mon", "holiday"]
from = "17:30"
until = "20:00"
tiers = [{ up_to_kwh = 1000.0, price_per_kwh = 0.1 }, { price_per_kwh = 0.2 }]
[[versions.demand]]
minutes = 30
price_per_kw = 4.5
[[versions.fixed]]
amount = 12.5
per = "month"
[[versions.reactive]]
kind = "capacitive"
tan_phi_limit = 0.0
price_per_kvarh = 0.05
[[versions.adjustments]]
name = "rebate"
price_per_kwh = -0.01
[[versions.taxes]]
name = "duty"
per_kwh = 0.0205
[[versions.taxes]]
name = "VAT"
percent = 19.0
[[versions.minimum]]
amount = 50.0
per = "month"
[[co2]]
valid_to = "2025-12-31"
g_per_kwh = 380.0
source = "a table"
year = 2025
[[co2]]
valid_from = "2026-01-01"
series = "co2/2026.csv"
source = "the operator"
year = 2026
"""
FILES = {
    "prices/2026.csv": "# x\nfrom,until,price_per_kwh\n2026-01-01T00:00+01:00,,0.1\n2026-01-01T01:00+01:00,,-0.05\n",
    "co2/2026.csv": "from,until,g_per_kwh\n2026-01-01T00:00+01:00,2026-01-01T01:00+01:00,300\n",
}


def read(text: str, **files: str) -> tuple[Tariff | None, list[Problem]]:
    reading = read_site({**template_texts(), "tariff.toml": text, **FILES, **files})
    mine = [one for one in reading.problems if one.file == "tariff.toml" or one.file in {**FILES, **files}]
    return None if reading.site is None else reading.site.tariff, mine


def test_all_that_a_tariff_can_say_is_read() -> None:
    tariff, problems = read(FULL)
    assert problems == []
    assert tariff is not None
    old, new = tariff.dated
    assert (tariff.name, old.price_per_kwh, old.valid_to) == ("public lighting", 0.2, "2025-12-31")
    assert new.prices is not None
    assert new.prices.values == (0.1, -0.05)
    assert new.prices.until_ms[-1] - new.prices.from_ms[0] == 2 * 3_600_000
    (period,) = new.periods
    assert (period.weekdays, period.tiers) == ((0, HOLIDAY), (Tier(0.1, 1000.0), Tier(0.2)))
    assert new.demand[0].tiers == (Tier(4.5),)
    assert new.fixed == (FixedCharge(12.5, "month"),)
    assert new.taxes[0] == Tax("duty", per_kwh=0.0205)
    assert new.minimum == (MinimumCharge(50.0, "month"),)
    assert new.taxes[1].on == ("energy", "adjustment", "demand", "fixed", "reactive", "minimum", "duty")
    assert tariff.carbon[1].series is not None


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "code"),
    [
        (
            "[[versions]]\nvalid_to",
            'valid_from = "2020-01-01"\n[[versions]]\nvalid_to',
            4,
            "valid_from",
            "tariff_flat_and_versions",
        ),
        ('"2025-12-31"\nprice', '"2026-01-01"\nprice', 8, "versions.1.valid_from", "tariff_dates_overlap"),
        ("price_per_kwh = 0.2\n", "", 4, "versions.0.price_per_kwh", "tariff_no_price"),
        (
            "price_per_kwh = 0.2\n",
            "price_per_kwh = 0.2\ntiers = [{ price_per_kwh = 1.0 }]\n",
            7,
            "versions.0.tiers",
            "tariff_price_and_tiers",
        ),
        ("prices/2026.csv", "prices/2027.csv", 9, "versions.1.prices", "tariff_file_missing"),
        ("prices/2026.csv", "co2/2026.csv", 9, "versions.1.prices", "tariff_file_elsewhere"),
        ("prices/2026.csv", "../2026.csv", 9, "versions.1.prices", "not_in_form"),
        ('seasons = ["winter"]', 'seasons = ["sommer"]', 15, "versions.1.periods.0.seasons", "unknown_reference"),
        ('"holiday"', '"holyday"', 16, "versions.1.periods.0.weekdays.1", "not_one_of_nearest"),
        ('until = "20:00"', 'until = "17:30"', 18, "versions.1.periods.0.until", "tariff_period_empty"),
        (
            "{ up_to_kwh = 1000.0, price_per_kwh = 0.1 }",
            "{ price_per_kwh = 0.1 }",
            19,
            "versions.1.periods.0.tiers.0",
            "tariff_tier_without_end",
        ),
        (
            "{ price_per_kwh = 0.2 }",
            "{ up_to_kwh = 5.0, price_per_kwh = 0.2 }",
            19,
            "versions.1.periods.0.tiers.1",
            "tariff_last_tier_open",
        ),
        ("minutes = 30", "minutes = 31", 21, "versions.1.demand.0.minutes", "not_one_of_nearest"),
        (
            "minutes = 30",
            "ratchet_percent = 70.0",
            21,
            "versions.1.demand.0.ratchet_percent",
            "tariff_ratchet_not_reckoned",
        ),
        ("price_per_kw = 4.5\n", "", 20, "versions.1.demand.0", "tariff_one_of_two"),
        ('per = "month"', 'per = "week"', 25, "versions.1.fixed.0.per", "not_one_of"),
        ("per_kwh = 0.0205", "per_kwh = 0.0205\npercent = 1.0", 33, "versions.1.taxes.0", "tariff_one_of_two"),
        (
            "percent = 19.0",
            'percent = 19.0\non = ["energie"]',
            39,
            "versions.1.taxes.1.on",
            "unknown_reference_nearest",
        ),
        ('name = "VAT"', 'name = "duty"', 37, "versions.1.taxes.1.name", "tariff_tax_twice"),
        ("g_per_kwh = 380.0\n", "", 42, "co2.0", "tariff_one_of_two"),
    ],
)
def test_each_problem_has_its_line_and_field(old: str, new: str, line: int, field: str, code: str) -> None:
    assert old in FULL
    tariff, problems = read(FULL.replace(old, new, 1))
    assert tariff is None
    assert (line, field, code) in [(one.line, one.field, one.fact.code) for one in problems]


@pytest.mark.parametrize(
    ("rows", "line", "code"),
    [
        ("2026-01-01T00:00+01:00,,x\n", 2, "not_a_number"),
        ("2026-01-01T00:00,,1\n", 2, "series_without_offset"),
        ("yesterday,,1\n", 2, "not_in_form"),
        ("2026-01-01T00:00Z,,1\n2026-01-01T00:00Z,,1\n", 3, "series_twice"),
        ("2026-01-01T01:00Z,,1\n2026-01-01T00:00Z,,1\n", 3, "series_not_rising"),
        ("2026-01-01T00:00Z,2026-01-01T02:00Z,1\n2026-01-01T01:00Z,,1\n", 3, "series_not_rising"),
        ("2026-01-01T00:00Z,2026-01-03T02:00Z,1\n", 2, "series_length"),
        ("2026-01-01T00:00Z,,\n", 2, "value_missing"),
        ("", 0, "series_empty"),
    ],
)
def test_a_wrong_price_file_has_its_line(rows: str, line: int, code: str) -> None:
    tariff, problems = read(FULL, **{"prices/2026.csv": "from,until,price_per_kwh\n" + rows})
    assert tariff is None
    assert ("prices/2026.csv", line, code) in [(one.file, one.line, one.fact.code) for one in problems]


def test_what_is_only_doubtful_is_a_warning() -> None:
    text = FULL.replace('valid_from = "2026-01-01"\nprices', 'valid_from = "2026-02-01"\nprices')
    tariff, problems = read(text, **{"prices/2025.csv": FILES["prices/2026.csv"]})
    assert tariff is not None
    assert [(one.fact.code, one.is_warning) for one in problems] == [
        ("tariff_dates_gap", True),
        ("series_not_used", True),
    ]


def site_with(text: str) -> Site:
    site = read_site({**template_texts(), "tariff.toml": text, **FILES}).site
    assert site is not None
    return site


def test_a_changed_tariff_is_told_by_version_and_field() -> None:
    before = site_with(FULL)
    after = site_with(
        FULL.replace("price_per_kw = 4.5", "price_per_kw = 5.0").replace("percent = 19.0", "percent = 20.0")
    )
    told = [(one.fact.code, one.fact.values["field"]) for one in differences(before, after)]
    assert told == [("tariff_changed", "2026-01-01 demand"), ("tariff_changed", "2026-01-01 taxes")]
    later = site_with(FULL.replace('valid_from = "2026-01-01"\nprices', 'valid_from = "2026-01-02"\nprices'))
    codes = [one.fact.code for one in differences(before, later)]
    assert codes == ["tariff_version_removed", "tariff_version_added"]
    assert differences(before, site_with(FULL)) == ()


def test_price_files_are_of_the_folder_and_of_its_revisions(tmp_path: Path) -> None:
    write_template(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    texts = folder_texts(tmp_path)
    assert {name: texts[name] for name in FILES} == FILES
    assert set(FILES) <= set(own_files(texts))
