"""What an emergency, a lamp test, a demand limit and a second person's word became."""

from __future__ import annotations

import dataclasses

from drivers.plain_number import plain_number
from lighting.assets.fact import Fact, Value
from lighting.cli.acts_waiting import Act, conclude
from lighting.cli.exit_codes import Exit
from lighting.cli.voice import Voice
from lighting.desk.answers import Receipt
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage

_LONGEST_NUMBER = 18


def number_of(text: str) -> int:
    """The number of an instruction, with or without ``#``. Raises ``WrongUsage`` for anything else."""
    digits = text.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER):
        raise WrongUsage(Fact("number_not_understood", {"found": text}))
    return int(digits)


def power_of(level: str | None, kw: str | None) -> float | None:
    """The power in W that --kw asks for; None where a level is given. Raises ``WrongUsage`` for both and neither."""
    if (level is None) == (kw is None):
        raise WrongUsage(Fact("level_or_power"))
    if kw is None:
        return None
    try:
        return plain_number(kw.strip().lower().removesuffix("kw").strip()) * 1000.0
    except ValueError as error:
        raise WrongUsage(Fact("target_power_not_a_number", {"found": kw})) from error


def said_of(target: str, receipt: Receipt, **more: Value) -> dict[str, Value]:
    """The values of the sentence that tells what was recorded."""
    counted: dict[str, Value] = {"circuits": len(receipt.circuits), "lamps": receipt.lamps}
    return {"id": receipt.instruction_id, "target": target, **counted, "until_ms": receipt.until_ms, **more}


def report_emergency(
    desk: Desk, voice: Voice, target: str, receipt: Receipt, *, by_day: bool, wait: bool, as_json: bool
) -> int:
    """``emergency``: its number and end, and how it is ended sooner. By daylight there is nothing yet to wait for."""
    values = said_of(target, receipt)
    said = Fact("emergency_recorded_by_day", values) if by_day else Fact("emergency_recorded", values)
    how = Fact("emergency_ends_by_number", {"id": receipt.instruction_id})
    told = dataclasses.replace(receipt, warnings=(*receipt.warnings, how))
    is_dark_awaited = any(fact.code == "emergency_waits_for_dark" for fact in receipt.warnings)
    return conclude(desk, voice, Act(target, said, told), wait=wait and not is_dark_awaited, as_json=as_json)


def report_test(
    desk: Desk, voice: Voice, target: str, level_pct: float, receipt: Receipt, *, wait: bool, as_json: bool
) -> int:
    """``test``: its number, level and end."""
    said = Fact("test_recorded", said_of(target, receipt, level_pct=level_pct))
    return conclude_or_wait_for_second(desk, voice, Act(target, said, receipt), level_pct, wait=wait, as_json=as_json)


def report_limit(
    desk: Desk, voice: Voice, target: str, level_pct: float, receipt: Receipt, *, wait: bool, as_json: bool
) -> int:
    """``limit``: its number, cap and end; its warnings say the power."""
    said = Fact("limit_recorded", said_of(target, receipt, level_pct=level_pct))
    return conclude_or_wait_for_second(desk, voice, Act(target, said, receipt), level_pct, wait=wait, as_json=as_json)


def report_confirm(desk: Desk, voice: Voice, number: int, receipt: Receipt, *, wait: bool, as_json: bool) -> int:
    """``confirm``: what has come into force."""
    target = str(desk.scope_of_number(number))
    act = Act(target, Fact("proposal_confirmed", said_of(target, receipt)), receipt)
    return conclude(desk, voice, act, wait=wait, as_json=as_json)


def conclude_or_wait_for_second(
    desk: Desk, voice: Voice, act: Act, level_pct: float, *, wait: bool, as_json: bool
) -> int:
    """As ``conclude``; for what is only proposed there is no controller to wait for, and the exit code says so."""
    if act.receipt.state != "proposed":
        return conclude(desk, voice, act, wait=wait, as_json=as_json)
    said = Fact("proposal_recorded", said_of(act.target, act.receipt, level_pct=level_pct))
    conclude(desk, voice, dataclasses.replace(act, said=said), wait=False, as_json=as_json)
    return Exit.WAITS_FOR_SECOND
