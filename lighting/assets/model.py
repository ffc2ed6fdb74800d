"""The facts of a site: frozen, checked, and free of any file format. Everything above reads these.

Text ids are what a city writes in its tables; the store gives each a small integer key of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from drivers.profile import Profile
from lighting.assets.baseline import Baseline, Supply
from lighting.assets.reports import ReportSettings
from lighting.assets.tariff import CarbonFactor as CarbonFactor
from lighting.assets.tariff import Tariff as Tariff
from lighting.assets.tariff import TariffPeriod as TariffPeriod

SunEvent = Literal[
    "sunrise",
    "sunset",
    "civil_dawn",
    "civil_dusk",
    "nautical_dawn",
    "nautical_dusk",
    "astronomical_dawn",
    "astronomical_dusk",
    "dawn",
    "dusk",
]
"""``dawn`` and ``dusk`` are the crossings of the site's own ``dusk_elevation_deg``."""

HardwareFallback = Literal["none", "photocell", "astronomical_switch", "normally_closed_contact"]
CurveKind = Literal["led", "table", "none"]
OutputCorrection = Literal["none", "driver", "controller"]
"""Who makes constant light output of a luminaire type: nobody, its driver (we then send nothing), or we. Never two."""

CapacityBasis = Literal["uni_11248", "cen_13201"]
"""What a section's flow is compared with: the worst lane with one lane's service flow, or the sum with the
carriageway's
capacity. The two are never mixed."""

ScopeKind = Literal["circuit", "cabinet", "district", "road", "group", "area"]
"""What an instruction or a rule may be about. An ``area`` is a circle, written ``LATITUDE,LONGITUDE,RADIUS_M``."""
LEAST_STAGGER_S = 1.0
"""Between two contactors of a cabinet: the inrush of the first must be over before the next closes."""


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """``device:channel`` as written in a table."""

    device: str
    channel: str

    def __str__(self) -> str:
        return f"{self.device}:{self.channel}"


@dataclass(frozen=True, slots=True)
class District:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Bus:
    """One line or gateway. ``url`` is one of the forms of ``drivers.line_address``.

    ``ca``, ``certificate`` and ``key`` are PEM files of a ``tls://`` line, relative to the site's folder; they are read
    where and when the line is opened, and are no part of a revision. ``peer_role`` is the role that the peer's
    certificate must have, if any.
    """

    id: str
    url: str
    ca: str = ""
    certificate: str = ""
    key: str = ""
    peer_role: str = ""

    @property
    def framing(self) -> Literal["tcp", "rtu-tcp"]:
        """What the frames are, by whatever way they travel."""
        return "rtu-tcp" if self.url.startswith(("rtu-tcp:", "serial:")) else "tcp"


@dataclass(frozen=True, slots=True)
class Cabinet:
    """A feeder pillar. ``local_input`` reads ``local_active`` (0/1) while a HAND/OFF/AUTO switch is not at AUTO."""

    id: str
    name: str
    district: str
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    hardware_fallback: HardwareFallback = "none"
    local_input: ChannelRef | None = None
    local_active: bool = True


@dataclass(frozen=True, slots=True)
class Device:
    id: str
    cabinet: str
    bus: str
    unit_id: int
    profile: str


