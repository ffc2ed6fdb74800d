"""What a saving is measured against, as a city states it in ``baseline.toml``: facts, free of any file format.

Terms are those of IPMVP (Core Concepts, EVO): option A stipulates the hours and rests on stated watts, option C adjusts
a metered reference period; routine adjustments follow what varies by itself (night length, installed lamps), non-
routine ones are dated, signed and given a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WattsOf = Literal["present", "legacy"]
"""Whose watts a statement is about: the lamps of ``rated_w``, or those before them, of ``legacy_w``."""
WattsBasis = Literal["sample", "nameplate"]
MeterClass = Literal["0.2S", "0.5S", "0.5", "1", "2", "A", "B", "C"]
"""Accuracy of active energy: 0.2S, 0.5S (IEC 62053-22), 0.5, 1, 2 (IEC 62053-21), A, B, C (EN 50470-3)."""
SupplyKind = Literal["metered", "unmetered"]
ReferenceSource = Literal["bill", "meter"]

DEFAULT_ON_LX, DEFAULT_OFF_LX = 35.0, 70.0


@dataclass(frozen=True, slots=True)
class SwitchingPoint:
    """When the lamps of the baseline switch on and off; a photocell of 35/70 lx where nobody says otherwise.

    Either the two elevations of the sun are set, or the two illuminances; ``is_logged`` takes the logged hours, and
    where the log does not reach, the elevations at which it switched. ``error_min`` is the standard error of the hours
    of a night in minutes, the same way in every night; ``source`` is where the point is written.
    """

    on_lx: float | None = DEFAULT_ON_LX
    off_lx: float | None = DEFAULT_OFF_LX
    on_elevation_deg: float | None = None
    off_elevation_deg: float | None = None
    is_logged: bool = False
    error_min: float = 10.0
    source: str = ""


@dataclass(frozen=True, slots=True)
class LitSpan:
    """One logged night: when the lamps were switched on and off, UTC ms."""

    on_ms: int
    off_ms: int


@dataclass(frozen=True, slots=True)
class StatedWatts:
    """What the watts of one luminaire type rest on.

    A sample has its size, mean, standard deviation, date, instrument and who measured; a nameplate the tolerance of its
    maker, ± ``tolerance_pct``, within which any value is as likely.
    """

    luminaire_type: str
    of: WattsOf = "present"
    basis: WattsBasis = "nameplate"
    tolerance_pct: float = 5.0
    sample_size: int = 0
    mean_w: float | None = None
    standard_deviation_w: float | None = None
    date: str = ""
    instrument: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class MeterOfDevice:
    """The accuracy class of one device's meter."""

    device: str
    meter_class: MeterClass


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A non-routine adjustment of the baseline, from ``date`` (ISO, local) on, signed and with its reason.

    One of: ``kwh``, once, in the span that holds the date; ``kwh_per_year``, for every day from the date on;
    ``lamps`` of ``lamp_w`` each, for the baseline's hours from the date on. More than 0 raises the baseline. Lamps of
    the site's own tables are counted as they change and belong to no adjustment. ``until`` (included) may be empty.
    """

    date: str
    signed_by: str
    reason: str
    kwh: float | None = None
    kwh_per_year: float | None = None
    lamps: int | None = None
    lamp_w: float | None = None
    until: str = ""


@dataclass(frozen=True, slots=True)
class ReferencePeriod:
    """Metered energy before the saving began; both dates (ISO, local) included, with what was installed then."""

    from_day: str
    to_day: str
    kwh: float
    lamps: float | None = None
    installed_kw: float | None = None
    source: ReferenceSource = "bill"
    number: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference periods of option C. ``error_pct``: the standard error of the adjusted baseline, where stated."""

    periods: tuple[ReferencePeriod, ...] = ()
    error_pct: float | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """All of it; ``is_stated`` is False where the site says nothing and everything is a default.

    ``model_error_pct`` is the standard error of energy that is modelled from levels and lamps, in percent.
    """

    switching: SwitchingPoint = SwitchingPoint()
    watts: tuple[StatedWatts, ...] = ()
    meter_class: MeterClass = "1"
    meters: tuple[MeterOfDevice, ...] = ()
    model_error_pct: float = 5.0
    adjustments: tuple[Adjustment, ...] = ()
    reference: Reference = Reference()
    logged: tuple[LitSpan, ...] = ()
    is_stated: bool = False

    def watts_of(self, luminaire_type: str, of: WattsOf) -> StatedWatts | None:
        """What the watts of a type rest on, or None where nobody says."""
        return next((one for one in self.watts if (one.luminaire_type, one.of) == (luminaire_type, of)), None)

    def class_of(self, device: str) -> MeterClass:
        """The accuracy class of a device's meter."""
        return next((one.meter_class for one in self.meters if one.device == device), self.meter_class)


@dataclass(frozen=True, slots=True)
class Supply:
    """A point of supply, as the utility bills it: metered, or unmetered (inventory times hours)."""

    id: str
    name: str
    kind: SupplyKind = "metered"
    tariff: str = ""
