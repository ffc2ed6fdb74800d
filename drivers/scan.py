"""Which profile fits what a unit answers: by reading probe points alone, never by writing. Pure.

A fit is evidence, not proof: a plausible value at one address may come from another device. So the number of checks
that fitted is told with it, and profiles that fit equally well are all named.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from drivers.codec import Sample, SampleQuality, decode
from drivers.profile import Limits, Point, Profile, Table

VARIANT_MARK = "+"
"""In the id of a variant, which has the probe points of its base."""


@dataclass(frozen=True, slots=True, order=True)
class ProbeRead:
    """One read request of a scan; several profiles may want the same."""

    table: Table
    address: int
    count: int


@dataclass(frozen=True, slots=True)
class ProbeCheck:
    """A point that tells the device: it reads ``equals`` (a text: begins with it), or else a value that may be."""

    point: Point
    equals: float | str | None = None

    @property
    def read(self) -> ProbeRead:
        """The request that answers it."""
        return ProbeRead(self.point.table, self.point.address, self.point.register_count)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check beside what was read; ``sample`` is None where the device has no such address."""

    check: ProbeCheck
    sample: Sample | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """How far a unit is what the profile says."""

    profile_id: str
    results: tuple[CheckResult, ...]

    @property
    def fitted(self) -> int:
        return sum(result.fits for result in self.results)

    @property
    def is_whole(self) -> bool:
        """Whether every check fitted, and there was one."""
        return bool(self.results) and self.fitted == len(self.results)


Verdict = Literal["one", "ambiguous", "part", "none"]
"""One profile fits best and wholly; several equally; none wholly; nothing fitted at all."""


def checks_of(profile: Profile) -> tuple[ProbeCheck, ...]:
    """The identity checks of a profile, then its probe point where they do not name it."""
    wanted = [(check.point, check.equals) for check in profile.identity]
    if profile.probe and profile.probe not in {name for name, _equals in wanted}:
        wanted.append((profile.probe, None))
    found = [(profile.point_named(name), equals) for name, equals in wanted]
    return tuple(ProbeCheck(point, equals) for point, equals in found if point is not None and point.readable)


def base_profiles(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """Those that can be told by probing: no variants, and at least one check."""
    return tuple(p for p in profiles if VARIANT_MARK not in p.id and checks_of(p))


def reads_of(profiles: Iterable[Profile], own: Collection[Profile] = ()) -> dict[ProbeRead, Limits]:
    """Every request that a scan asks of a unit, each once, with the pause that the unit may want after it.

    ``own`` are the profiles by which the unit is known, whose pause is kept; a unit that nobody knows may be any of
    ``profiles``, so the longest pause of all is kept, whatever is asked. Those reads that most profiles want come
    first: a unit that is there at all is then known by its first answer.
    """
    wanted: dict[ProbeRead, list[Limits]] = {}
    for profile in profiles:
        for check in checks_of(profile):
            wanted.setdefault(check.read, []).append(profile.limits)
    known = [profile.limits for profile in own]
    pausing = known or [limits for given in wanted.values() for limits in given]
    pause_ms = max((limits.pause_ms for limits in pausing), default=0.0)
    ordered = sorted(wanted.items(), key=lambda item: (-len(item[1]), item[0]))
    return {
        read: Limits(pause_ms=pause_ms, timeout_ms=max(limits.timeout_ms for limits in (*given, *known)))
        for read, given in ordered
    }


def fit_of(profile: Profile, answers: Mapping[ProbeRead, Sequence[int] | None]) -> Fit:
    """Judge one profile by the registers (or bits) that were read; None stands for a refused address."""
    return Fit(profile.id, tuple(judged(check, answers.get(check.read)) for check in checks_of(profile)))


def judged(check: ProbeCheck, raw: Sequence[int] | None) -> CheckResult:
    """One check beside what was read."""
    if raw is None:
        return CheckResult(check, None, fits=False)
    sample = decode(check.point, raw)
    return CheckResult(check, sample, fits=_fits(check, sample))


def ranked(fits: Iterable[Fit]) -> tuple[Fit, ...]:
    """Those with anything that fitted, the best first: whole ones before others, then by the number that fitted."""
    found = [fit for fit in fits if fit.fitted]
    return tuple(sorted(found, key=lambda fit: (not fit.is_whole, -fit.fitted, len(fit.results), fit.profile_id)))


def verdict_of(fits: Sequence[Fit]) -> Verdict:
    """What the ranked fits of a unit mean."""
    if not fits:
        return "none"
    if not fits[0].is_whole:
        return "part"
    equal = [fit for fit in fits if fit.is_whole and fit.fitted == fits[0].fitted]
    return "one" if len(equal) == 1 else "ambiguous"


def _fits(check: ProbeCheck, sample: Sample) -> bool:
    if check.equals is None:
        return sample.quality is SampleQuality.GOOD
    if isinstance(check.equals, str):
        return isinstance(sample.value, str) and sample.value.startswith(check.equals)
    return isinstance(sample.value, float) and math.isclose(sample.value, check.equals, rel_tol=1e-6, abs_tol=1e-9)
