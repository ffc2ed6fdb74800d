"""``scan``: which units of a line answer, and which profiles fit them. It reads probe points and never writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from drivers.bus import Bus, Priority
from drivers.errors import DriverError, Rejected, Unreachable
from drivers.probe_strength import is_weak
from drivers.profile import Limits, Profile
from drivers.raw_reading import read_span
from drivers.scan import Fit, ProbeRead, base_profiles, fit_of, ranked, reads_of, verdict_of
from lighting.operation.task_kinds.probe import check_told
from lighting.operation.task_work import Result, TaskKind, TaskWork

LINE_TRIES, LINE_PAUSE_S = 3, 0.5
SHOWN_FITS = 5
"""Of those that fit in part; those that fit wholly are all shown."""


async def _scan(work: TaskWork) -> Result:
    bus = work.bus()
    first, last = int(work.number("first", 1)), int(work.number("last", 247))
    profiles = base_profiles(work.site.profiles.values())
    reads = reads_of(profiles)
    known: dict[int, list[Profile]] = {}
    for device in work.site.devices.values():
        if device.bus == bus.name:
            known.setdefault(device.unit_id, []).append(work.site.profiles[device.profile])
    units: list[dict[str, object]] = []
    total = last - first + 1
    for number, unit_id in enumerate(range(first, last + 1)):
        work.progress(number, total)
        async with work.turn(bus.name):  # unit by unit: a person who reads a device there need not wait for the end
            own = known.get(unit_id)
            found = await _unit_of_line(bus, unit_id, reads_of(profiles, own) if own else reads, profiles)
        if found is not None:
            units.append(found)
            work.emit(found)
        elif unit_id not in known:
            bus.forget(unit_id)  # its silence is no fault of the line
    work.progress(total, total)
    return {
        "bus": bus.name,
        "url": bus.url,
        "first": first,
        "last": last,
        "at_ms": work.clock.now_ms(),
        "profiles_tried": len(profiles),
        "units": units,
    }


async def _unit_of_line(
    bus: Bus, unit_id: int, reads: dict[ProbeRead, Limits], profiles: Sequence[Profile]
) -> dict[str, object] | None:
    """As ``_unit``. A line that is lost is given time; one that cannot be connected ends the scan, for a unit of it
    is not known to be absent. Raises Unreachable.
    """
    for _ in range(LINE_TRIES):
        try:
            return await _unit(bus, unit_id, reads, profiles)
        except Unreachable as error:
            lost = error
            await asyncio.sleep(LINE_PAUSE_S)
    raise lost


async def _unit(
    bus: Bus, unit_id: int, reads: dict[ProbeRead, Limits], profiles: Sequence[Profile]
) -> dict[str, object] | None:
    """What one unit answers; None for a unit that is not there: silent at the first question.

    Raises Unreachable where it is the line that cannot be reached.
    """
    answers: dict[ProbeRead, tuple[int, ...] | None] = {}
    trouble = ""
    for read, limits in reads.items():
        try:
            answers[read] = await read_span(
                bus, unit_id, read.table, read.address, read.count, limits=limits, priority=Priority.POLL
            )
        except Unreachable as error:
            if error.unit_id is None:
                raise
            if not answers:
                return None
            trouble = error.detail
            break
        except Rejected:
            answers[read] = None
        except DriverError as error:
            answers[read], trouble = None, error.detail
    fits = ranked(fit_of(profile, answers) for profile in profiles)
    shown = fits[: max(SHOWN_FITS, sum(fit.is_whole for fit in fits))]
    return {
        "unit_id": unit_id,
        "verdict": verdict_of(fits),
        "fits": [_fit_told(fit, profiles) for fit in shown],
        "fits_besides": len(fits) - len(shown),
        "answered": sum(raw is not None for raw in answers.values()),
        "refused": sum(raw is None for raw in answers.values()),
        "trouble": trouble,
    }


def _fit_told(fit: Fit, profiles: Sequence[Profile]) -> dict[str, object]:
    return {
        "profile": fit.profile_id,
        "fitted": fit.fitted,
        "checks": len(fit.results),
        "weak": any(is_weak(profile) for profile in profiles if profile.id == fit.profile_id),
        "found": [check_told(fit, at) for at in range(len(fit.results))],
    }


KIND = TaskKind("scan", _scan, holds_bus=False, bound_s=3600.0)
