"""What an act became: its number on stdout at once, then, if wanted, whether the controller confirmed it."""

from __future__ import annotations

from drivers.plain_number import plain_number
from lighting.assets.fact import Fact
from lighting.cli.acts_waiting import Act, conclude
from lighting.cli.say_instructing import conclude_or_wait_for_second, number_of, said_of
from lighting.cli.voice import Voice
from lighting.desk.answers import Receipt
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage


def level_of(text: str) -> float:
    """The level that a person wrote, with or without a percent sign. Raises ``WrongUsage`` for no number."""
    try:
        return plain_number(text.strip().removesuffix("%").strip())
    except ValueError as error:
        raise WrongUsage(Fact("level_not_a_number", {"found": text})) from error


def number_meant(desk: Desk, text: str) -> int | None:
    """The number of an instruction that is meant, unless a circuit is called like that."""
    digits = text.strip().removeprefix("#")
    if text.strip() in desk.site.circuits or not (digits.isascii() and digits.isdigit()):
        return None
    return number_of(text)


def report_set(
    desk: Desk, voice: Voice, target: str, level_pct: float, receipt: Receipt, *, wait: bool, as_json: bool
) -> int:
    """``set``: the instruction's number, level and end."""
    said = Fact("override_recorded", said_of(target, receipt, level_pct=level_pct))
    return conclude_or_wait_for_second(desk, voice, Act(target, said, receipt), level_pct, wait=wait, as_json=as_json)


def report_release(desk: Desk, voice: Voice, target: str, receipt: Receipt, *, wait: bool, as_json: bool) -> int:
    """``release``: what was taken off."""
    what = ", ".join(desk.called(one) for one in receipt.released)
    said = Fact("instructions_released", {"what": what, "target": target}) if receipt.released else None
    return conclude(desk, voice, Act(target, said, receipt), wait=wait, as_json=as_json)


def report_lock(desk: Desk, voice: Voice, target: str, receipt: Receipt, *, wait: bool, as_json: bool) -> int:
    """``lock``: the lockout's number, and that it is not isolation."""
    values = {"id": receipt.instruction_id, "target": target, "circuits": len(receipt.circuits)}
    said = Fact("lockout_recorded", {**values, "until_ms": receipt.until_ms})
    return conclude(desk, voice, Act(target, said, receipt), wait=wait, as_json=as_json)


def report_unlock(desk: Desk, voice: Voice, target: str, receipt: Receipt, *, wait: bool, as_json: bool) -> int:
    """``unlock``: which lockouts were taken off."""
    said = Fact("lockout_released", {"ids": _ids(receipt), "target": target})
    return conclude(desk, voice, Act(target, said, receipt), wait=wait, as_json=as_json)


def _ids(receipt: Receipt) -> str:
    return ", ".join(str(one) for one in receipt.released)