@dataclass(frozen=True, slots=True)
class LuminaireType:
    """A kind of luminaire. Power over level is linear-quadratic with a fixed loss, or a table of points.

    ``P(off) = standby_w``; for level d in 0…1: ``P = p0 + (rated - p0) * (a*d + (1-a)*d**2)`` with
    ``p0 = fixed_loss_share * rated`` and ``a = linear_share``; kind ``none`` cannot be dimmed; kind ``table`` has
    ``curve_points`` of (level_pct, power_w), interpolated linearly.

    Constant light output: ``output_points`` of (burning_h, output_pct), interpolated linearly, are the share of full
    power that gives the maintained light at that age; sent by us only where ``output_correction`` is ``controller``.
    ``min_on_s`` and ``min_off_s`` are the shortest times that lamps stay on and off.
    """

    id: str
    name: str
    rated_w: float
    standby_w: float = 0.0
    curve: CurveKind = "led"
    curve_points: tuple[tuple[float, float], ...] = ()
    fixed_loss_share: float = 0.05
    linear_share: float = 0.9
    minimum_level_pct: float = 10.0
    lumens: float = 0.0
    start_s: float = 1.0
    warm_up_s: float = 5.0
    restrike_s: float = 0.0
    min_on_s: float = 0.0
    min_off_s: float = 0.0
    output_correction: OutputCorrection = "none"
    output_points: tuple[tuple[float, float], ...] = ()
    legacy_w: float | None = None


@dataclass(frozen=True, slots=True)
class LampGroup:
    """``count`` luminaires of one type on a circuit; a circuit may carry several types."""

    luminaire_type: str
    count: int


@dataclass(frozen=True, slots=True)
class Circuit:
    """A lighting circuit: what is switched and dimmed together. At least one of ``dimmer`` and ``relay`` is set.

    ``burning_h`` are the hours that its lamps had burned when the site was accepted first; later ones are counted.
    ``length_m`` and ``width_m`` are those of the lit area, ``area_m2`` stands for what is no rectangle.
    ``maintained_lx`` is the maintained average illuminance of that area, where ``maintained_level`` is a luminance.
    """

    id: str
    cabinet: str
    name: str
    road: str
    district: str
    program: str
    lamps: tuple[LampGroup, ...]
    dimmer: ChannelRef | None = None
    relay: ChannelRef | None = None
    meter: tuple[ChannelRef, ...] = ()
    design_class: str = ""
    lowest_class: str = ""
    maintained_level: float | None = None
    never_dim: bool = False
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    traffic_section: str = ""
    burning_h: float = 0.0
    length_m: float | None = None
    width_m: float | None = None
    area_m2: float | None = None
    maintained_lx: float | None = None
    supply: str = ""

    @property
    def lit_area_m2(self) -> float | None:
        """The lit area in m², None where it is not said."""
        if self.area_m2 is not None:
            return self.area_m2
        return None if self.length_m is None or self.width_m is None else self.length_m * self.width_m

    @property
    def illuminance_lx(self) -> float | None:
        """The maintained average illuminance in lx: as said, or that of a class in lux (C, P); None for others."""
        if self.maintained_lx is not None:
            return self.maintained_lx
        return self.maintained_level if self.design_class[:1] in ("C", "P") else None

    @property
    def lamp_count(self) -> int:
        return sum(group.count for group in self.lamps)


@dataclass(frozen=True, slots=True)
class PermanentLoad:
    """What a meter sees besides lamps: a controller, a heater, a camera."""

    meter: tuple[ChannelRef, ...]
    name: str
    power_w: float


