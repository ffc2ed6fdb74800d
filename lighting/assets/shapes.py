"""The shapes of a site folder's files: what each column and key may hold. Pydantic at the edge, frozen facts out.

A column's or key's name is the name of the fact's field; what is absent takes the fact's default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from lighting.assets import notation
from lighting.assets.model import (
    Anchor,
    CapacityBasis,
    ChannelRef,
    CurveKind,
    HardwareFallback,
    LampGroup,
    OutputCorrection,
    Place,
)
from lighting.assets.reports import ReportFormat, ReportLanguage
from lighting.assets.store_url import parse_store_url

SCHEMA_VERSION = 1
"""The version of the folder's format that this program reads and writes."""

NOTATION_ERROR = "notation"


def in_notation(parse: Callable[[str], object]) -> BeforeValidator:
    """A validator for a text in one of the small notations; its error carries the fact."""

    def validate(value: object) -> object:
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "not a text")
        try:
            return parse(value)
        except notation.NotationError as error:
            raise PydanticCustomError(NOTATION_ERROR, "{code}", {"code": error.fact.code, "fact": error.fact}) from None

    return BeforeValidator(validate)


def no_yes_or_no(value: object) -> object:
    """A number that is money: pydantic takes ``true`` for 1."""
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "not a number")
    return value


