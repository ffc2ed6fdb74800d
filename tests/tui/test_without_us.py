"""The dashboard says which circuits would not stay lit without us."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from lighting.assets.failsafe import VERDICTS, CauseEffect, Effect, Verdict
from lighting.desk.answers import CircuitWithoutUs, WithoutUsAnswer
from tests.tui.fake_desk import NOW_MS, FakeDesk
from tests.tui.look import go, opened, screen_lines, screen_text

READ_MS = NOW_MS - 6 * 3_600_000


def alone(verdict: Verdict, effect: Effect) -> CircuitWithoutUs:
    return CircuitWithoutUs(
        verdict=verdict,
        level_pct=effect.level_pct,
        should_pct=100.0,
        floor_pct=30.0,
        effects=tuple(CauseEffect(cause, effect) for cause in ("lost_master", "lost_lamp_bus", "power_return")),
        watchdog_s=300.0,
        fed_by="any_request",
        fallback="none",
        exception=None,
        read_ms=READ_MS,
        verified=True,
        commissioned=True,
        drifted=(),
        changes=(),
    )


async def test_the_overview_counts_who_would_go_dark() -> None:
    desk = FakeDesk(100)
    found: dict[Verdict, int] = dict.fromkeys(VERDICTS, 0)
    desk.without_us = WithoutUsAnswer({**found, "stays_lit": 90, "goes_dark": 7, "unknown": 3}, (), 50, 0)
    async with opened(desk, size=(160, 50)) as (app, _):
        assert "7 dark without us   3 unsure without us" in screen_lines(app)[3]


@pytest.mark.parametrize(
    ("verdict", "effect", "said"),
    [
        ("lit_day_and_night", Effect("lit", 100.0), "without us: lit at 100 % day and night"),
        ("goes_dark", Effect("hold"), "without us: DARK (master silent: hold, supply returns: hold)"),
        ("unknown", Effect("unknown"), "without us: unknown (master silent: unknown"),
    ],
)
async def test_a_circuit_says_what_it_would_do_and_when_that_was_read(
    verdict: Verdict, effect: Effect, said: str
) -> None:
    desk = FakeDesk(20)
    desk.alone = alone(verdict, effect)
    async with opened(desk, size=(160, 50)) as (app, pilot):
        await go(pilot, "2", "enter")
        line = next(line for line in screen_lines(app) if "without us" in line)
        assert said in line
        assert "12:42" in line
        assert all(cell_len(line) <= 160 for line in screen_lines(app))
        assert "desired" in screen_text(app)
