"""What each circuit would do without us, apart for each cause, and which settings would make it stay lit. Pure.

It lives here and not in ``maintenance`` because ``lighting check`` needs it, which reads a folder with nothing above
this room; and because all it stands on are the facts of the site and of its device profiles.

The rules, strictest first. An open contactor is dark whatever the dimmer does. **Hold-last counts as dark**: a
controller that dies at noon leaves a dark street tonight. What was never read is unknown, and unknown is not lit. A
watchdog that is switched off never notices that we died: its outputs hold. A level under the circuit's floor is not
lit. The worst of the causes rules the verdict; the loss of the lamp bus (DALI) is one of them where the profile of
the dimmer says anything about it, and is shown as unknown and left out of the verdict where it says nothing: a
0–10 V output has no lamp bus, and a cut control pair is not our death.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from drivers.profile import ChannelRole, FailsafeKind, Feed, Profile, Reaction
from lighting.assets.failsafe_settings import (
    Values,
    Watchdog,
    mode_holds,
    raw_of,
    reaction_of,
    watchdog_of,
)
from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import ChannelRef, Circuit, FailsafeException, HardwareFallback, Site

Cause = Literal["lost_master", "lost_lamp_bus", "power_return"]
CAUSES: tuple[Cause, ...] = ("lost_master", "lost_lamp_bus", "power_return")
Verdict = Literal["stays_lit", "lit_day_and_night", "lit_by_fallback", "excepted", "goes_dark", "unknown"]
VERDICTS: tuple[Verdict, ...] = (
    "stays_lit",
    "lit_day_and_night",
    "lit_by_fallback",
    "excepted",
    "goes_dark",
    "unknown",
)
UNCOVERED: tuple[Verdict, ...] = ("goes_dark", "unknown")
"""The verdicts that nobody has answered for."""

_SWITCHES: tuple[HardwareFallback, ...] = ("photocell", "astronomical_switch")
"""The fallbacks that also switch off by day."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an output or a circuit does. ``level_pct`` only when lit; None there: at a level that nobody knows."""

    kind: FailsafeKind
    level_pct: float | None = None


UNKNOWN = Effect("unknown")
HOLD = Effect("hold")
DARK = Effect("dark")


@dataclass(frozen=True, slots=True)
class CauseEffect:
    """What happens for one cause. ``covered``: the cabinet's hardware fallback lights the circuit then.

    ``in_verdict`` is False for a lamp bus of which the profile says nothing. ``under_floor``: it is lit then, but at
    less than the circuit may have while it is dark.
    """

    cause: Cause
    effect: Effect
    relay: Effect | None = None
    dimmer: Effect | None = None
    covered: bool = False
    in_verdict: bool = True
    under_floor: bool = False


@dataclass(frozen=True, slots=True)
class WithoutUs:
    """The answer for one circuit. ``level_pct`` is the least level at which it would be lit; None unless it would.

    ``should_pct`` is what its failsafe should give, ``floor_pct`` the least that is accepted. ``watchdog_s`` is the
    longer of its devices' watchdogs, None when unknown; 0 when one is off. ``shortest_watchdog_s`` is the shortest that
    runs, None when none is known to.
    ``wrong_mode`` names devices that are in another output mode than their profile describes.
    """

    circuit_id: str
    verdict: Verdict
    effects: tuple[CauseEffect, ...]
    should_pct: float
    floor_pct: float
    level_pct: float | None = None
    watchdog_s: float | None = None
    fed_by: Feed = "unknown"
    fallback: HardwareFallback = "none"
    exception: FailsafeException | None = None
    wrong_mode: tuple[str, ...] = ()
    shortest_watchdog_s: float | None = None

    def effect(self, cause: Cause) -> Effect:
        """What it does for that cause."""
        return next(e.effect for e in self.effects if e.cause == cause)

    @property
    def only_under_floor(self) -> bool:
        """Whether it counts as dark although it is lit for every cause, only at too low a level."""
        return self.verdict == "goes_dark" and not any(map(_is_dark, self.effects))


def _is_dark(one: CauseEffect) -> bool:
    return one.in_verdict and not one.covered and not one.under_floor and one.effect.kind in ("dark", "hold")


ReadValues = Mapping[str, Values]
"""Values by device id and point name as last read; a device or point that is absent was never read."""


def assess(site: Site, read: ReadValues, *, today: str) -> dict[str, WithoutUs]:
    """What every circuit would do without us, in the order of the table. ``today`` (ISO): which exceptions count."""
    exceptions = exceptions_in_force(site, today)
    look = _Look(site, read)
    return {circuit.id: _assess_circuit(look, circuit, exceptions) for circuit in site.circuits.values()}


def counts(assessed: Iterable[WithoutUs]) -> dict[Verdict, int]:
    """How many circuits have each verdict; every verdict is there."""
    found = Counter(one.verdict for one in assessed)
    return {verdict: found[verdict] for verdict in VERDICTS}


def is_in_force(signed: FailsafeException, today: str) -> bool:
    """Whether a signed exception counts on that ISO date: both its days are part of it. Empty: it counts."""
    return not today or (signed.date <= today and (not signed.until or signed.until >= today))


