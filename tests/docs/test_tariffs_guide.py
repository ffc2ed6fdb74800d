"""Every example of the guide to tariffs is a good file, and its bill is the one that stands below it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lighting.assets.currency import amount_of
from lighting.assets.tariff import Tariff
from lighting.assets.tariff_reading import check_tariff
from lighting.energy.billing import bill
from lighting.energy.slots import day_start_ms, hour_edges_ms

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "tariffs.md"
ZONE = "Asia/Ho_Chi_Minh"
TEXT = GUIDE.read_text(encoding="utf-8")
EXAMPLES: list[str] = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
TOTALS: list[str] = re.findall(r"\*\*([\d ]+(?:\.\d+)?) [A-Z]{3}\*\*", TEXT)
PRICED = [text for text in EXAMPLES if "prices =" not in text]


def hourly_prices() -> str:
    """Hà Nội's days of January: 0.10 until the 15th, then 0.12, as in the short form of the guide."""
    edges = hour_edges_ms(day_start_ms(date(2026, 1, 1), ZONE), day_start_ms(date(2026, 2, 1), ZONE), ZONE)
    lines = ["from,until,price_per_kwh"]
    for n, _ in enumerate(edges[:-1]):
        day, hour = divmod(n, 24)
        lines.append(f"2026-01-{day + 1:02d}T{hour:02d}:00+07:00,,{0.10 if day < 15 else 0.12}")
    return "\n".join(lines) + "\n"


def tariff_of(text: str) -> Tariff:
    calendar = 'schema_version = 1\n[holidays]\nadded = ["2026-12-24"]\n'
    tariff, problems = check_tariff(
        {"tariff.toml": text, "calendar.toml": calendar, "prices/2026.csv": hourly_prices()}
    )
    assert [one for one in problems if one.fact.code != "series_not_used"] == []
    assert tariff is not None
    return tariff


def total(tariff: Tariff) -> Fraction:
    """Of 100 kW from 18:00 to 06:00 in January 2026, in the currency."""
    edges = hour_edges_ms(day_start_ms(date(2026, 1, 1), ZONE), day_start_ms(date(2026, 2, 1), ZONE), ZONE)
    hours = np.arange(edges.size - 1) % 24
    energy = np.where((hours >= 18) | (hours < 6), 100 * 3_600_000, 0).astype(np.int64)
    made = bill(tariff, edges, energy, energy * 6 // 10, ZONE)
    assert made.money_e4 is not None
    return amount_of(made.money_e4, tariff.currency)


def test_there_is_a_sum_below_each_example() -> None:
    assert (len(EXAMPLES), len(PRICED), len(TOTALS)) == (7, 6, 6)


@pytest.mark.parametrize(("text", "expected"), list(zip(PRICED, TOTALS, strict=True)))
def test_the_bill_of_each_example_is_the_one_told(text: str, expected: str) -> None:
    digits = len(expected.partition(".")[2])
    assert round(total(tariff_of(text)), digits) == Fraction(expected.replace(" ", ""))


def test_hourly_prices_are_added_to_the_fee() -> None:
    (text,) = [text for text in EXAMPLES if "prices =" in text]
    tariff = tariff_of(text)
    fee = replace(tariff, versions=(replace(tariff.versions[0], prices=None),))
    assert total(fee) == 1488
    assert total(tariff) == 1488 + Fraction(1200 * (15 * 10 + 16 * 12), 100)
