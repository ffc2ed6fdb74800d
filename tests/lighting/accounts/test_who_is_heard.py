"""What one circuit reports says nothing of the light of another; what a meter shows to be lit was delivered."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from lighting.accounts.day_builder import DayBuilder
from lighting.store.account_days import AccountOfDay
from tests.lighting.accounts.conftest import DAY, HOUR_MS, LIT, UNLIT, Layer, Past, local_ms

NOTHING = (float("nan"), 2)
NIGHT = (("2026-11-19T17:30", 100.0, Layer.PROGRAM), ("2026-11-20T06:20", 0.0, Layer.PROGRAM))
EVENING = (("2026-11-20T17:30", 100.0, Layer.PROGRAM), ("2026-11-20T20:00", 40.0, Layer.OVERRIDE))
W_HOUR_WS = 3_600


def built(past: Past, day: date = DAY) -> AccountOfDay:
    found = DayBuilder(past.store).build(day)
    assert found is not None
    return found


def of_all_but(past: Past, found: AccountOfDay, circuit: str) -> dict[str, list[object]]:
    others = found.subject_key != past.circuits[circuit]
    account = found.account
    return {
        "worlds": account.worlds_ws[:, others].tolist(),
        "undelivered": account.undelivered_lamp_ms[others].tolist(),
        "lit": account.lit_lamp_ms[others].tolist(),
        "known": account.known_ms[others].tolist(),
    }


def undelivered_h(past: Past, found: AccountOfDay, circuit: str) -> float:
    row = found.subject_key.tolist().index(past.circuits[circuit])
    return float(found.account.undelivered_lamp_ms[row]) / HOUR_MS / past.site.circuits[circuit].lamp_count


HISTORIES = {
    "lit all night": (("2026-11-20T00:00", 100.0, LIT), ("2026-11-20T06:20", 0.0, UNLIT)),
    "for an hour": (("2026-11-20T18:30", 100.0, LIT), ("2026-11-20T19:30", *NOTHING)),
    "dark": (("2026-11-20T00:00", 0.0, UNLIT),),
}


@pytest.mark.parametrize("told", HISTORIES)
@pytest.mark.parametrize("decided", [(), ("C-0102",), ("C-0101", "C-0102", "C-0103")], ids=len)
def test_reports_of_one_circuit_change_nothing_of_another(past: Past, decided: tuple[str, ...], told: str) -> None:
    for channel, watts in (("CB01-M:L1", 2_600), ("CB01-M:L2", 540), ("CB01-M:L3", 1_200)):
        past.meter(channel, DAY, [watts * W_HOUR_WS if hour < 6 or hour > 17 else 18 for hour in range(24)])
    for circuit in decided:
        past.decide(circuit, *NIGHT, *EVENING)
    if decided != ("C-0101", "C-0102", "C-0103"):
        past.report("C-0102", DAY, ("2026-11-20T03:00", 100.0, LIT), ("2026-11-20T05:00", *NOTHING))
    before = built(past)
    past.report("C-0103", DAY, *HISTORIES[told])
    after = built(past)
    assert of_all_but(past, before, "C-0103") == of_all_but(past, after, "C-0103")
    assert before.account.undelivered_lamp_ms.sum() == 0 or "C-0102" in decided
    on_l1 = after.kind == 1
    assert int(after.account.of_world("metered")[on_l1].sum()) == 12 * 2_600 * W_HOUR_WS + 12 * 18


@pytest.mark.parametrize(("watts", "hours"), [(540, 0.0), (120, 0.0), (0, 2.0)])
def test_what_its_meter_shows_to_be_lit_is_delivered_though_the_device_is_silent(
    past: Past, watts: int, hours: float
) -> None:
    for circuit in ("C-0101", "C-0102"):
        past.decide(circuit, *NIGHT)
    past.meter("CB01-M:L2", DAY, [watts * W_HOUR_WS if 2 <= hour < 4 else 540 * W_HOUR_WS for hour in range(24)])
    past.report("C-0101", DAY, ("2026-11-20T00:00", 100.0, LIT), ("2026-11-20T06:20", 0.0, UNLIT))
    past.report(
        "C-0102",
        DAY,
        ("2026-11-20T00:00", 100.0, LIT),
        ("2026-11-20T02:00", *NOTHING),
        ("2026-11-20T04:00", 100.0, LIT),
        ("2026-11-20T06:20", 0.0, UNLIT),
    )
    assert undelivered_h(past, built(past), "C-0102") == hours


def test_a_report_of_dark_stands_against_a_shared_meter_but_not_against_its_own(past: Past) -> None:
    dark = (("2026-11-20T00:00", 100.0, LIT), ("2026-11-20T02:00", 0.0, UNLIT), ("2026-11-20T04:00", 100.0, LIT))
    for circuit, channel in (("C-0101", "CB01-M:L1"), ("C-0102", "CB01-M:L2")):
        past.decide(circuit, *NIGHT)
        past.meter(channel, DAY, [past.site.circuits[circuit].lamp_count * 90 * W_HOUR_WS] * 24)
        past.report(circuit, DAY, *dark, ("2026-11-20T06:20", 0.0, UNLIT))
    found = built(past)
    assert undelivered_h(past, found, "C-0102") == 0.0
    assert undelivered_h(past, found, "C-0101") == 2.0
    row = found.subject_key.tolist().index(past.circuits["C-0102"])
    actual, burned_ms = found.account.of_world("actual")[row], local_ms("2026-11-20T06:20") - found.start_ms
    assert np.isclose(actual, 540 * burned_ms / 1000, rtol=1e-3)
