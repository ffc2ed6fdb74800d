"""What ``lighting commission`` does: shows what circuits would do without us; makes them stay lit once confirmed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

from lighting.assets.fact import Fact, Value
from lighting.assets.failsafe import UNCOVERED
from lighting.assets.failsafe_settings import SettingChange
from lighting.assets.watchdog_feeding import planned_not_fed
from lighting.cli.device_work import result_of
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.say_without_us import CAUSE_COLUMNS, UNDER_FLOOR, effect_text, tell_under_floor
from lighting.cli.table import Column, print_table
from lighting.cli.task_progress import TaskProgress
from lighting.cli.voice import Voice, print_json
from lighting.desk import rights
from lighting.desk.answers import CircuitWithoutUs
from lighting.desk.desk import Desk
from lighting.desk.refusal import Refused, WrongUsage
from lighting.desk.tasks import TaskWish
from lighting.desk.without_us import circuits_to_commission, devices_of
from lighting.desk.without_us_facts import few, uncovered_facts
from lighting.wording.figures import level

SCHEMA = "lighting.commission/1"
CONFIRMING_WORD = "yes"
_DEFAULT_REASON = "commissioning"
Alone = Mapping[str, CircuitWithoutUs]


def report_commission(
    desk: Desk,
    voice: Voice,
    circuit_ids: Sequence[str],
    *,
    cabinet: str,
    dry_run: bool,
    yes: bool,
    reason: str,
    as_json: bool,
    as_found: bool = False,
) -> int:
    """0 when all stand as they should, 4 when a device was not reached or not verified, 5 when a lockout forbade it.

    4 also where a device is not what was commissioned in what commissioning never writes; ``as_found`` takes that over.
    """
    circuits = circuits_to_commission(desk.site, circuit_ids, cabinet)
    devices = sorted({name for circuit in circuits for name in devices_of(desk.site.circuits[circuit])})
    too_short = planned_not_fed(desk.site, devices)
    if not dry_run:
        rights.require(desk.site, desk.user_id, "operator", "commission")
        if too_short is not None:
            raise Refused(too_short.fact("commission_watchdog_not_fed"))
    elif too_short is not None:
        voice.tell(too_short.fact("commission_watchdog_not_fed"))
    params: dict[str, object] = {"devices": devices, "circuits": list(circuits), "write": False}
    subject = f"cabinet:{cabinet}" if cabinet else few(list(circuits))
    with TaskProgress(voice, label="reading") as progress:
        looked = result_of(desk, TaskWish("commission", params, subject), progress)
    before = desk.without_us(circuits)
    changes = _changes(before, unread=_unread(looked))
    if not as_json:
        _print_before(voice, before, changes, looked)
    after: Alone | None = None
    done: dict[str, Any] = {"devices": looked["devices"], "writes": [], "not_agreed": []}
    if not dry_run and _is_wanted(desk, before, changes, looked):
        _confirm(voice, changes, yes=yes, may_ask=not as_json)
        wanted = {
            **params,
            "write": True,
            "as_found": as_found,
            "agreed": [[c.device, c.point, c.to_raw] for c in changes],
        }
        told = {"circuits": len(circuits), "devices": len(devices), "settings": len(changes)}
        done = _write(
            desk,
            voice,
            TaskWish("commission", wanted, subject, writes=True, reason=reason or _DEFAULT_REASON, told=told),
        )
        after = desk.without_us(circuits)
        if not as_json:
            _print_after(voice, after, done)
    if as_json:
        print_json(_document(before, after, changes, done, dry_run=dry_run))
    other = after if after is not None else before
    if not dry_run and any(one.wrong_mode or one.drifted for one in other.values()):
        return max(_exit_code(done), Exit.NOT_CONFIRMED)
    return _exit_code(done)


def _write(desk: Desk, voice: Voice, wish: TaskWish) -> dict[str, Any]:
    """Have it done; whoever breaks it off is told what that means."""
    try:
        with TaskProgress(voice, label="writing") as progress:
            return result_of(desk, wish, progress, finish_once_begun=True)
    except KeyboardInterrupt:
        voice.tell(Fact("commission_broken_off"))
        raise


def _only_watched(known: Alone) -> list[Fact]:
    """What differs from what was commissioned and is not for commissioning to write."""
    found = {}
    for one in known.values():
        written = {(change.device, change.point) for change in one.changes}
        for drift in one.drifted:
            if (drift.device, drift.point) not in written:
                values: dict[str, Value] = {"device": drift.device, "setting": drift.point}
                found[drift.device, drift.point] = Fact("commission_only_watched", values)
    return list(found.values())


def _unread(result: Mapping[str, Any]) -> dict[str, str]:
    """The devices that could not be read, with the code of why."""
    return {end["device"]: end["error"] for end in result["devices"] if end["error"]}


def _changes(known: Alone, unread: Iterable[str]) -> tuple[SettingChange, ...]:
    """Each setting once, of the devices that were read just now."""
    found = {(c.device, c.point): c for one in known.values() for c in one.changes if c.device not in unread}
    return tuple(sorted(found.values(), key=lambda change: (change.device, change.place)))


def _is_wanted(desk: Desk, before: Alone, changes: Sequence[SettingChange], looked: Mapping[str, Any]) -> bool:
    """Something differs; or all is right and nobody has signed for it yet."""
    return bool(changes) or any(not one.commissioned or one.drifted for one in before.values())


def _print_before(voice: Voice, before: Alone, changes: Sequence[SettingChange], looked: Mapping[str, Any]) -> None:
    _print_circuits(voice, before)
    for device, error in _unread(looked).items():
        voice.tell(Fact("commission_not_read", {"device": device, "error": error}))
    for device in sorted({name for one in before.values() for name in one.wrong_mode}):
        voice.tell(Fact("commission_wrong_mode", {"device": device}))
    voice.tell(*_only_watched(before))
    if changes:
        print()
        print_table(_SETTINGS, [_setting_row(change) for change in changes], voice)
    elif not _unread(looked):
        stands = all(one.verdict not in UNCOVERED for one in before.values())
        said = "commission_nothing_differs" if stands else "commission_nothing_to_write"
        voice.tell(Fact(said, {"circuits": len(before)}))
    voice.tell(*uncovered_facts(before))


_CIRCUITS = (
    Column("CIRCUIT"),
    *CAUSE_COLUMNS.values(),
    Column("SO IT", gives_way=True),
    Column("SHOULD", right=True),
)
_SETTINGS = (
    Column("DEVICE"),
    Column("SETTING"),
    Column("NOW", right=True),
    Column("WILL BE", right=True),
    Column("FOR", gives_way=True),
)
_VERDICTS = {
    "stays_lit": "stays lit",
    "lit_day_and_night": "is lit day and night",
    "lit_by_fallback": "is lit by its cabinet",
    "excepted": "is signed for",
    "goes_dark": "GOES DARK",
    "unknown": "is unknown",
}


def _print_circuits(voice: Voice, known: Alone) -> None:
    print_table(_CIRCUITS, [_circuit_row(circuit, one) for circuit, one in known.items()], voice)
    effects = [(e, one.floor_pct) for one in known.values() for e in one.effects if e.in_verdict and e.under_floor]
    tell_under_floor(voice, [(e.effect.level_pct, floor_pct) for e, floor_pct in effects])


def _circuit_row(circuit: str, one: CircuitWithoutUs) -> tuple[str, ...]:
    causes = [
        effect_text(e.effect if e.in_verdict else None, one.floor_pct if e.under_floor else None) for e in one.effects
    ]
    verdict = UNDER_FLOOR if one.only_under_floor else _VERDICTS[one.verdict]
    return (circuit, *causes, verdict, level(round(one.should_pct)))


def _setting_row(change: SettingChange) -> tuple[str, ...]:
    now = "?" if change.from_value is None else change.from_word or f"{change.from_value:g} {change.unit}".strip()
    wanted = change.to_word or f"{change.to_value:g} {change.unit}".strip()
    return (change.device, change.point, now, wanted, few(list(change.circuits), 3))


def _confirm(voice: Voice, changes: Sequence[SettingChange], *, yes: bool, may_ask: bool) -> None:
    """A typed yes before anything is written; nothing to write needs none."""
    if yes or not changes:
        return
    devices = len({change.device for change in changes})
    values: dict[str, Value] = {"settings": len(changes), "devices": devices, "word": CONFIRMING_WORD}
    if not (may_ask and sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUsage(Fact("commission_needs_yes", {"settings": len(changes)}))
    typed = typer.prompt(voice.sentence(Fact("commission_ask", values)), default="", show_default=False, err=True)
    if typed.strip().lower() != CONFIRMING_WORD:
        raise Refused(Fact("write_not_confirmed_by_person"))


def _print_after(voice: Voice, after: Alone, done: Mapping[str, Any]) -> None:
    for write in done["writes"]:
        values = {"device": write["device"], "point": write["point"], "detail": write["detail"] or "–"}
        voice.tell(Fact(_BECAME[write["became"]], values))
    for device, error in _unread(done).items():
        voice.tell(Fact("commission_not_read", {"device": device, "error": error}))
    for change in done["not_agreed"]:
        voice.tell(Fact("commission_not_agreed", change))
    print()
    voice.data(Fact("commission_holds_now"))
    _print_circuits(voice, after)
    voice.tell(*uncovered_facts(after))


_BECAME = {
    "verified": "commission_verified",
    "stood_already": "commission_stood_already",
    "not_verified": "commission_not_verified",
    "refused": "commission_refused",
    "unreachable": "commission_unreachable",
    "locked_out": "commission_locked_out",
    "left_alone": "commission_left_alone",
}
_FAILED = frozenset({"not_verified", "refused", "unreachable", "left_alone"})


def _exit_code(done: Mapping[str, Any]) -> int:
    became = {write["became"] for write in done["writes"]}
    locked = "locked_out" in became
    # What was left alone beside a lockout was left alone for it.
    failed = became & (_FAILED - {"left_alone"} if locked else _FAILED)
    if failed or _unread(done) or done["not_agreed"]:
        return Exit.NOT_CONFIRMED
    return Exit.REFUSED if locked else Exit.FINE


def _document(
    before: Alone, after: Alone | None, changes: Sequence[SettingChange], done: Mapping[str, Any], *, dry_run: bool
) -> dict[str, Any]:
    circuits = [
        {"circuit_id": circuit, "before": one, "after": None if after is None else after[circuit]}
        for circuit, one in before.items()
    ]
    return form(
        SCHEMA,
        dry_run=dry_run,
        circuits=circuits,
        changes=changes,
        devices=done["devices"],
        writes=done["writes"],
        not_agreed=done["not_agreed"],
    )
