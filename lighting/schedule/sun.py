"""The sun of one lighting night, or of many: sunrise, sunset, the twilights and the site's own dusk and dawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lighting.assets.model import SunEvent
from lighting.schedule.night import night_span_ms
from lighting.schedule.sun_crossings import NONE_MS
from lighting.schedule.sun_events import (
    ALL_ELEVATIONS_DEG,
    Crossings,
    SunState,
    elevation_deg,
    events,
    is_dark,
)

__all__ = [
    "NONE_MS",
    "Crossings",
    "NightSun",
    "SunState",
    "ThresholdNight",
    "elevation_deg",
    "events",
    "is_dark",
    "sun_of_night",
    "sun_table",
    "suns_of_nights",
    "thresholds_of_nights",
]

_THRESHOLD_OF: Mapping[str, int] = {
    "sunrise": 0,
    "sunset": 0,
    "civil_dawn": 1,
    "civil_dusk": 1,
    "nautical_dawn": 2,
    "nautical_dusk": 2,
    "astronomical_dawn": 3,
    "astronomical_dusk": 3,
    "dawn": 4,
    "dusk": 4,
}
RISING_EVENTS: frozenset[str] = frozenset({"sunrise", "civil_dawn", "nautical_dawn", "astronomical_dawn", "dawn"})


@dataclass(frozen=True, slots=True)
class ThresholdNight:
    """One threshold in one night: rises and sets in order of time (UTC ms), and where the sun is at both ends."""

    elevation_deg: float
    rises_ms: tuple[int, ...]
    sets_ms: tuple[int, ...]
    begins_under: bool
    ends_under: bool
    state: SunState

    @property
    def set_ms(self) -> int | None:
        """The first set: the evening's."""
        return self.sets_ms[0] if self.sets_ms else None

    @property
    def rise_ms(self) -> int | None:
        """The last rise: the morning's."""
        return self.rises_ms[-1] if self.rises_ms else None

    def under(self, at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether the sun is under the threshold at instants of this night, by its crossings alone.

        So one instant has one answer, with whichever others it is asked about.
        """
        sets, rises = (np.array(sorted(times), dtype=np.int64) for times in (self.sets_ms, self.rises_ms))
        gone_down, come_up = (np.searchsorted(times, at_ms, side="right") for times in (sets, rises))
        return np.asarray(int(self.begins_under) + gone_down - come_up > 0, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class NightSun:
    """The sun of a lighting night at one place. Times are UTC milliseconds, None where the sun does not cross.

    ``thresholds`` are, in this order, those of sunrise, civil, nautical and astronomical twilight, and the site's dusk.
    """

    night: date
    start_ms: int
    end_ms: int
    thresholds: tuple[ThresholdNight, ThresholdNight, ThresholdNight, ThresholdNight, ThresholdNight]

    @property
    def sunset_ms(self) -> int | None:
        return self.thresholds[0].set_ms

    @property
    def sunrise_ms(self) -> int | None:
        return self.thresholds[0].rise_ms

    @property
    def civil_dusk_ms(self) -> int | None:
        return self.thresholds[1].set_ms

    @property
    def civil_dawn_ms(self) -> int | None:
        return self.thresholds[1].rise_ms

    @property
    def nautical_dusk_ms(self) -> int | None:
        return self.thresholds[2].set_ms

    @property
    def nautical_dawn_ms(self) -> int | None:
        return self.thresholds[2].rise_ms

    @property
    def astronomical_dusk_ms(self) -> int | None:
        return self.thresholds[3].set_ms

    @property
    def astronomical_dawn_ms(self) -> int | None:
        return self.thresholds[3].rise_ms

    @property
    def dusk_ms(self) -> int | None:
        return self.thresholds[4].set_ms

    @property
    def dawn_ms(self) -> int | None:
        return self.thresholds[4].rise_ms

    @property
    def state(self) -> SunState:
        """What the sun does against the horizon (sunrise and sunset)."""
        return self.thresholds[0].state

    def threshold_of(self, event: SunEvent) -> ThresholdNight:
        """Return the threshold that ``event`` crosses."""
        return self.thresholds[_THRESHOLD_OF[event]]

    def occurrences_ms(self, event: SunEvent) -> tuple[int, ...]:
        """Return every time of ``event`` in this night: none, one, or two."""
        threshold = self.threshold_of(event)
        return threshold.rises_ms if event in RISING_EVENTS else threshold.sets_ms


def sun_of_night(
    night: date, timezone: str, latitude_deg: float, longitude_deg: float, dusk_elevation_deg: float
) -> NightSun:
    """Return the sun of one lighting night; ``dusk_elevation_deg`` is the site's threshold of darkness."""
    return suns_of_nights([night], timezone, latitude_deg, longitude_deg, dusk_elevation_deg)[0]


def suns_of_nights(
    nights: Sequence[date], timezone: str, latitude_deg: float, longitude_deg: float, dusk_elevation_deg: float
) -> tuple[NightSun, ...]:
    """Return the sun of each lighting night at one place; all nights are worked out together."""
    if not nights:
        return ()
    spans = _spans_ms(nights, timezone)
    elevations = (*ALL_ELEVATIONS_DEG, dusk_elevation_deg)
    crossings = sun_table(nights, timezone, latitude_deg, longitude_deg, elevations)
    at_ends = elevation_deg(spans, latitude_deg, longitude_deg)

    def threshold(i: int, j: int) -> ThresholdNight:
        return _threshold(crossings, at_ends, elevations, i, j)

    return tuple(
        NightSun(
            night=night,
            start_ms=int(spans[i, 0]),
            end_ms=int(spans[i, 1]),
            thresholds=(threshold(i, 0), threshold(i, 1), threshold(i, 2), threshold(i, 3), threshold(i, 4)),
        )
        for i, night in enumerate(nights)
    )


def _threshold(
    crossings: Crossings, at_ends: NDArray[np.float64], elevations_deg: Sequence[float], i: int, j: int
) -> ThresholdNight:
    return ThresholdNight(
        elevation_deg=elevations_deg[j],
        rises_ms=_times(crossings.up_ms[0, i, j].tolist()),
        sets_ms=_times(crossings.down_ms[0, i, j].tolist()),
        begins_under=bool(at_ends[i, 0] < elevations_deg[j]),
        ends_under=bool(at_ends[i, 1] < elevations_deg[j]),
        state=SunState(int(crossings.state[0, i, j])),
    )


def thresholds_of_nights(
    nights: Sequence[date], timezone: str, latitude_deg: float, longitude_deg: float, elevations_deg: Sequence[float]
) -> tuple[tuple[ThresholdNight, ...], ...]:
    """Return other thresholds than those that every night has, for each night."""
    if not nights:
        return ()
    spans = _spans_ms(nights, timezone)
    crossings = sun_table(nights, timezone, latitude_deg, longitude_deg, tuple(elevations_deg))
    at_ends = elevation_deg(spans, latitude_deg, longitude_deg)
    return tuple(
        tuple(_threshold(crossings, at_ends, elevations_deg, i, j) for j in range(len(elevations_deg)))
        for i in range(len(nights))
    )


def sun_table(
    nights: Sequence[date],
    timezone: str,
    latitude_deg: ArrayLike,
    longitude_deg: ArrayLike,
    elevations_deg: tuple[float, ...] = ALL_ELEVATIONS_DEG,
) -> Crossings:
    """Return the crossings (n_places, n_nights, n_thresholds, 2) of many places in many lighting nights, in bulk."""
    spans = _spans_ms(nights, timezone)
    # A zone may have left out a whole day: such a night is empty and takes the sun of its single instant.
    ends = np.maximum(spans[:, 1], spans[:, 0] + 1)
    return events(spans[:, 0], ends, latitude_deg, longitude_deg, elevations_deg)


def _spans_ms(nights: Sequence[date], timezone: str) -> NDArray[np.int64]:
    return np.array([night_span_ms(night, timezone) for night in nights], dtype=np.int64).reshape(-1, 2)


def _times(values: Sequence[int]) -> tuple[int, ...]:
    return tuple(value for value in values if value != NONE_MS)
