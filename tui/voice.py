"""Facts said to a person in the site's time zone; the sentences themselves are those of ``lighting.wording``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lighting.assets.fact import Fact, Problem
from lighting.desk.answers import ControllerAnswer, Receipt
from lighting.wording.speech import language_of_environment, say, say_problem

NOBODY_THERE = ("stopped", "never_ran")
"""Lives of a controller that will confirm nothing; a silent one still may."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How facts are said just now: ``now_ms`` is what times are near to (UTC milliseconds of the site)."""

    timezone: str = "UTC"
    now_ms: int | None = None

    def say(self, fact: Fact) -> str:
        return say(fact, timezone=self.timezone, reference_ms=self.now_ms, language=language_of_environment())

    def say_all(self, facts: Iterable[Fact]) -> str:
        return " ".join(self.say(fact) for fact in facts)

    def problem(self, problem: Problem) -> str:
        return say_problem(problem, language=language_of_environment())


def controller_fact(controller: ControllerAnswer) -> Fact | None:
    """What is wrong with the controller as a whole, or None while it runs. ``beat_age_s`` is real seconds."""
    age_s = None if controller.beat_age_s is None else round(controller.beat_age_s)
    match controller.life:
        case "running":
            return None
        case "never_ran":
            return Fact("dashboard_controller_never_ran")
        case "silent":
            return Fact("dashboard_controller_silent", {"beat_age_s": age_s, "holder": controller.holder})
        case "stopped":
            if age_s is None:
                return Fact("dashboard_controller_stopped")
            return Fact("dashboard_controller_not_running", {"beat_age_s": age_s})


def waiting_fact(receipt: Receipt, subject: str) -> Fact:
    """What is said at once after an act: that it waits for the controller, or that nobody is there to do it."""
    if receipt.controller in NOBODY_THERE:
        return Fact("dashboard_recorded_only", {"subject": subject})
    return Fact("dashboard_pending", {"subject": subject})


def proposed_fact(receipt: Receipt, subject: str) -> Fact:
    """That nothing happens until a second person agrees, and until when that can be."""
    return Fact(
        "dashboard_proposed", {"subject": subject, "number": receipt.instruction_id, "lapses_ms": receipt.lapses_ms}
    )


def outcome_fact(receipt: Receipt, subject: str, number: int | None) -> Fact:
    """How an act ended: confirmed by the devices, or not yet though it is in force."""
    if receipt.confirmed:
        if receipt.latency_s is None:
            return Fact("dashboard_confirmed", {"subject": subject})
        return Fact("dashboard_confirmed_after", {"subject": subject, "latency_s": round(receipt.latency_s, 1)})
    if receipt.controller in NOBODY_THERE:
        return Fact("dashboard_recorded_only", {"subject": subject})
    return Fact("dashboard_not_confirmed", {"subject": subject, "number": number or "–"})
