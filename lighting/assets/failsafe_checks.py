"""Checks of what keeps a street lit without us: watchdogs that the polls cannot feed, circuits nobody answers for.

A poll plan that cannot feed a watchdog is refused with the figure: its lamps would fall to their failsafe and back all
night. Circuits that no setting can keep lit, with no hardware fallback and no signed exception, are a warning: they
burn now, and a refusal would lock a running city out of every other edit of its folder.
"""

from __future__ import annotations

from functools import cache

from drivers.profile import ChannelRole, Profile
from lighting.assets import draft as names
from lighting.assets.draft import Draft
from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.failsafe import UNCOVERED, assess, exceptions_ended
from lighting.assets.failsafe_settings import (
    Outputs,
    commissioned_values,
    outputs_by_device,
    planned_watchdog_s,
)
from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import FailsafeException, Site
from lighting.assets.nearest import unknown_reference
from lighting.assets.poll_cycle import PollCycle, poll_cycles

_MOST_NAMES = 6


def check_exceptions(draft: Draft) -> None:
    """Check every signed exception: it names one circuit or cabinet that is there, and ends after it begins."""
    file = names.FAILSAFE_EXCEPTIONS_FILE
    seen: dict[tuple[str, str], int] = {}
    for index, signed in enumerate(draft.failsafe_exceptions):
        if bool(signed.circuit) == bool(signed.cabinet):
            draft.problem(Fact("exception_names_one"), file, index, "circuit")
            continue
        if signed.circuit and not draft.is_known(names.CIRCUITS_FILE, signed.circuit, draft.circuits):
            known = draft.names(names.CIRCUITS_FILE, draft.circuits)
            draft.problem(unknown_reference("circuit", signed.circuit, known), file, index, "circuit")
        if signed.cabinet and not draft.is_known(names.CABINETS_FILE, signed.cabinet, draft.cabinets):
            known = draft.names(names.CABINETS_FILE, draft.cabinets)
            draft.problem(unknown_reference("cabinet", signed.cabinet, known), file, index, "cabinet")
        if signed.until and signed.until < signed.date:
            fact = Fact("exception_ends_before", {"date": signed.date, "until": signed.until})
            draft.problem(fact, file, index, "until")
        first = seen.setdefault((signed.circuit, signed.cabinet), index)
        if first != index:
            line = draft.lines[file, first]
            draft.problem(Fact("exception_twice", {"first_line": line}), file, index, "circuit", is_warning=True)


def check_ended(draft: Draft, today: str) -> None:
    """Warn of signed exceptions whose last day is over: their circuits count again as what they are."""
    file = names.FAILSAFE_EXCEPTIONS_FILE
    ended = {id(signed) for signed in exceptions_ended(draft.failsafe_exceptions, today)}
    for index, signed in enumerate(draft.failsafe_exceptions):
        if id(signed) in ended:
            draft.problem(ended_fact(signed), file, index, "until", is_warning=True)


def ended_fact(signed: FailsafeException) -> Fact:
    """That an exception has ended: of what, when, and who had signed it."""
    subject = signed.circuit or signed.cabinet
    values: dict[str, Value] = {"subject": subject, "until": signed.until, "signed_by": signed.signed_by}
    return Fact("failsafe_exception_ended", values)


def check_watchdogs(draft: Draft, site: Site) -> None:
    """Refuse what cannot feed a watchdog: too slow a poll, one that only writes feed, one register nobody reads."""
    cycles = poll_cycles(site)
    too_slow: dict[float, list[tuple[PollCycle, str]]] = {}
    said: set[str] = set()

    @cache  # a city has thousands of outputs, and few kinds of them
    def planned_of(profile: str, channel: str, role: ChannelRole) -> float | None:
        return _planned_s(site, site.profiles[profile], channel, role)

    for device_id, outputs in outputs_by_device(site).items():
        device = site.devices.get(device_id)
        profile = None if device is None else site.profiles.get(device.profile)
        if device is None or profile is None or device.bus not in cycles:
            continue
        planned = [planned_of(device.profile, channel, role) for channel, (role, _on) in outputs.items()]
        planned_s = min((time_s for time_s in planned if time_s is not None), default=None)
        if planned_s is None:
            continue
        if profile.id not in said:
            said.add(profile.id)
            _check_feed(draft, device_id, profile)
        if planned_s <= cycles[device.bus].needed_s:
            too_slow.setdefault(planned_s, []).append((cycles[device.bus], device_id))
    for planned_s, found in too_slow.items():
        _refuse(draft, planned_s, found)


