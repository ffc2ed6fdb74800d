"""What a person can do from the dashboard: its fields, the sentence before it, and the act itself at the desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lighting.assets.fact import Fact
from lighting.desk.answers import Receipt
from lighting.desk.refusal import WrongUsage
from tui.desk_like import DeskLike

Values = Mapping[str, str]
BELOW_FLOOR = "below_floor"
HELD_HIGHER = frozenset({"held_at_floor", "held_at_minimum", "stays_at_full"})
"""Warnings of the desk by which some lamps burn brighter than was asked: not the asked level is confirmed then."""
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One line to fill in. ``hint`` is shown while it is empty."""

    name: str
    label: str
    initial: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is said before an act, and the act with the very values that were said: ``do`` reads no field again.

    A time such as ``21:40`` means another day a minute later; what a person agreed to is what is done, or nothing.
    """

    facts: tuple[Fact, ...]
    do: Callable[[DeskLike], Receipt]


class Act(Protocol):
    """``preview`` and what it returns run in a thread and may raise ``DeskError``, said in place."""

    @property
    def title(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def fields(self) -> tuple[Field, ...]: ...
    @property
    def is_confirmed_by_devices(self) -> bool: ...
    @property
    def may_go_below_floor(self) -> bool: ...
    def preview(self, desk: DeskLike, values: Values) -> Agreement: ...
    def done(self, receipt: Receipt) -> str:
        """What was done, in a few words."""
        ...


def _number(receipt: Receipt) -> str:
    return "" if receipt.instruction_id is None else f" (#{receipt.instruction_id})"


def _subject(values: Values) -> str:
    subject = values["subject"].strip()
    if not subject:
        raise WrongUsage(Fact("dashboard_subject_expected"))
    return subject


def reason_of(values: Values) -> str:
    """The reason that was filled in. Raises ``WrongUsage`` for none."""
    reason = values["reason"].strip()
    if not reason:
        raise WrongUsage(Fact("dashboard_reason_expected"))
    return reason


def _level(values: Values) -> float:
    text = values["level"].strip().removesuffix("%").strip().replace(",", ".")
    if _PERCENT.fullmatch(text) is None or float(text) > 100:  # Python would take "1_0" and "1e1" for 10
        raise WrongUsage(Fact("dashboard_level_expected", {"found": text}))
    return float(text)


@dataclass(slots=True)
class SetLevel:
    """A person's level until a stated time."""

    subject: str
    title: str = "Set a level"
    is_confirmed_by_devices: bool = True
    may_go_below_floor: bool = True
    done_level: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        return (
            Field("subject", "what", self.subject, "C-0142; cabinet:, district:, road:, group:, area:"),
            Field("level", "level", "", "percent of full light, 0 to 100"),
            Field("until", "until", "", "06:00, 2h or 45m; empty: the site's usual time"),
            Field("reason", "reason", "", "why, for everyone who asks"),
        )

    def preview(self, desk: DeskLike, values: Values) -> Agreement:
        level_pct = _level(values)
        until_ms = desk.parse_until(values["until"].strip() or None)
        reason = reason_of(values)
        subject = _subject(values)
        scope = desk.parse_scope(subject)
        below_floor = bool(values.get(BELOW_FLOOR))

        def do(desk: DeskLike) -> Receipt:
            self.subject, self.done_level = subject, f"{level_pct:g} %"
            return desk.set_level(scope, level_pct, until_ms=until_ms, reason=reason, below_floor=below_floor)

        return Agreement(desk.preview_set(scope, level_pct, until_ms=until_ms, below_floor=below_floor), do)

    def done(self, receipt: Receipt) -> str:
        held = any(fact.code in HELD_HIGHER for fact in receipt.warnings)
        how = f"asked for {self.done_level}, held higher" if held else f"to {self.done_level}"
        return f"{self.subject} {how}{_number(receipt)}"


@dataclass(slots=True)
class Release:
    """Give it back to its program: every override on that scope ends, and so does unexplained local control."""

    subject: str
    title: str = "Release"
    is_confirmed_by_devices: bool = True
    may_go_below_floor: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        return (
            Field("subject", "what", self.subject, "C-0142; cabinet:, district:, road:, group:, area:"),
            Field("reason", "reason", "", "why, for everyone who asks"),
        )

    def preview(self, desk: DeskLike, values: Values) -> Agreement:
        reason = reason_of(values)
        subject = _subject(values)
        scope = desk.parse_scope(subject)

        def do(desk: DeskLike) -> Receipt:
            self.subject = subject
            return desk.release(scope, reason=reason)

        return Agreement((Fact("dashboard_release_preview", {"subject": subject}),), do)

    def done(self, receipt: Receipt) -> str:
        numbers = ", ".join(f"#{number}" for number in receipt.released)
        return f"{self.subject} released" + (f" ({numbers})" if numbers else "")


@dataclass(slots=True)
class LockOut:
    """Someone works on the circuit: nothing is written to it. Not isolation, and said so before."""

    subject: str
    title: str = "Lock out"
    is_confirmed_by_devices: bool = False
    may_go_below_floor: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        return (
            Field("subject", "what", self.subject, "C-0142; cabinet:, district:, road:, group:, area:"),
            Field("until", "until", "", "06:00 or 2h: past it, it is an alarm; never ends by itself"),
            Field("reason", "reason", "", "who works there, and on what"),
        )

    def preview(self, desk: DeskLike, values: Values) -> Agreement:
        reason = reason_of(values)
        subject = _subject(values)
        scope = desk.parse_scope(subject)
        until = values["until"].strip()
        until_ms = desk.parse_until(until) if until else None

        def do(desk: DeskLike) -> Receipt:
            self.subject = subject
            return desk.lock(scope, until_ms=until_ms, reason=reason)

        asked = Fact("dashboard_lock_preview", {"subject": subject})
        expected = () if until_ms is None else (Fact("dashboard_lock_until", {"until_ms": until_ms}),)
        return Agreement((asked, *expected, Fact("dashboard_lock_no_isolation")), do)

    def done(self, receipt: Receipt) -> str:
        return f"{self.subject} is locked out{_number(receipt)}: nothing is written to it. This is not isolation."


@dataclass(slots=True)
class Unlock:
    """Take a lockout off: one's own, or another's with the typed word, as an operator."""

    subject: str
    title: str = "Take the lockout off"
    is_confirmed_by_devices: bool = False
    may_go_below_floor: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        return (
            Field("subject", "what", self.subject, "C-0142; cabinet:, district:, road:, group:, area:"),
            Field("reason", "reason", "", "that the work is done, and who says so"),
            Field("word", "word", "", "only for another person's lockout: UNLOCK"),
        )

    def preview(self, desk: DeskLike, values: Values) -> Agreement:
        reason = reason_of(values)
        subject = _subject(values)
        scope = desk.parse_scope(subject)
        word = values["word"].strip()

        def do(desk: DeskLike) -> Receipt:
            self.subject = subject
            return desk.unlock(scope, reason=reason, word=word)

        return Agreement((Fact("dashboard_unlock_preview", {"subject": subject}),), do)

    def done(self, receipt: Receipt) -> str:
        numbers = ", ".join(f"#{number}" for number in receipt.released)
        return f"{self.subject}: lockout taken off" + (f" ({numbers})" if numbers else "")
