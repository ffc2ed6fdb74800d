"""What the desk answers about revisions: what one changes against another, and what that does to light and energy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lighting.assets.difference import Difference
from lighting.assets.fact import Fact, Problem
from lighting.assets.model import Site
from lighting.store.records import Revision


@dataclass(frozen=True, slots=True)
class Content:
    """A state of the site's files: ``revision`` is None for the edited folder. ``site`` is None for a broken one."""

    revision: Revision | None
    files: Mapping[str, str]
    site: Site | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What ``after`` changes against ``before``: by meaning, and the files by name.

    ``words_alone`` are files that differ in nothing that has a meaning. ``warnings`` say what makes it darker.
    """

    before: Content
    after: Content
    changed_files: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    words_alone: tuple[str, ...] = ()
    warnings: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class NightChange:
    """Of a night, from ``from_ms`` on, by the plan: before and after. A figure is None where there is no such light.

    ``circuits`` are those whose level differs at some instant, ``first_ms`` the first of these instants; ``darker`` and
    ``brighter`` count those that have less, or more, light on the mean. Levels are means while dark, weighted by rated
    power.
    """

    night: str
    from_ms: int
    circuits: int
    darker: int
    brighter: int
    first_ms: int | None
    before_kwh: float
    after_kwh: float
    before_pct: float | None
    after_pct: float | None


@dataclass(frozen=True, slots=True)
class YearChange:
    """The energy of a year from the coming night on, by the rules alone, before and after.

    With its money where both have a tariff of one currency.
    """

    first_night: str
    nights: int
    before_kwh: float
    after_kwh: float
    before_money: float | None = None
    after_money: float | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change would do; ``year`` is None where it was not asked for, or nothing that it depends on changes.

    ``year_left_out``: it would take too long, of so many different circuits.
    """

    night: NightChange | None = None
    year: YearChange | None = None
    year_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would become the newest revision, checked: nothing has changed yet.

    ``latest`` is the revision that it is compared with, None where nothing was accepted yet. It is good where no
    problem is an error. ``restores`` is the old revision whose content it is, for a rollback.
    """

    latest: Content | None
    wanted: Content
    changed_files: tuple[str, ...]
    problems: tuple[Problem, ...]
    program_profiles: tuple[str, ...] = ()
    comparison: Comparison | None = None
    restores: int | None = None

    @property
    def is_new(self) -> bool:
        """Whether it would become a revision: it says something that the latest does not."""
        return self.latest is None or bool(self.changed_files or self.program_profiles)

    @property
    def is_good(self) -> bool:
        return self.wanted.site is not None and all(problem.is_warning for problem in self.problems)