@dataclass(frozen=True, slots=True)
class FailsafeException:
    """A named person answers for a circuit, or all of a cabinet, that would not stay lit without the controller.

    Exactly one of ``circuit`` and ``cabinet`` is set. ``date`` and ``until`` are ISO dates; ``until`` (inclusive) is
    empty where it holds for ever.
    """

    circuit: str
    cabinet: str
    signed_by: str
    date: str
    reason: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment of a lighting night; exactly one of its kinds is set.

    A local clock time; a sun event with an offset; the photocell of the circuit's district (dusk or dawn where there is
    none that is believed); the latest or the earliest of other anchors.
    """

    clock_minutes: int | None = None
    sun_event: SunEvent | None = None
    offset_s: int = 0
    photocell: bool = False
    later_of: tuple[Anchor, ...] = ()
    earlier_of: tuple[Anchor, ...] = ()

    @property
    def parts(self) -> tuple[Anchor, ...]:
        """The anchors that it is made of; none where it is a plain one."""
        return self.later_of or self.earlier_of

    @property
    def uses_photocell(self) -> bool:
        return self.photocell or any(part.uses_photocell for part in self.parts)


@dataclass(frozen=True, slots=True)
class ProgramStep:
    """From ``at`` on, ``level_pct`` (0 is off) until the next step of the night, round the clock.

    ``lighting_class``, where set, says the level instead: the one that gives the class on each circuit, 100 % where
    the circuit's ``maintained_level`` is not known. In an ``adaptive`` step the traffic of the circuit's section
    chooses the class. ``ramp_s`` is how long the way down to this level takes; None: at the site's own rate. The way
    up is never slow.
    """

    at: Anchor
    level_pct: float
    part_night: bool = False
    lighting_class: str = ""
    adaptive: bool = False
    ramp_s: float | None = None


@dataclass(frozen=True, slots=True)
class ControlProgram:
    """Lit from ``lit_from`` to ``lit_until`` of each lighting night; steps set the level inside that period.

    The steps form a ring: before the first step of a night the last one rules (TALQ 2.7.1). Without steps
    the level is 100 %. ``part_night`` on an off step (level 0) marks that leaving the road unlit while it is dark is
    meant. ``extends`` names the program whose keys it took where it has none of its own; that is done when it is read.
    """

    id: str
    description: str
    lit_from: Anchor
    lit_until: Anchor
    steps: tuple[ProgramStep, ...] = ()
    extends: str = ""

    @property
    def uses_photocell(self) -> bool:
        return self.lit_from.uses_photocell or self.lit_until.uses_photocell


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the city that a rule of the calendar is limited to. ``id`` of an area:
    ``LATITUDE,LONGITUDE,RADIUS_M``.
    """

    kind: ScopeKind
    id: str


