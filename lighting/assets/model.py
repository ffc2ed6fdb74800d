"""The facts of a site: frozen, checked, and free of any file format. Everything above reads these.

Text ids are what a city writes in its tables; the store gives each a small integer key of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from drivers.profile import Profile

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
    legacy_w: float | None = None


@dataclass(frozen=True, slots=True)
class LampGroup:
    """``count`` luminaires of one type on a circuit; a circuit may carry several types."""

    luminaire_type: str
    count: int


@dataclass(frozen=True, slots=True)
class Circuit:
    """A lighting circuit: what is switched and dimmed together. At least one of ``dimmer`` and ``relay`` is set."""

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
    """A moment of a lighting night: a local clock time, or a sun event with an offset; exactly one of them is set."""

    clock_minutes: int | None = None
    sun_event: SunEvent | None = None
    offset_s: int = 0


@dataclass(frozen=True, slots=True)
class ProgramStep:
    """From ``at`` on, ``level_pct`` (0 is off) until the next step of the night, round the clock."""

    at: Anchor
    level_pct: float
    part_night: bool = False


@dataclass(frozen=True, slots=True)
class ControlProgram:
    """Lit from ``lit_from`` to ``lit_until`` of each lighting night; steps set the level inside that period.

    The steps form a ring: before the first step of a night the last one rules (TALQ 2.7.1). Without steps
    the level is 100 %. ``part_night`` on an off step (level 0) marks that leaving the road unlit while it is dark is
    meant.
    """

    id: str
    description: str
    lit_from: Anchor
    lit_until: Anchor
    steps: tuple[ProgramStep, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarRule:
    """Replaces programs on the lighting nights it matches; every condition that is set must hold.

    ``dates``: inclusive ISO ranges. ``weekdays``: 0 Monday … 6 Sunday. ``holidays``: the night's date is a public
    holiday. ``use`` maps a circuit's own program to the one of that night; ``"*"`` stands for every program not named.
    """

    name: str
    use: Mapping[str, str]
    dates: tuple[tuple[str, str], ...] = ()
    weekdays: tuple[int, ...] = ()
    holidays: bool = False


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


@dataclass(frozen=True, slots=True)
class User:
    """A person or script of the site. Roles: ``viewer`` reads, ``crew`` sets and locks, ``operator`` does all."""

    id: str
    name: str
    role: Literal["viewer", "crew", "operator"] = "crew"
    below_floor: bool = False


@dataclass(frozen=True, slots=True)
class ControlSettings:
    """``watchdog_s`` is the time that commissioning gives to the devices' watchdogs, within the range of each."""

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

    @property
    def stagger_kept_s(self) -> float:
        """Seconds kept between two contactors of a cabinet: never under the least, whatever was accepted once."""
        return max(LEAST_STAGGER_S, self.contactor_stagger_s)


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
