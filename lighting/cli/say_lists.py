"""``lighting instructions`` and ``lighting revisions``: lists, newest first, after what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lighting.assets.fact import Fact, Value
from lighting.cli.json_forms import form, plain
from lighting.cli.say_revisions import same_content
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice, print_json
from lighting.desk.person import layer_word, role_for
from lighting.desk.scopes import scope_of
from lighting.store.records import InstructionStatus, Revision
from lighting.wording.figures import Manner, level, local_time

INSTRUCTIONS_SCHEMA = "lighting.instructions/1"
REVISIONS_SCHEMA = "lighting.revisions/1"

_INSTRUCTION_COLUMNS = (
    Column("ID", right=True),
    Column("WHAT"),
    Column("TARGET", gives_way=True),
    Column("LEVEL", right=True),
    Column("UNTIL"),
    Column("STATE"),
    Column("BY", gives_way=True),
    Column("REASON", gives_way=True),
)
_TOLD_BESIDE = frozenset(
    {
        ("sent", "instruction_held_back"),
        ("failed", "instruction_not_confirmed"),
        ("released", "test_ended_by_lockout"),
        ("released", "test_ended_by_emergency"),
        ("released", "test_ended_by_stop"),
    }
)
"""States with the facts that are told of them under the table."""
_REVISION_COLUMNS = (
    Column("REVISION", right=True),
    Column("SAME AS", right=True),
    Column("ACCEPTED"),
    Column("BY", gives_way=True),
    Column("NOTE", gives_way=True),
)


def print_instructions(
    statuses: Sequence[InstructionStatus],
    voice: Voice,
    *,
    missed_w: Mapping[int, float],
    dark_ms: Mapping[int, int],
    as_json: bool,
) -> None:
    """What people have asked, each with where it stands; ``missed_w``: by how much each demand limit is missed now.

    ``dark_ms``: when it gets dark for each emergency that waits for that.
    """
    if as_json:
        rows = [{**plain(status), "missed_w": missed_w.get(status.instruction.id)} for status in statuses]
        print_json(form(INSTRUCTIONS_SCHEMA, instructions=rows))
    elif not statuses:
        voice.tell(Fact("no_instructions"))
    else:
        print_table(_INSTRUCTION_COLUMNS, [_instruction(status, voice) for status in statuses], voice)
        voice.tell(*_beside(statuses, missed_w, dark_ms))


def _beside(
    statuses: Sequence[InstructionStatus], missed_w: Mapping[int, float], dark_ms: Mapping[int, int]
) -> Iterator[Fact]:
    """What the table has no column for: who must confirm a proposal until when, what something is waiting for, why it
    ended before its time, which limits are missed.
    """
    for status in statuses:
        asked = status.instruction
        if status.state == "proposed" and status.proposal is not None:
            needed: dict[str, Value] = {"id": asked.id, "by": asked.by, "role": role_for(asked.layer)}
            code = "proposals_waiting_below_floor" if asked.below_floor else "proposals_waiting"
            yield Fact(code, {**needed, "lapses_ms": status.proposal.lapses_ms})
        elif asked.id in dark_ms and status.state in ("recorded", "sent"):
            yield Fact("instruction_waits_for_dark", {"id": asked.id, "dark_ms": dark_ms[asked.id]})
        elif status.fact is not None and (status.state, status.fact.code) in _TOLD_BESIDE:
            yield status.fact
        elif missed_w.get(asked.id, 0.0) >= 1:
            yield Fact("limit_missed_now", {"id": asked.id, "missed_w": missed_w[asked.id]})


def _instruction(status: InstructionStatus, voice: Voice) -> tuple[str, ...]:
    asked = status.instruction
    until = "–" if asked.until_ms is None else local_time(asked.until_ms, Manner(voice.timezone, voice.now_ms))
    return (
        str(asked.id),
        layer_word(asked.layer),
        str(scope_of(asked)),
        "–" if asked.level_pct is None else level(asked.level_pct),
        until,
        status.state,
        asked.by,
        asked.reason,
    )


def print_revisions(revisions: Sequence[Revision], voice: Voice, *, as_json: bool) -> None:
    """The accepted states of the folder; the first is the one that rules."""
    same_as = [same_content(one, revisions) for one in revisions]
    if as_json:
        told = [{**plain(one), "same_as": same} for one, same in zip(revisions, same_as, strict=True)]
        print_json(form(REVISIONS_SCHEMA, revisions=told))
    elif not revisions:
        voice.tell(Fact("no_revisions"))
    else:
        rows = [_revision(*one, voice) for one in zip(revisions, same_as, strict=True)]
        print_table(_REVISION_COLUMNS, rows, voice)


def _revision(revision: Revision, same_as: int | None, voice: Voice) -> tuple[str, ...]:
    accepted = local_time(revision.at_ms, Manner(voice.timezone))
    return str(revision.id), "" if same_as is None else str(same_as), accepted, revision.by, revision.note
