"""A site as far as it could be read: facts by id with the line of each, for the checks that look across tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.profile import Profile
from lighting.assets.baseline import Baseline, LitSpan, Supply
from lighting.assets.fact import Fact, Problem
from lighting.assets.model import (
    Bus,
    Cabinet,
    Calendar,
    Circuit,
    ControlProgram,
    Device,
    District,
    FailsafeException,
    LuminaireType,
    PermanentLoad,
    Photocell,
    Tariff,
    TrafficSection,
)
from lighting.assets.nearest import Names
from lighting.assets.toml_file import TomlLines

SITE_FILE = "site.toml"
PROGRAMS_FILE = "programs.toml"
CALENDAR_FILE = "calendar.toml"
DISTRICTS_FILE = "districts.csv"
BUSES_FILE = "buses.csv"
CABINETS_FILE = "cabinets.csv"
DEVICES_FILE = "devices.csv"
CIRCUITS_FILE = "circuits.csv"
LUMINAIRE_TYPES_FILE = "luminaire_types.csv"
PERMANENT_LOADS_FILE = "permanent_loads.csv"
FAILSAFE_EXCEPTIONS_FILE = "failsafe_exceptions.csv"
GROUPS_FILE = "groups.csv"
TRAFFIC_SECTIONS_FILE = "traffic_sections.csv"
PHOTOCELLS_FILE = "photocells.csv"
TARIFF_FILE = "tariff.toml"
BASELINE_FILE = "baseline.toml"
BASELINE_HOURS_FILE = "baseline_hours.csv"
SUPPLIES_FILE = "supplies.csv"
PROFILES_FOLDER = "profiles/"
PROGRAM_FOLDER = "program/"
"""What a revision keeps of the program; no site folder has it."""

REQUIRED_FILES = (
    SITE_FILE,
    DISTRICTS_FILE,
    BUSES_FILE,
    CABINETS_FILE,
    DEVICES_FILE,
    CIRCUITS_FILE,
    LUMINAIRE_TYPES_FILE,
    PROGRAMS_FILE,
)
OPTIONAL_FILES = (
    PERMANENT_LOADS_FILE,
    CALENDAR_FILE,
    FAILSAFE_EXCEPTIONS_FILE,
    GROUPS_FILE,
    TRAFFIC_SECTIONS_FILE,
    PHOTOCELLS_FILE,
    TARIFF_FILE,
    SUPPLIES_FILE,
    BASELINE_FILE,
    BASELINE_HOURS_FILE,
)
SITE_FILES = (*REQUIRED_FILES, *OPTIONAL_FILES)


@dataclass(slots=True)
class Draft:
    """What was read. ``lines`` gives the line of a fact by file and id (or index); ``toml_lines`` those of TOML keys.

    ``members`` are the rows of groups, in order. ``broken`` names the files that could not be read as a whole: a
    reference into one of them is not judged.
    """

    districts: dict[str, District] = field(default_factory=dict)
    buses: dict[str, Bus] = field(default_factory=dict)
    cabinets: dict[str, Cabinet] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    luminaire_types: dict[str, LuminaireType] = field(default_factory=dict)
    circuits: dict[str, Circuit] = field(default_factory=dict)
    permanent_loads: list[PermanentLoad] = field(default_factory=list)
    failsafe_exceptions: list[FailsafeException] = field(default_factory=list)
    programs: dict[str, ControlProgram] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    members: list[tuple[str, str]] = field(default_factory=list)
    traffic_sections: dict[str, TrafficSection] = field(default_factory=dict)
    photocells: dict[str, Photocell] = field(default_factory=dict)
    tariff: Tariff | None = None
    baseline: Baseline = field(default_factory=Baseline)
    logged_hours: list[LitSpan] = field(default_factory=list)
    supplies: dict[str, Supply] = field(default_factory=dict)
    lines: dict[tuple[str, str | int], int] = field(default_factory=dict)
    toml_lines: dict[str, TomlLines] = field(default_factory=dict)
    unread_ids: dict[str, set[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    _names: dict[str, Names] = field(default_factory=dict)

    def problem(self, fact: Fact, file: str, key: str | int, field_name: str, *, is_warning: bool = False) -> None:
        """Note something wrong with the row of that id (or index) in a table."""
        line = self.lines.get((file, key), 0)
        self.problems.append(Problem(fact, file, line, field_name, is_warning))

    def is_known(self, file: str, key: str, table: Mapping[str, object]) -> bool:
        """Whether a reference holds; one to a row or a file that is itself broken is not reported a second time."""
        return key in table or file in self.broken or key in self.unread_ids.get(file, ())

    def names(self, file: str, table: Mapping[str, object]) -> Names:
        """The ids of a table, for a reference into it that leads nowhere."""
        return self._names.setdefault(file, Names(table.keys()))
