"""The shapes of ``baseline.toml``, ``baseline_hours.csv`` and ``supplies.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from lighting.assets import notation
from lighting.assets.baseline import MeterClass, ReferenceSource, SupplyKind, WattsBasis, WattsOf
from lighting.assets.shapes import Date, Id, Shape, Words, in_notation

Lux = Annotated[float, Field(ge=1, le=400)]
"""Within what the clear-sky relation of ``lighting.energy.sky_light`` covers, from night to sunrise."""
Elevation = Annotated[float, Field(ge=-12, le=6)]
Instant = Annotated[int, in_notation(notation.parse_instant)]
DateOrNothing = Annotated[str, in_notation(lambda text: text and notation.parse_date(text))]
ErrorPercent = Annotated[float, Field(ge=0, le=50)]
Lamps = Annotated[float, Field(gt=0, le=10_000_000)]
Kwh = Annotated[float, Field(ge=0, le=1e12)]
SignedKwh = Annotated[float, Field(ge=-1e12, le=1e12)]


class SwitchingTable(Shape):
    on_lx: Lux | None = None
    off_lx: Lux | None = None
    on_elevation_deg: Elevation | None = None
    off_elevation_deg: Elevation | None = None
    logged: bool = False
    error_min: Annotated[float, Field(ge=0, le=120)] = 10.0
    source: Words = ""


class WattsTable(Shape):
    luminaire_type: Id
    of: WattsOf = "present"
    basis: WattsBasis = "nameplate"
    tolerance_pct: ErrorPercent = 5.0
    sample_size: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    mean_w: Annotated[float, Field(gt=0, le=100_000)] | None = None
    standard_deviation_w: Annotated[float, Field(ge=0, le=100_000)] | None = None
    date: DateOrNothing = ""
    instrument: Words = ""
    by: Words = ""


class MeterTable(Shape):
    meter_class: MeterClass = Field(default="1", alias="class")


class MeterOfDeviceTable(Shape):
    device: Id
    meter_class: MeterClass = Field(alias="class")


class ModelTable(Shape):
    error_pct: ErrorPercent = 5.0


class AdjustmentTable(Shape):
    date: Date
    signed_by: Words
    reason: Words
    kwh: SignedKwh | None = None
    kwh_per_year: SignedKwh | None = None
    lamps: Annotated[int, Field(ge=-10_000_000, le=10_000_000)] | None = None
    lamp_w: Annotated[float, Field(gt=0, le=100_000)] | None = None
    until: DateOrNothing = ""


class ReferencePeriodTable(Shape):
    from_day: Date = Field(alias="from")
    to_day: Date = Field(alias="to")
    kwh: Kwh
    lamps: Lamps | None = None
    installed_kw: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    source: ReferenceSource = "bill"
    number: Words = ""


class ReferenceTable(Shape):
    error_pct: ErrorPercent | None = None
    periods: tuple[ReferencePeriodTable, ...] = ()


class BaselineFile(Shape):
    format: Literal[1]
    switching: SwitchingTable = SwitchingTable()
    watts: tuple[WattsTable, ...] = ()
    meter: MeterTable = MeterTable()
    meters: tuple[MeterOfDeviceTable, ...] = ()
    model: ModelTable = ModelTable()
    adjustments: tuple[AdjustmentTable, ...] = ()
    reference: ReferenceTable = ReferenceTable()


class LoggedHoursRow(Shape):
    on: Instant
    off: Instant


class SupplyRow(Shape):
    id: Id
    name: Words = ""
    kind: SupplyKind = "metered"
    tariff: Words = ""


NEEDED_OF_BASELINE: Mapping[str, object] = {
    "class": "1",
    "date": "2000-01-01",
    "device": "-",
    "from": "2000-01-01",
    "kwh": 1.0,
    "luminaire_type": "-",
    "reason": "-",
    "signed_by": "-",
    "to": "2000-01-01",
}
"""What stands for a wrong value of a key that ``baseline.toml`` must have, while the rest of it is checked."""