def _planned_s(site: Site, profile: Profile, channel: str, role: ChannelRole) -> float | None:
    """None where nothing watches: no watchdog, or one that stays switched off; a channel must be there to count."""
    if profile.channel(channel, role) is None:
        return None
    planned_s = planned_watchdog_s(profile, channel, role, site.control)
    return planned_s if planned_s is not None and planned_s > 0 else None


def _refuse(draft: Draft, planned_s: float, found: list[tuple[PollCycle, str]]) -> None:
    worst, device_id = max(found, key=lambda one: one[0].worst_s)
    values: dict[str, Value] = {
        "watchdog_seconds": planned_s,
        "needed_seconds": round(worst.needed_s, 1),
        "cycle_seconds": round(worst.worst_s, 1),
        "poll_seconds": worst.poll_s,
        "tick_seconds": worst.tick_s,
        "line_seconds": round(worst.line_s, 1),
        "timeout_seconds": worst.timeout_s,
        "bus": worst.bus,
        "device": device_id,
        "devices": len(found),
    }
    lines = draft.toml_lines.get(names.SITE_FILE)
    line = 0 if lines is None else lines.line_of(("control", "poll_s"))
    draft.problems.append(Problem(Fact("watchdog_not_fed", values), names.SITE_FILE, line, "control.poll_s"))


def _check_feed(draft: Draft, device_id: str, profile: Profile) -> None:
    failsafe = profile.failsafe
    values: dict[str, Value] = {"device": device_id, "profile": profile.id}
    if failsafe.fed_by == "write":
        draft.problem(Fact("watchdog_fed_by_writes", values), names.DEVICES_FILE, device_id, "profile")
    elif failsafe.fed_by == "register":
        point = profile.point_named(failsafe.fed_point)
        if point is None or not point.readable:
            fact = Fact("watchdog_fed_by_unread_register", {**values, "point": failsafe.fed_point})
            draft.problem(fact, names.DEVICES_FILE, device_id, "profile")
    elif failsafe.fed_by == "unknown":
        fact = Fact("watchdog_feed_unknown", values)
        draft.problem(fact, names.DEVICES_FILE, device_id, "profile", is_warning=True)


def check_coverage(draft: Draft, site: Site, today: str) -> None:
    """Warn of circuits that would not stay lit whatever is commissioned, and for which nobody has answered.

    Nothing was read yet: it is what the devices' profiles say they can be made to do. Without a ``today`` (ISO) an
    exception counts whatever its days.
    """
    known: dict[tuple[object, ...], dict[str, float]] = {}
    best = {
        device: _when_commissioned(site, device, outputs, known) for device, outputs in outputs_by_device(site).items()
    }
    assessed = assess(site, best, today=today)
    bare = [one.circuit_id for one in assessed.values() if one.verdict in UNCOVERED]
    if bare:
        values: dict[str, Value] = {"circuits": len(bare), "of": len(assessed), "names": _few(bare)}
        draft.problem(Fact("circuits_not_lit_without_us", values), names.CIRCUITS_FILE, bare[0], "id", is_warning=True)


def _when_commissioned(
    site: Site, device_id: str, outputs: Outputs, known: dict[tuple[object, ...], dict[str, float]]
) -> dict[str, float]:
    """The settings of a device once it is commissioned. Those of one type with the same outputs are worked out once."""
    profile = site.profiles[site.devices[device_id].profile]
    alike = tuple(
        (channel, role, tuple(floor_level_pct(c, site) for c in on)) for channel, (role, on) in outputs.items()
    )
    values = known.get((profile.id, alike))
    if values is None:
        values = known[profile.id, alike] = commissioned_values(site, device_id, outputs)
    return values


def _few(found: list[str]) -> str:
    shown = ", ".join(found[:_MOST_NAMES])
    return shown if len(found) <= _MOST_NAMES else f"{shown} +{len(found) - _MOST_NAMES}"
