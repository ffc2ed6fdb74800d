"""What is said of circuits without us: one line for each, what a person can do about it, and the overview's lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lighting.assets.draft import CABINETS_FILE, FAILSAFE_EXCEPTIONS_FILE
from lighting.assets.fact import Fact, Value
from lighting.assets.failsafe import UNCOVERED, CauseEffect, Verdict
from lighting.assets.model import Circuit
from lighting.desk.answers import CircuitWithoutUs, WithoutUsAnswer
from lighting.wording.figures import level

_SENTENCES: Mapping[Verdict, str] = {
    "stays_lit": "without_us_stays_lit",
    "lit_day_and_night": "without_us_lit_day_and_night",
    "lit_by_fallback": "without_us_lit_by_fallback",
    "excepted": "without_us_excepted",
    "goes_dark": "without_us_goes_dark",
    "unknown": "without_us_unknown",
}
_HEADS: Mapping[Verdict, str] = {
    "goes_dark": "status_without_us_goes_dark",
    "unknown": "status_without_us_unknown",
}


def sentence(one: CircuitWithoutUs) -> Fact:
    """One line for a person: what this circuit would do without us, and how we know."""
    effects = {effect.cause: _in_words(effect) for effect in one.effects}
    values: dict[str, Value] = {
        "level_pct": one.level_pct,
        "watchdog_s": one.watchdog_s,
        "read_ms": one.read_ms,
        "fallback": one.fallback.replace("_", " "),
        "floor_pct": one.floor_pct,
        "lost_master": effects["lost_master"],
        "lost_lamp_bus": effects["lost_lamp_bus"],
        "power_return": effects["power_return"],
    }
    if one.verdict == "excepted" and one.exception is not None:
        signed: dict[str, Value] = {"signed_by": one.exception.signed_by, "reason": one.exception.reason}
        return Fact("without_us_excepted", {**values, **signed, "date": one.exception.date})
    if one.verdict == "unknown" and one.read_ms is None:
        return Fact("without_us_never_read")
    if one.only_under_floor:
        levels = [e.effect.level_pct for e in one.effects if e.in_verdict and e.under_floor]
        return Fact("without_us_under_floor", {**values, "level_pct": min(filter(None, levels), default=None)})
    if one.verdict == "goes_dark" and not any(_is_seen_dark(e) for e in one.effects if e.cause != "lost_lamp_bus"):
        return Fact("without_us_goes_dark_bus", values)
    return Fact(_SENTENCES[one.verdict], values)


def _in_words(one: CauseEffect) -> str:
    if one.under_floor and one.effect.level_pct is not None:
        return f"lit at {level(one.effect.level_pct)}, too low"
    return one.effect.kind


def _is_seen_dark(one: CauseEffect) -> bool:
    return not one.covered and (one.under_floor or one.effect.kind in ("dark", "hold"))


def remedy(circuit: Circuit, one: CircuitWithoutUs) -> Fact | None:
    """What a person can do where nobody has answered for the circuit; None where nothing needs to be done."""
    if one.verdict not in UNCOVERED:
        return None
    if one.wrong_mode:
        return Fact("commission_wrong_mode", {"device": one.wrong_mode[0]})
    if one.can_stay_lit:
        return Fact("without_us_commission", {"circuit": circuit.id})
    files: dict[str, Value] = {"cabinets": CABINETS_FILE, "exceptions": FAILSAFE_EXCEPTIONS_FILE}
    return Fact("without_us_no_setting", {"cabinet": circuit.cabinet, **files})


def uncovered_facts(known: Mapping[str, CircuitWithoutUs]) -> list[Fact]:
    """The circuits that no commissioning keeps lit and nobody answers for, and what can be done; none where all are."""
    bare = {name: one for name, one in known.items() if one.verdict in UNCOVERED and not one.can_stay_lit}
    if not bare:
        return []
    files: dict[str, Value] = {"cabinets": CABINETS_FILE, "exceptions": FAILSAFE_EXCEPTIONS_FILE}
    told: dict[str, Value] = {"circuits": len(bare), "of": len(known), "names": few(list(bare))}
    return [Fact("commission_no_setting", told), Fact("commission_no_setting_remedy", files)]


def under_floor_fact(levels_pct: Sequence[tuple[float, float]]) -> Fact | None:
    """What ``lit 20 % < 45 %`` in a table means, by the first such (level, floor) of it."""
    if not levels_pct:
        return None
    level_pct, floor_pct = levels_pct[0]
    return Fact("without_us_under_floor_note", {"level_pct": level_pct, "floor_pct": floor_pct})


def head_facts(answer: WithoutUsAnswer) -> list[Fact]:
    """The lines of the overview: how many stay lit, who does not, and that some were never commissioned."""
    number = answer.counts
    lit = number["stays_lit"] + number["lit_day_and_night"] + number["lit_by_fallback"]
    facts = [
        Fact(
            "status_without_us",
            {
                "lit": lit,
                "circuits": len(answer.circuits),
                "day_and_night": number["lit_day_and_night"],
                "by_fallback": number["lit_by_fallback"],
                "excepted": number["excepted"],
            },
        )
    ]
    for verdict in UNCOVERED:
        names = [one.circuit_id for one in answer.circuits if one.verdict == verdict and not one.only_under_floor]
        if names:
            facts.append(Fact(_HEADS[verdict], _counted(names, answer)))
    under = [one.circuit_id for one in answer.circuits if one.only_under_floor]
    if under:
        facts.append(Fact("status_without_us_under_floor", _counted(under, answer)))
    if answer.not_commissioned_devices:
        devices: dict[str, Value] = {"devices": answer.not_commissioned_devices, "of": answer.devices}
        facts.append(Fact("status_not_commissioned", devices))
    if answer.not_fed:
        shortest = answer.not_fed[0].values
        facts.append(Fact("status_watchdogs_not_fed", {**shortest, "devices": len(answer.not_fed)}))
    return facts


def _counted(names: list[str], answer: WithoutUsAnswer) -> dict[str, Value]:
    return {"circuits": len(names), "of": len(answer.circuits), "names": few(names)}


def few(names: list[str], most: int = 6) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} +{len(names) - most}"