Id = Annotated[str, in_notation(notation.parse_id)]
ProfileId = Annotated[str, in_notation(notation.parse_profile_id)]
Words = Annotated[str, in_notation(notation.parse_words)]
StoreUrl = Annotated[str, in_notation(parse_store_url)]
Channel = Annotated[ChannelRef, in_notation(notation.parse_channel)]
Meter = Annotated[tuple[ChannelRef, ...], in_notation(notation.parse_meter)]
Lamps = Annotated[tuple[LampGroup, ...], in_notation(notation.parse_lamps)]
CurvePoints = Annotated[tuple[tuple[float, float], ...], in_notation(notation.parse_curve_points)]
When = Annotated[Anchor, in_notation(notation.parse_anchor)]
Date = Annotated[str, in_notation(notation.parse_date)]
Dates = Annotated[tuple[str, str], in_notation(notation.parse_dates)]
Weekday = Annotated[int, in_notation(notation.parse_weekday)]
Season = Annotated[tuple[tuple[int, int], tuple[int, int]], in_notation(notation.parse_season)]
NthWeekday = Annotated[tuple[int, int], in_notation(notation.parse_nth_weekday)]
InPlace = Annotated[Place, in_notation(notation.parse_place)]
Channels = Annotated[tuple[ChannelRef, ...], in_notation(notation.parse_channels)]
Ids = Annotated[tuple[str, ...], in_notation(notation.parse_ids)]
TimeOfDay = Annotated[int, in_notation(notation.parse_time_of_day)]
Currency = Annotated[str, in_notation(notation.parse_currency)]
Percent = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]
Watts = Annotated[float, Field(ge=0, le=1_000_000)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Price = Annotated[float, BeforeValidator(no_yes_or_no), Field(ge=0, le=1_000_000)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Shape(BaseModel):
    """Unknown keys are refused; no infinities, no NaN."""

    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, frozen=True, arbitrary_types_allowed=True, defer_build=True
    )

    def fields(self) -> dict[str, Any]:
        """The fields as they stand, for the fact of the same names."""
        return dict(self.__dict__)


class DistrictRow(Shape):
    id: Id
    name: Words = ""


class BusRow(Shape):
    id: Id
    url: Words
    ca: Words = ""
    certificate: Words = ""
    key: Words = ""
    peer_role: Words = ""


class CabinetRow(Shape):
    id: Id
    name: Words = ""
    district: Id
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    hardware_fallback: HardwareFallback = "none"
    local_input: Channel | None = None
    local_active: bool = True


class DeviceRow(Shape):
    id: Id
    cabinet: Id
    bus: Id
    unit_id: Annotated[int, Field(ge=1, le=247)]
    profile: ProfileId


class LuminaireTypeRow(Shape):
    id: Id
    name: Words = ""
    rated_w: Annotated[float, Field(gt=0, le=100_000)]
    standby_w: Watts = 0.0
    curve: CurveKind = "led"
    curve_points: CurvePoints = ()
    fixed_loss_share: Share = 0.05
    linear_share: Share = 0.9
    minimum_level_pct: Percent = 10.0
    lumens: Annotated[float, Field(ge=0, le=10_000_000)] = 0.0
    start_s: Seconds = 1.0
    warm_up_s: Seconds = 5.0
    restrike_s: Seconds = 0.0
    min_on_s: Seconds = 0.0
    min_off_s: Seconds = 0.0
    output_correction: OutputCorrection = "none"
    output_points: CurvePoints = ()
    legacy_w: Watts | None = None


class CircuitRow(Shape):
    id: Id
    cabinet: Id
    name: Words = ""
    road: Words = ""
    district: Words = ""
    program: Id
    luminaires: Lamps
    dimmer: Channel | None = None
    relay: Channel | None = None
    meter: Meter = ()
    design_class: Words = ""
    lowest_class: Words = ""
    maintained_level: Annotated[float, Field(gt=0, le=1000)] | None = None
    never_dim: bool = False
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    traffic_section: Words = ""
    burning_h: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    length_m: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    width_m: Annotated[float, Field(gt=0, le=1_000)] | None = None
    area_m2: Annotated[float, Field(gt=0, le=1e9)] | None = None
    maintained_lx: Annotated[float, Field(gt=0, le=1000)] | None = None
    supply: Words = ""


class PermanentLoadRow(Shape):
    meter: Meter
    name: Words
    power_w: Watts


class FailsafeExceptionRow(Shape):
    circuit: Id | None = None
    cabinet: Id | None = None
    signed_by: Words
    date: Date
    reason: Words
    until: Date | None = None


class GroupRow(Shape):
    group: Id
    circuit: Id


class TrafficSectionRow(Shape):
    id: Id
    name: Words = ""
    basis: CapacityBasis
    capacity_veh_h: Annotated[float, Field(gt=0, le=100_000)]
    lanes: Annotated[int, Field(ge=1, le=20)] = 1
    multilane: bool = False
    counters: Channels = ()
    pulses_per_vehicle: Annotated[float, Field(gt=0, le=1000)] = 1.0
    tied_to: Ids = ()
    most_steps_down: Annotated[int, Field(ge=0, le=5)] = 2


class PhotocellRow(Shape):
    id: Id
    district: Id
    channel: Channel
    on_lx: Annotated[float, Field(gt=0, le=10_000)] = 35.0
    off_lx: Annotated[float, Field(gt=0, le=10_000)] = 70.0
    agree_s: Annotated[float, Field(ge=0, le=3600)] = 120.0
    latest_elevation_deg: Annotated[float, Field(ge=-6, le=-0.833)] = -6.0


class SiteTable(Shape):
    id: Id
    name: Words
    timezone: Words
    latitude_deg: Latitude
    longitude_deg: Longitude


class StoreTable(Shape):
    url: StoreUrl = ""


class ControlTable(Shape):
    tick_s: Annotated[float, Field(ge=1, le=300)] = 10.0
    poll_s: Annotated[float, Field(ge=1, le=86_400)] = 60.0
    slow_poll_s: Annotated[float, Field(ge=1, le=86_400)] = 600.0
    dusk_elevation_deg: Annotated[float, Field(ge=-6, le=-0.833)] = -0.833
    floor_level_pct: Percent = 30.0
    night_safe_level_pct: Percent = 100.0
    dead_band_pct: Annotated[float, Field(ge=0, le=10)] = 1.0
    contactor_stagger_s: Annotated[float, Field(ge=0, le=60)] = 1.0
    fade_off: bool = False
    override_default_s: Annotated[float, Field(ge=60, le=86_400)] = 7200.0
    watchdog_s: Annotated[float, Field(ge=1, le=86_400)] = 300.0
    stale_after_polls: Annotated[float, Field(ge=1, le=100)] = 3.0
    ramp_down_s: Annotated[float, Field(ge=0, le=600)] = 60.0
    dusk_stagger_s: Annotated[float, Field(ge=0, le=1800)] | None = None
    confirm_off_share_pct: Percent = 5.0
    spool_limit_mb: Annotated[float, Field(ge=1, le=100_000)] = 256.0


Days = Annotated[int, Field(ge=0, le=36_525)]


class RetentionTable(Shape):
    readings_days: Days = 400
    hours_days: Days = 1830
    days_days: Days = 0


class UserTable(Shape):
    id: Id
    name: Words = ""
    role: Literal["viewer", "crew", "operator"] = "crew"
    below_floor: bool = False


class ReportsTable(Shape):
    monthly: bool = False
    folder: Words = "reports"
    formats: Annotated[tuple[ReportFormat, ...], Field(min_length=1)] = ("html", "xlsx")
    languages: Annotated[tuple[ReportLanguage, ...], Field(min_length=1)] = ("en",)
    baseline: Literal["same_lamps_full_power", "lamps_before", "metered_reference"] = "same_lamps_full_power"


class SiteFile(Shape):
    schema_version: Literal[1]
    site: SiteTable
    store: StoreTable = StoreTable()
    control: ControlTable = ControlTable()
    retention: RetentionTable = RetentionTable()
    reports: ReportsTable = ReportsTable()
    users: tuple[UserTable, ...] = ()


class StepTable(Shape):
    at: When
    level_pct: Percent | None = None
    part_night: bool = False
    lighting_class: Words = ""
    adaptive: bool = False
    ramp_s: Annotated[float, Field(ge=0, le=7200)] | None = None


class ProgramTable(Shape):
    description: Words = ""
    extends: Id | None = None
    lit_from: When | None = None
    lit_until: When | None = None
    steps: tuple[StepTable, ...] | None = None


class ProgramsFile(Shape):
    schema_version: Literal[1]
    programs: dict[Id, ProgramTable]


class HolidaysTable(Shape):
    country: Words = ""
    region: Words = ""
    added: tuple[Date, ...] = ()
    removed: tuple[Date, ...] = ()


class RuleTable(Shape):
    name: Words
    use: dict[Words, Id]
    dates: tuple[Dates, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    holidays: bool = False
    seasons: tuple[Season, ...] = ()
    nth_weekdays: tuple[NthWeekday, ...] = ()
    places: tuple[InPlace, ...] = ()


class CalendarFile(Shape):
    schema_version: Literal[1]
    holidays: HolidaysTable = HolidaysTable()
    rules: tuple[RuleTable, ...] = ()


class PeriodTable(Shape):
    name: Words = ""
    weekdays: tuple[Weekday, ...] = ()
    # ``from`` is a word of Python's own.
    from_minutes: TimeOfDay = Field(default=0, alias="from")
    until_minutes: TimeOfDay = Field(default=1440, alias="until")
    price_per_kwh: Price


class CarbonTable(Shape):
    g_per_kwh: Annotated[float, Field(ge=0, le=5_000)]
    source: Words
    year: Annotated[int, Field(ge=1990, le=2200)]


class TariffFile(Shape):
    format: Literal[1]
    currency: Currency
    price_per_kwh: Price
    periods: tuple[PeriodTable, ...] = ()
    co2: CarbonTable | None = None


def columns_of(shape: type[Shape]) -> tuple[str, ...]:
    """The columns that a table of that shape may have."""
    return tuple(shape.model_fields)


def required_columns(shape: type[Shape]) -> tuple[str, ...]:
    """The columns that a table of that shape must have."""
    return tuple(name for name, field in shape.model_fields.items() if field.is_required())
