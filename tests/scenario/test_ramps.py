"""A running controller dims as the plan says it would, also after what it was told has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lighting.schedule.instructions import Layer

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet, Street

LATE_S = 8 * 3600.0
"""Long after dusk: the main road is at 50 %."""
CIRCUIT = "C-0101"


def levels_since(street: Street, from_ms: int) -> list[float]:
    """What was decided for the circuit by its program since then."""
    key = street.store.keys.known("circuit")[CIRCUIT]
    found = street.store.history.decisions(key, from_ms, street.clock.now_ms())
    by_program = [change for change in found if change.at_ms >= from_ms and change.layer == Layer.PROGRAM]
    return [change.level_pct for change in by_program if change.level_pct is not None]


async def test_after_an_override_is_taken_off_the_street_dims_slowly(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=LATE_S, speed=20.0, tick_s=5.0)
    bright = street.record(Layer.OVERRIDE, CIRCUIT, level_pct=100.0)
    await street.start()
    await street.until(lambda: street.instruction_state(bright) == "confirmed")
    # Lamps that have just come on are at full power and come down by themselves: that must be over.
    await street.until(lambda: street.clock.now_ms() > (street.states()[CIRCUIT].on_since_ms or 0) + 90_000)
    released_ms = street.clock.now_ms()
    street.store.instructions.release(bright.id, at_ms=released_ms, by="operator", reason="over")
    await street.until(lambda: levels_since(street, released_ms)[-1:] == [50.0])
    await street.until(lambda: street.accepted(CIRCUIT) == 50.0)
    levels = levels_since(street, released_ms)
    assert levels == sorted(levels, reverse=True)
    assert any(55.0 < level < 95.0 for level in levels), "half a minute's way down, not one step"
