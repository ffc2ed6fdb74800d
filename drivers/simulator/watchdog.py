"""The device's own watch over its master: how long it has heard nothing, and whether that was too long."""

from __future__ import annotations

from collections.abc import Callable

from drivers.profile import Point, Profile
from drivers.quantity import Quantity
from drivers.simulator.raw_values import Value


class Watchdog:
    """Runs out once, when nothing has fed it for its time, and starts again with the next feed.

    ``now_s`` are the seconds that it counts. It starts with the device: a master that never came is lost, too.
    """

    def __init__(self, profile: Profile, now_s: Callable[[], float]) -> None:
        failsafe = profile.failsafe
        self._now_s = now_s
        self._fed_by = failsafe.fed_by
        self._fed_point = failsafe.fed_point
        self._setting = None if failsafe.watchdog is None else _setting(profile, failsafe.watchdog)
        self._fixed_s = failsafe.watchdog_s
        self._off_raw = failsafe.watchdog_off_raw
        self._fed_at_s = now_s()
        self.is_out = False
        self.expiry_count = 0

    def restart(self) -> None:
        """The device has booted."""
        self._feed()

    def hear_request(self) -> None:
        """Some request has come to the device."""
        if self._fed_by in ("any_request", "unknown"):
            self._feed()

    def hear_write(self) -> None:
        """A write was taken."""
        if self._fed_by == "write":
            self._feed()

    def hear_point(self, name: str) -> None:
        """That point was read or written."""
        if self._fed_by == "register" and name == self._fed_point:
            self._feed()

    def _feed(self) -> None:
        self._fed_at_s = self._now_s()
        self.is_out = False

    def runs_out(self, value_of: Callable[[Point], Value]) -> bool:
        """Whether it has run out since it was last asked."""
        time_s = self._time_s(value_of)
        if self.is_out or self._fed_by == "none" or time_s is None or self._now_s() - self._fed_at_s <= time_s:
            return False
        self.is_out = True
        self.expiry_count += 1
        return True

    def _time_s(self, value_of: Callable[[Point], Value]) -> float | None:
        """Its time in seconds; None while it is off, or where the profile knows of none."""
        point = self._setting
        if point is None:
            return self._fixed_s
        value = value_of(point)
        if not isinstance(value, float | int):
            return None
        raw = round((value - float(point.offset)) / float(point.scale))
        return None if value <= 0.0 or raw in self._off_raw else float(value)


def _setting(profile: Profile, quantity: Quantity) -> Point | None:
    """The watchdog's setting: the whole device's, or its only one."""
    return profile.point(quantity) or next((p for p in profile.points if p.quantity is quantity), None)
