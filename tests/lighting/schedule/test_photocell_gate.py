"""Lit periods at a photocell in nights in which their end comes before their beginning."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from lighting.assets.model import ControlProgram
from lighting.assets.notation import parse_anchor
from lighting.schedule.night import local_clock_ms
from lighting.schedule.photocell_gate import lit_by_gate
from lighting.schedule.sun import sun_of_night

HELSINKI = ("Europe/Helsinki", 60.17, 24.94)
MIDSUMMER, MIDWINTER = date(2026, 6, 21), date(2026, 12, 21)


@pytest.mark.parametrize(
    ("lit_from", "lit_until", "night", "lit"),
    [
        # At midsummer the sun sets at 22:50: what a storm asks for before 21:00 is lit, the night after it is not.
        ("photocell", "21:00", MIDSUMMER, ["15:00", "20:59"]),
        ("photocell", "21:00", MIDWINTER, ["15:00", "20:59"]),
        ("22:00", "earlier of photocell and 21:00", MIDWINTER, []),
        ("later of photocell and 22:00", "photocell", MIDWINTER, ["23:00", "04:00"]),
    ],
)
def test_a_night_whose_end_comes_first(lit_from: str, lit_until: str, night: date, lit: list[str]) -> None:
    times = ["15:00", "20:59", "21:30", "23:00", "04:00"]
    minutes = [int(text[:2]) * 60 + int(text[3:]) for text in times]
    at_ms = np.array([local_clock_ms(night, minute, HELSINKI[0]) for minute in minutes], dtype=np.int64)
    program = ControlProgram("p", "", parse_anchor(lit_from), parse_anchor(lit_until))
    sun = sun_of_night(night, *HELSINKI, -0.833)
    found = lit_by_gate(program, sun, HELSINKI[0], at_ms, np.ones(at_ms.shape, dtype=np.bool_))
    assert [time for time, is_lit in zip(times, found.tolist(), strict=True) if is_lit] == lit
    by_day = lit_by_gate(program, sun, HELSINKI[0], at_ms[:1], np.zeros(1, dtype=np.bool_))
    assert not by_day.any()
