"""A bill beside the meters: agreed within what meters and gaps allow, else differing, or not to be told."""

from __future__ import annotations

import pytest

from lighting.energy.reconcile import Metered, reconcile

KWH = 3_600_000


@pytest.mark.parametrize(
    ("billed_kwh", "billed_e4", "metered", "verdict", "code"),
    [
        (1000, 100, None, "cannot_tell", "bill_not_metered"),
        (1000, 1_000_000, Metered(995 * KWH, 1.0, 1_001_000), "agreed", "bill_agrees"),
        (1000, 1_000_000, Metered(995 * KWH, 1.0), "energy_agreed", "bill_energy_agrees_money_unknown"),
        (1000, 0, Metered(995 * KWH, 1.0), "agreed", "bill_energy_agrees_money_unknown"),
        (1000, 1_000_000, Metered(980 * KWH, 1.0, 1_000_000), "differs", "bill_energy_differs"),
        (1000, 1_000_000, Metered(980 * KWH, 0.98, 1_000_000), "agreed", "bill_agrees"),
        (1000, 1_000_000, Metered(1000 * KWH, 1.0, 900_000), "differs", "bill_money_differs"),
        (1000, 1_000_000, Metered(700 * KWH, 0.7, 1_000_000), "cannot_tell", "bill_too_little_known"),
        (1000, 1_000_000, Metered(1000 * KWH, 1.0, 0, 2), "cannot_tell", "bill_days_without_account"),
        (0, 0, Metered(0, 1.0, 0), "agreed", "bill_agrees"),
    ],
)
def test_a_bill_is_judged(billed_kwh: int, billed_e4: int, metered: Metered | None, verdict: str, code: str) -> None:
    found = reconcile(billed_kwh * KWH, billed_e4, metered)
    assert (found.verdict, found.reason.code) == (verdict, code)
    assert found.is_agreed == {"agreed": True, "differs": False}.get(verdict)


def test_what_it_agrees_within_is_both_meters_and_the_gap() -> None:
    found = reconcile(1000 * KWH, 0, Metered(1000 * KWH, 0.99, meter_class_pct=0.5), bill_class_pct=0.5)
    assert found.within_ws == round((0.5**2 * 2) ** 0.5 / 100 * 1000 * KWH + (1 / 0.99 - 1) * 1000 * KWH)
    assert (found.difference_ws, found.difference_e4, found.within_e4) == (0, None, None)