@dataclass(frozen=True, slots=True)
class CalendarRule:
    """Replaces programs on the lighting nights it matches; every condition that is set must hold.

    ``dates``: inclusive ISO ranges. ``seasons``: inclusive ranges of (month, day) that may wrap the year.
    ``weekdays``: 0 Monday … 6 Sunday. ``nth_weekdays``: (n, weekday) of the month, n from 1, or −1 for the last.
    ``holidays``: the night's date is a public holiday. ``places``: only on circuits in one of them; none means
    everywhere. ``use`` maps a circuit's own program to the one of that night; ``"*"`` stands for every program not
    named.
    """

    name: str
    use: Mapping[str, str]
    dates: tuple[tuple[str, str], ...] = ()
    weekdays: tuple[int, ...] = ()
    holidays: bool = False
    seasons: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    nth_weekdays: tuple[tuple[int, int], ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Ordered rules, the first that matches a night wins; none matching leaves each circuit its own program.

    Holidays are those of the country and region (the ``holidays`` package) with the site's additions and removals
    (ISO dates).
    """

    rules: tuple[CalendarRule, ...] = ()
    holiday_country: str = ""
    holiday_region: str = ""
    holidays_added: tuple[str, ...] = ()
    holidays_removed: tuple[str, ...] = ()

    @property
    def has_holidays(self) -> bool:
        """Whether it names a country's holidays or some of its own."""
        return bool(self.holiday_country or self.holidays_added)


@dataclass(frozen=True, slots=True)
class TrafficSection:
    """A stretch of road whose traffic chooses the class of the circuits that name it.

    ``capacity_veh_h`` is one lane's service flow on the basis ``uni_11248``, the carriageway's capacity on
    ``cen_13201``. ``lanes`` is how many lanes are counted; ``multilane`` (two or more a direction) chooses the limits
    of CEN/TR 13201-1. ``counters`` are the channels that count, one a lane for ``uni_11248``; none where counts are
    pushed. ``pulses_per_vehicle`` divides what they count. ``tied_to`` names neighbours that are never darker than
    this section. ``most_steps_down`` is how many classes under the design class it may go.
    """

    id: str
    name: str
    basis: CapacityBasis
    capacity_veh_h: float
    lanes: int = 1
    multilane: bool = False
    counters: tuple[ChannelRef, ...] = ()
    pulses_per_vehicle: float = 1.0
    tied_to: tuple[str, ...] = ()
    most_steps_down: int = 2


@dataclass(frozen=True, slots=True)
class Photocell:
    """A light sensor that moves dusk and dawn of its own district, for programs with the anchor ``photocell``.

    Dark from ``on_lx`` down, bright from ``off_lx`` up, each after ``agree_s`` of agreement. However bright it says
    that it is, the lamps are lit while the sun is under ``latest_elevation_deg`` (civil twilight at the lowest).
    """

    id: str
    district: str
    channel: ChannelRef
    on_lx: float = 35.0
    off_lx: float = 70.0
    agree_s: float = 120.0
    latest_elevation_deg: float = -6.0


@dataclass(frozen=True, slots=True)
class User:
    """A person or script of the site. Roles: ``viewer`` reads, ``crew`` sets and locks, ``operator`` does all."""

    id: str
    name: str
    role: Literal["viewer", "crew", "operator"] = "crew"
    below_floor: bool = False


@dataclass(frozen=True, slots=True)
class ControlSettings:
    """How the site is controlled.

    ``watchdog_s`` is the time that commissioning gives to the devices' watchdogs, within the range of each.
    ``ramp_down_s`` is how long dimming from 100 % to 0 takes where a step does not say otherwise; up is at once.
    ``dusk_stagger_s`` spreads the circuits over that time before the program's switching on, so that the grid sees no
    step; None: none under 1,000 circuits. An instruction that would switch off more than ``confirm_off_share_pct`` of
    the city's lamps waits for a second person. ``spool_limit_mb``: so many MB of readings wait on disk while the
    store is gone; then the oldest are lost.
    """

    tick_s: float = 10.0
    poll_s: float = 60.0
    slow_poll_s: float = 600.0
    dusk_elevation_deg: float = -0.833
    floor_level_pct: float = 30.0
    night_safe_level_pct: float = 100.0
    dead_band_pct: float = 1.0
    contactor_stagger_s: float = LEAST_STAGGER_S
    fade_off: bool = False
    override_default_s: float = 7200.0
    watchdog_s: float = 300.0
    stale_after_polls: float = 3.0
    ramp_down_s: float = 60.0
    dusk_stagger_s: float | None = None
    confirm_off_share_pct: float = 5.0
    spool_limit_mb: float = 256.0

    @property
    def stagger_kept_s(self) -> float:
        """Seconds kept between two contactors of a cabinet: never under the least, whatever was accepted once."""
        return max(LEAST_STAGGER_S, self.contactor_stagger_s)


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """For how many days what is measured is kept; 0: for ever. Raw readings, and counts of traffic; hours; days."""

    readings_days: int = 400
    hours_days: int = 1830
    days_days: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """A whole checked site. Mappings keep the order of the tables."""

    id: str
    name: str
    timezone: str
    latitude_deg: float
    longitude_deg: float
    control: ControlSettings
    store_url: str
    users: Mapping[str, User]
    districts: Mapping[str, District]
    buses: Mapping[str, Bus]
    cabinets: Mapping[str, Cabinet]
    devices: Mapping[str, Device]
    profiles: Mapping[str, Profile]
    luminaire_types: Mapping[str, LuminaireType]
    circuits: Mapping[str, Circuit]
    permanent_loads: tuple[PermanentLoad, ...] = ()
    failsafe_exceptions: tuple[FailsafeException, ...] = ()
    programs: Mapping[str, ControlProgram] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    traffic_sections: Mapping[str, TrafficSection] = field(default_factory=dict)
    photocells: Mapping[str, Photocell] = field(default_factory=dict)
    tariff: Tariff | None = None
    baseline: Baseline = field(default_factory=Baseline)
    supplies: Mapping[str, Supply] = field(default_factory=dict)
    retention: RetentionSettings = RetentionSettings()
    reports: ReportSettings = field(default_factory=ReportSettings)