def exceptions_in_force(site: Site, today: str) -> dict[str, FailsafeException]:
    """The signed exception of each circuit that has one; a circuit's own comes before its cabinet's."""
    valid = [e for e in site.failsafe_exceptions if is_in_force(e, today)]
    of_cabinet = {e.cabinet: e for e in valid if e.cabinet}
    found = {c.id: of_cabinet[c.cabinet] for c in site.circuits.values() if c.cabinet in of_cabinet}
    return found | {e.circuit: e for e in valid if e.circuit}


def exceptions_ended(signed: Sequence[FailsafeException], today: str) -> list[FailsafeException]:
    """Those whose last day (ISO) is over, with no other in force for the same circuit or cabinet."""
    valid = {(e.circuit, e.cabinet) for e in signed if is_in_force(e, today)}
    return [e for e in signed if e.until and e.until < today and (e.circuit, e.cabinet) not in valid]


def local_date(timezone: str, at_ms: int) -> str:
    """The ISO date in that zone at an instant (UTC milliseconds)."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(timezone)).date().isoformat()


@dataclass(frozen=True, slots=True)
class _Output:
    """One output with what it does for each cause, as far as its profile and its settings tell."""

    device: str
    profile: Profile
    effects: Mapping[Cause, Effect]
    watchdog: Watchdog
    in_mode: bool | None


class _Look:
    """The outputs of a site as last read. Ten thousand circuits have few different ones: each is worked out once."""

    def __init__(self, site: Site, read: ReadValues) -> None:
        self.site = site
        self._read = read
        self._known: dict[tuple[object, ...], _Output] = {}

    def output(self, ref: ChannelRef | None, role: ChannelRole) -> _Output | None:
        """What is known of an output; None where the circuit has none of that role."""
        if ref is None:
            return None
        profile = self.site.profiles[self.site.devices[ref.device].profile]
        values = self._read.get(ref.device, {})
        key = (profile.id, ref.channel, role, tuple(values.items()))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Output(
                device=ref.device,
                profile=profile,
                effects={cause: output_effect(profile, ref.channel, role, cause, values) for cause in CAUSES},
                watchdog=watchdog_of(profile, ref.channel, values),
                in_mode=mode_holds(profile, values),
            )
        return known


def _assess_circuit(look: _Look, circuit: Circuit, exceptions: Mapping[str, FailsafeException]) -> WithoutUs:
    site = look.site
    fallback = site.cabinets[circuit.cabinet].hardware_fallback
    floor_pct = floor_level_pct(circuit, site)
    relay, dimmer = look.output(circuit.relay, "relay"), look.output(circuit.dimmer, "dimmer")
    accepted_pct = floor_pct - site.control.dead_band_pct
    found = [_cause_effect(cause, relay, dimmer, fallback) for cause in CAUSES]
    effects = tuple(replace(one, under_floor=_is_under(one.effect, accepted_pct)) for one in found)
    exception = exceptions.get(circuit.id)
    verdict = verdict_of(effects, fallback, accepted_pct=accepted_pct, excepted=exception is not None)
    outputs = [output for output in (relay, dimmer) if output is not None]
    refs = [ref for ref in (circuit.relay, circuit.dimmer) if ref is not None]
    lit = [e.effect.level_pct for e in effects if e.in_verdict and e.effect.level_pct is not None]
    return WithoutUs(
        circuit_id=circuit.id,
        verdict=verdict,
        effects=effects,
        should_pct=max(site.control.night_safe_level_pct, floor_pct),
        floor_pct=floor_pct,
        level_pct=min(lit, default=None) if verdict in ("stays_lit", "lit_day_and_night") else None,
        watchdog_s=_longest([output.watchdog.time_s for output in outputs if output.watchdog.exists]),
        fed_by=_feed(output.profile.failsafe.fed_by for output in outputs),
        fallback=fallback,
        exception=exception if verdict == "excepted" else None,
        wrong_mode=tuple(ref.device for ref, out in zip(refs, outputs, strict=True) if out.in_mode is False),
        shortest_watchdog_s=min((out.watchdog.time_s for out in outputs if out.watchdog.time_s), default=None),
    )


def _longest(times_s: list[float | None]) -> float | None:
    known = [time for time in times_s if time is not None]
    if not times_s or len(known) < len(times_s):
        return None
    return 0.0 if 0.0 in known else max(known)


def _feed(feeds: Iterable[Feed]) -> Feed:
    """What feeds the watchdogs; of two that differ the one that asks more of us."""
    order: tuple[Feed, ...] = ("unknown", "write", "register", "any_request", "none")
    found = set(feeds)
    return next((feed for feed in order if feed in found), "unknown")


def verdict_of(
    effects: Iterable[CauseEffect], fallback: HardwareFallback, *, accepted_pct: float, excepted: bool
) -> Verdict:
    """The worst cause rules. A level of ``accepted_pct`` or more is lit; one that nobody knows is not."""
    states = {_state(effect, accepted_pct) for effect in effects if effect.in_verdict}
    if not states & {"dark", "unknown"}:
        if "fallback" in states:
            return "lit_by_fallback"
        return "stays_lit" if fallback in _SWITCHES else "lit_day_and_night"
    if excepted:
        return "excepted"
    return "goes_dark" if "dark" in states else "unknown"


def _is_under(effect: Effect, accepted_pct: float) -> bool:
    return effect.kind == "lit" and effect.level_pct is not None and effect.level_pct < accepted_pct


def _state(one: CauseEffect, accepted_pct: float) -> Literal["lit", "fallback", "dark", "unknown"]:
    effect = one.effect
    if effect.kind == "lit" and effect.level_pct is not None and effect.level_pct >= accepted_pct:
        return "lit"
    if one.covered:
        return "fallback"
    return "unknown" if effect.kind == "unknown" or (effect.kind == "lit" and effect.level_pct is None) else "dark"


def combined(relay: Effect | None, dimmer: Effect | None) -> Effect:
    """A circuit of its contactor and its dimmer: dark if either is, else unknown, else hold, else lit at the level."""
    parts = [part for part in (relay, dimmer) if part is not None]
    for worst in (DARK, UNKNOWN, HOLD):
        if any(part.kind == worst.kind for part in parts):
            return worst
    if not parts:
        return UNKNOWN
    if any(part.level_pct is None for part in parts):
        return Effect("lit", None)
    return Effect("lit", min(part.level_pct for part in parts if part.level_pct is not None))


def _cause_effect(
    cause: Cause, relay: _Output | None, dimmer: _Output | None, fallback: HardwareFallback
) -> CauseEffect:
    of_dimmer = None if dimmer is None else dimmer.effects[cause]
    if cause == "lost_lamp_bus":
        # The master still works the contactor; only the dimmed lamps have lost their line.
        effect = UNKNOWN if of_dimmer is None else of_dimmer
        in_verdict = dimmer is not None and says_anything(dimmer.profile.failsafe.lost_lamp_bus)
        covered = in_verdict and fallback in _SWITCHES and is_covered(fallback, effect, None)
        return CauseEffect(cause, effect, None, of_dimmer, covered, in_verdict)
    of_relay = None if relay is None else relay.effects[cause]
    effect = combined(of_relay, of_dimmer)
    return CauseEffect(cause, effect, of_relay, of_dimmer, is_covered(fallback, effect, of_relay), True)


def is_covered(fallback: HardwareFallback, effect: Effect, relay: Effect | None) -> bool:
    """Whether the cabinet's own hardware lights the circuit then.

    A normally-closed contact closes when its relay drops: it covers a contactor that falls off, and neither one that
    holds what was last asked of it nor one of which nothing is known.
    """
    if fallback == "none":
        return False
    if fallback == "normally_closed_contact":
        return relay is not None and relay.kind == "dark"
    return effect.kind != "lit" or effect.level_pct is None


def says_anything(reaction: Reaction) -> bool:
    """Whether the profile tells, or lets be read, what happens for a cause."""
    return reaction.kind != "unknown" or reaction.can_be_set


def output_effect(profile: Profile, channel: str, role: ChannelRole, cause: Cause, values: Values) -> Effect:
    """What one output does for one cause, from the profile and the settings as last read."""
    if mode_holds(profile, values) is not True:
        return UNKNOWN  # in another mode its points mean something else
    reaction = reaction_of(profile, cause)
    effect = _by_settings(profile, channel, role, reaction, values)
    if cause != "lost_master":
        return effect
    watchdog = watchdog_of(profile, channel, values)
    if watchdog.exists and watchdog.time_s == 0:
        return HOLD
    if watchdog.exists and watchdog.time_s is None and effect.kind == "lit":
        return UNKNOWN
    return effect


def _by_settings(profile: Profile, channel: str, role: ChannelRole, reaction: Reaction, values: Values) -> Effect:
    before_reading = UNKNOWN if reaction.kind in ("lit", "unknown") else Effect(reaction.kind)
    if not reaction.can_be_set:
        return _fixed(reaction.kind, reaction.level_pct, role)
    if reaction.action is not None:
        point = profile.setting_of(reaction.action, channel)
        raw = None if point is None else raw_of(point, values.get(point.name))
        if raw is None:
            return before_reading
        meaning = reaction.meanings.get(raw, "unknown")
        if meaning != "level":
            return _fixed(meaning, reaction.level_pct, role)
    level = None if reaction.level is None else profile.setting_of(reaction.level, channel)
    value = None if level is None else values.get(level.name)
    if not isinstance(value, (int, float)):
        return before_reading if reaction.action is None else UNKNOWN
    return DARK if value <= 0 else Effect("lit", 100.0 if role == "relay" else float(value))


def _fixed(kind: FailsafeKind, level_pct: float | None, role: ChannelRole) -> Effect:
    """A closed contact is full light; a dimmer that only comes on does so at a level that nobody knows."""
    if kind != "lit":
        return Effect(kind)
    if level_pct is not None and level_pct <= 0:
        return DARK
    return Effect("lit", 100.0 if role == "relay" else level_pct)
