"""``tariff.toml``: read into the site, every problem with its line, and what each hour costs."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from lighting.assets.folder import read_site
from lighting.assets.model import CarbonFactor, Tariff, TariffPeriod
from lighting.assets.template import template_texts
from lighting.energy.tariff import local_minutes, price_per_kwh

GOOD = """format = 1
currency = "EUR"
price_per_kwh = 0.2
[[periods]]
name = "night"
weekdays = ["sat", "sun"]
from = "22:00"
until = "24:00"
price_per_kwh = 0.1
[co2]
g_per_kwh = 380.0
source = "a table"
year = 2025
"""


def read(text: str) -> tuple[Tariff | None, list[tuple[int, str]]]:
    reading = read_site({**template_texts(), "tariff.toml": text})
    mine = [(problem.line, problem.fact.code) for problem in reading.problems if problem.file == "tariff.toml"]
    return None if reading.site is None else reading.site.tariff, mine


def test_a_tariff_is_part_of_the_site() -> None:
    tariff, problems = read(GOOD)
    assert problems == []
    assert tariff == Tariff(
        "EUR", 0.2, (TariffPeriod(0.1, (5, 6), 22 * 60, 1440, "night"),), CarbonFactor(380.0, "a table", 2025)
    )


def test_a_site_needs_none() -> None:
    texts = template_texts()
    del texts["tariff.toml"]
    site = read_site(texts).site
    assert site is not None
    assert site.tariff is None


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("format = 1", "format = 3", 1, "not_one_of"),
        ('"EUR"', '"euro"', 2, "not_in_form"),
        ("price_per_kwh = 0.2", "price_per_kwh = -1", 3, "number_too_small"),
        ('["sat", "sun"]', '["someday"]', 6, "not_one_of"),
        ('"22:00"', '"25:00"', 7, "not_in_form"),
        ('"22:00"', '"22:00"\nuntill = "23:00"', 8, "unknown_key_nearest"),
        ('"24:00"', '"22:00"', 8, "tariff_period_empty"),
        ('"22:00"', '"٢٢:00"', 7, "number_digits"),
        ("year = 2025", "year = 25", 13, "number_too_small"),
        ('source = "a table"\n', "", 10, "value_missing"),
    ],
)
def test_each_problem_has_its_line(old: str, new: str, line: int, code: str) -> None:
    assert old in GOOD
    tariff, problems = read(GOOD.replace(old, new, 1))
    assert tariff is None
    assert (line, code) in problems


def at(year: int, month: int, day: int, hour: int = 0) -> int:
    return round(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)


def test_the_first_period_that_holds_gives_the_price() -> None:
    """Berlin, Friday 23 October 2026 18:00 to Saturday, in steps of an hour."""
    tariff = Tariff("EUR", 0.3, (TariffPeriod(0.9, (4,), 19 * 60, 21 * 60), TariffPeriod(0.1, (), 20 * 60, 6 * 60)))
    instants = np.array([at(2026, 10, 23, hour) for hour in range(16, 23)], dtype=np.int64)
    assert price_per_kwh(tariff, instants, "Europe/Berlin").tolist() == [0.3, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1]
    assert price_per_kwh(None, instants, "Europe/Berlin").tolist() == [0.0] * 7


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu"])
def test_the_local_clock_is_that_of_the_zone_through_a_year(timezone: str) -> None:
    instants = np.arange(at(2026, 1, 1), at(2027, 1, 1), 1_800_000, dtype=np.int64)
    found = local_minutes(instants, timezone)
    zone = ZoneInfo(timezone)
    for number in range(0, instants.size, 37):
        local = datetime.fromtimestamp(int(instants[number]) / 1000, UTC).astimezone(zone).replace(tzinfo=UTC)
        assert found[number] * 60 == round(local.timestamp())
