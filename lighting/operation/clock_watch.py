"""Whether the clock is to be believed: pure logic on times that are given to it.

A clock is doubted when it is earlier than the newest time stored while it was trusted, when it was stepped by more
than two minutes between two looks, or when it was never synchronised since a recent boot (where the system can tell).
While it is doubted the street is lit fully, so a false doubt costs energy and a missed one costs light.
"""

from __future__ import annotations

from dataclasses import dataclass

from lighting.assets.fact import Fact

STEP_LIMIT_S = 120.0
"""A step of more than this, in seconds of the machine's clock, is not believed."""

STEADY_S = 600.0
"""How long a synchronised clock must run evenly after a step before it is believed again."""

BOOT_GRACE_S = 900.0
"""An unsynchronised clock is doubted only this long after boot: a machine without a time service must not burn
for ever.
"""


@dataclass(frozen=True, slots=True)
class ClockLook:
    """One look at the clocks. ``synchronised`` and ``boot_age_s`` are None where the system cannot tell."""

    now_ms: int
    monotonic_s: float
    synchronised: bool | None = None
    boot_age_s: float | None = None


class ClockWatch:
    """Follows the site's clock beside the monotonic one. ``speed`` is site seconds a real second.

    ``doubt`` is None while the clock is trusted; ``trusted_ms`` is the newest time seen while it was.
    """

    def __init__(self, *, newest_trusted_ms: int | None, speed: float = 1.0) -> None:
        self._speed = speed
        self._limit_ms = STEP_LIMIT_S * 1000 * max(1.0, speed)
        self._anchor: tuple[int, float] | None = None
        self._steady: tuple[int, float] | None = None
        self._ever_synchronised = False
        self.trusted_ms = newest_trusted_ms
        self.doubt: Fact | None = None

    def look(self, look: ClockLook) -> Fact | None:
        """Take a look at the clocks; returns the doubt that stands after it, or None."""
        self._ever_synchronised = self._ever_synchronised or look.synchronised is True
        self.doubt = self._judge(look)
        if self.doubt is None:
            self._anchor = (look.now_ms, look.monotonic_s)
            self._steady = None
            self.trusted_ms = max(look.now_ms, self.trusted_ms or look.now_ms)
        return self.doubt

    def _judge(self, look: ClockLook) -> Fact | None:
        if self._anchor is None:
            return self._earlier(look) or self._never_synchronised(look)
        step_ms = look.now_ms - self._projected(self._anchor, look)
        if abs(step_ms) <= self._limit_ms:
            return self._never_synchronised(look)
        if self._steady_again(look):
            self.trusted_ms = look.now_ms
            return None
        return Fact("clock_stepped", {"step_s": round(step_ms / 1000), "clock_ms": look.now_ms})

    def _earlier(self, look: ClockLook) -> Fact | None:
        """Before the first trusted look only the store knows better."""
        if self.trusted_ms is None or look.now_ms >= self.trusted_ms or self._steady_again(look):
            return None
        return Fact("clock_earlier_than_stored", {"clock_ms": look.now_ms, "stored_ms": self.trusted_ms})

    def _never_synchronised(self, look: ClockLook) -> Fact | None:
        if look.synchronised is not False or self._ever_synchronised:
            return None
        if look.boot_age_s is None or look.boot_age_s >= BOOT_GRACE_S:
            return None
        return Fact("clock_never_synchronised", {"boot_age_s": round(look.boot_age_s)})

    def _projected(self, anchor: tuple[int, float], look: ClockLook) -> float:
        return anchor[0] + (look.monotonic_s - anchor[1]) * 1000 * self._speed

    def _steady_again(self, look: ClockLook) -> bool:
        """Whether the doubted clock has run evenly, synchronised, for ten minutes since its last step."""
        uneven = self._steady is None or abs(look.now_ms - self._projected(self._steady, look)) > self._limit_ms
        if self._steady is None or uneven or look.synchronised is not True:
            self._steady = (look.now_ms, look.monotonic_s)
            return False
        if look.monotonic_s - self._steady[1] < STEADY_S:
            return False
        self.trusted_ms = look.now_ms
        return True
