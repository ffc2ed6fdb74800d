"""How far a counter has gone on between two readings, and when that cannot be told."""

from __future__ import annotations

from drivers.profile import Point


def counter_advance(point: Point, before: int, after: int, restarted: bool) -> int | None:
    """Counts from the raw reading ``before`` to the raw reading ``after``, None where it cannot be told.

    ``restarted`` says that the device is known to have started anew between them. A reading that fell is a wrap where
    the device is known to keep its count; more than one wrap between two readings cannot be seen. After a reset by
    power loss only what was counted since is told: what came between ``before`` and the loss is gone with it.
    """
    modulus = counter_modulus(point)
    if not (0 <= before < modulus and 0 <= after < modulus):
        return None
    if point.counter_reset == "never":
        return (after - before) % modulus
    if point.counter_reset == "on_power_loss":
        return after if restarted else (after - before) % modulus
    return after - before if after >= before and not restarted else None


def counter_modulus(point: Point) -> int:
    """How many numbers the counter has: after the highest it goes on at 0."""
    return point.counter_wrap or 1 << (point.counter_bits or 16 * point.register_count)
