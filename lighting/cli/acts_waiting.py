"""From the durable row to the lamps: what is said while a command waits for the controller."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from lighting.assets.fact import Fact, Value
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form, plain
from lighting.cli.voice import Voice, print_json
from lighting.desk.acts import few
from lighting.desk.answers import Receipt
from lighting.desk.desk import Desk

SCHEMA = "lighting.receipt/1"
WAIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Act:
    """An act that is durable: what to say of it (None: it changed nothing), and its receipt."""

    target: str
    said: Fact | None
    receipt: Receipt

    @property
    def ids(self) -> tuple[int, ...]:
        """The instructions whose confirmation can be waited for."""
        own = () if self.receipt.instruction_id is None else (self.receipt.instruction_id,)
        return own + self.receipt.released


def conclude(desk: Desk, voice: Voice, act: Act, *, wait: bool, as_json: bool) -> int:
    """Say what is recorded, wait if wanted, say what came of it; 4 when it is in force but not confirmed.

    Nothing is wrong with one that something stronger holds back: that is 0.
    """
    if act.said is not None and not as_json:
        voice.data(act.said)
    voice.tell(*act.receipt.warnings)
    final = _waited(desk, voice, act) if wait and act.ids else act.receipt
    if as_json:
        print_json(form(SCHEMA, target=act.target, **plain(final)))
    if final.confirmed is None:
        return Exit.FINE
    voice.tell(_outcome(act, final))
    return Exit.FINE if final.confirmed or final.held_back else Exit.NOT_CONFIRMED


def _waited(desk: Desk, voice: Voice, act: Act) -> Receipt:
    if act.receipt.controller in ("running", "silent"):
        voice.tell(Fact("waiting_for_controller", {"longest_duration_ms": round(WAIT_S * 1000)}))
    waited = desk.wait_confirmed(act.ids, timeout_s=WAIT_S)
    voice.tell(*waited.warnings)
    return dataclasses.replace(
        waited,
        instruction_id=act.receipt.instruction_id,
        circuits=act.receipt.circuits,
        until_ms=act.receipt.until_ms,
        warnings=act.receipt.warnings + waited.warnings,
        released=act.receipt.released,
        state=act.receipt.state,
        lapses_ms=act.receipt.lapses_ms,
        lamps=act.receipt.lamps,
    )


def _outcome(act: Act, final: Receipt) -> Fact:
    given = act.receipt.instruction_id
    numbers = ", ".join(str(one) for one in (act.receipt.released if given is None else (given,)))
    if final.confirmed and final.withheld_circuits:
        withheld = final.withheld_circuits
        return Fact("confirmed_in_part", {"circuits": len(withheld), "names": few(withheld)})
    if final.confirmed and final.latency_s is not None:
        return Fact("confirmed_in", {"latency_s": final.latency_s})
    if final.confirmed:
        return Fact("confirmed")
    if final.held_back:
        return Fact("held_back_for_now", {"until_ms": act.receipt.until_ms})
    no_controller = final.controller in ("stopped", "never_ran")
    circuits = final.unconfirmed_circuits
    open_yet: dict[str, Value] = {"ids": numbers, "circuits": len(circuits), "names": few(circuits) or act.target}
    if given is None:  # something was only taken off: nothing of it is in force or will take effect
        if no_controller:
            return Fact("taken_off_no_controller", {"ids": numbers})
        return Fact("taken_off_not_confirmed", open_yet)
    if no_controller:
        return Fact("not_confirmed_no_controller", {"ids": numbers})
    return Fact("not_confirmed", open_yet)
