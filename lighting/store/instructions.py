"""What people asked: each instruction an event with its transitions, and one row of where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, or_, select, update

from lighting.assets.fact import Fact, Value
from lighting.assets.model import ScopeKind
from lighting.schedule.instructions import Instruction, Layer, span_ms
from lighting.store.audit_rows import write_audit
from lighting.store.changes import bump
from lighting.store.engine import Database
from lighting.store.errors import StoreError
from lighting.store.facts import columns_of, fact_of
from lighting.store.records import InstructionStateName, InstructionStatus
from lighting.store.schema import instruction, instruction_state, instruction_transition

_FINAL_STATES = ("released", "expired")
_NO_LEVEL = (Layer.LOCKOUT, Layer.LOCAL_CONTROL)
LATELY_MS = 3_600_000
"""Longer than any ramp shows what was."""
_NOT_RELEASED = instruction_state.c.released_ms.is_(None)
_IS_LOCKOUT = instruction.c.layer == int(Layer.LOCKOUT)


class Instructions:
    """Every write here is synced to disk before it returns: the answer to a person means that it will be done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        *,
        layer: Layer,
        scope_kind: ScopeKind,
        scope_id: str,
        level_pct: float | None,
        from_ms: int,
        until_ms: int | None,
        by: str,
        reason: str,
        below_floor: bool = False,
        audit_values: Mapping[str, Value] | None = None,
    ) -> Instruction:
        """Instruction, transition, state, audit row (at ``from_ms``) and change counter in one synced transaction."""
        values: dict[str, Any] = {
            "layer": int(layer),
            "scope_kind": scope_kind,
            "scope_id": scope_id,
            "level_pct": level_pct,
            "from_ms": from_ms,
            "until_ms": until_ms,
            "by": by,
            "reason": reason,
            "below_floor": below_floor,
        }
        with self._database.writing(durable=True) as connection:
            number = int(
                connection.execute(insert(instruction).values(values).returning(instruction.c.id)).scalar_one()
            )
            first = {"instruction_id": number, "state": "recorded"}
            connection.execute(insert(instruction_transition).values(first | {"at_ms": from_ms}))
            connection.execute(insert(instruction_state).values(first | {"state_ms": from_ms}))
            told = {name: values[name] for name in ("level_pct", "until_ms", "reason", "below_floor")}
            told |= {"instruction_id": number, "layer": layer.name.lower()} | dict(audit_values or {})
            write_audit(
                connection,
                at_ms=from_ms,
                by=by,
                act="record_instruction",
                subject=f"{scope_kind}:{scope_id}",
                values=told,
            )
            bump(self._database, connection, "instruction")
        return Instruction(
            number, layer, scope_kind, scope_id, level_pct, from_ms, until_ms, by, reason, below_floor=below_floor
        )

    def release(self, instruction_id: int, *, at_ms: int, by: str, reason: str) -> bool:
        """Take it off; False when it was released or past its time already. A lockout is never past its time."""
        with self._database.writing(durable=True) as connection:
            row = connection.execute(_all().where(instruction.c.id == instruction_id)).one_or_none()
            if row is None or not _can_be_released(row, at_ms):
                return False
            _add_transition(connection, instruction_id, "released", at_ms, None, None)
            standing = instruction_state.c.instruction_id == instruction_id
            released = {"state": "released", "state_ms": at_ms, "released_ms": at_ms}
            connection.execute(update(instruction_state).where(standing).values(released))
            told: dict[str, Value] = {"instruction_id": instruction_id, "reason": reason}
            subject = f"{row.scope_kind}:{row.scope_id}"
            write_audit(connection, at_ms=at_ms, by=by, act="release_instruction", subject=subject, values=told)
            bump(self._database, connection, "instruction")
        return True

    def transition(
        self,
        instruction_id: int,
        state: InstructionStateName,
        *,
        at_ms: int,
        fact: Fact | None = None,
        latency_ms: int | None = None,
    ) -> None:
        """Add a transition. A released or expired instruction stays so: a late confirmation is history, not its state.

        Raises ``StoreError`` for an instruction that does not exist.
        """
        with self._database.writing(durable=True) as connection:
            known = select(instruction.c.id).where(instruction.c.id == instruction_id)
            if connection.execute(known).one_or_none() is None:
                raise StoreError(Fact("instruction_unknown", {"id": instruction_id}))
            _add_transition(connection, instruction_id, state, at_ms, fact, latency_ms)
            values: dict[str, Any] = {"state": state, "state_ms": at_ms} | columns_of(fact, "fact")
            if latency_ms is not None:
                values["latency_ms"] = latency_ms
            if state == "released":
                values["released_ms"] = at_ms
            open_state = instruction_state.c.state.not_in(_FINAL_STATES)
            standing = and_(instruction_state.c.instruction_id == instruction_id, open_state)
            connection.execute(update(instruction_state).where(standing).values(values))
            bump(self._database, connection, "instruction")

    def in_force(self, at_ms: int) -> list[Instruction]:
        """In force at that time, ascending by number.

        A lockout that is not released is always among them, whatever the time is thought to be: a clock that was set
        back must not hand a line to the controller on which someone works. A circuit's giving back is among them until
        its end, from before its time too: a clock that was set back must not keep a street dark.
        """
        begun = or_(instruction.c.from_ms <= at_ms, instruction.c.layer == int(Layer.LOCAL_CONTROL))
        not_ended = or_(instruction.c.until_ms.is_(None), instruction.c.until_ms > at_ms)
        return self._instructions(and_(_NOT_RELEASED, or_(_IS_LOCKOUT, and_(begun, not_ended))))

    def get(self, instruction_id: int) -> InstructionStatus | None:
        with self._database.reading() as connection:
            row = connection.execute(_all().where(instruction.c.id == instruction_id)).one_or_none()
        return None if row is None else _status(row)

    def recent(self, *, limit: int = 200, scope: tuple[ScopeKind, str] | None = None) -> list[InstructionStatus]:
        """Newest first, of one scope or of all."""
        query = _all().order_by(instruction.c.id.desc()).limit(limit)
        if scope is not None:
            query = query.where(instruction.c.scope_kind == scope[0], instruction.c.scope_id == scope[1])
        with self._database.reading() as connection:
            return [_status(row) for row in connection.execute(query)]

    def active_between(self, from_ms: int, until_ms: int) -> list[Instruction]:
        """All that were in force at some time of the span (both ends included), ascending by number."""
        planned_end = or_(_IS_LOCKOUT, instruction.c.until_ms.is_(None), instruction.c.until_ms > from_ms)
        not_released = func.coalesce(instruction_state.c.released_ms, from_ms + 1) > from_ms
        return self._instructions(and_(instruction.c.from_ms <= until_ms, planned_end, not_released))

    def lately_ended(self, at_ms: int) -> list[Instruction]:
        """Those that set levels and ended (expired or taken off) in the hour before: a level falls slowly from theirs.

        None that a clock set back would bring to life again is among them.
        """
        found = self.active_between(at_ms - LATELY_MS, at_ms)
        return [note for note in found if note.layer not in _NO_LEVEL and span_ms(note)[1] <= at_ms]

    def _instructions(self, condition: ColumnElement[bool]) -> list[Instruction]:
        with self._database.reading() as connection:
            rows = connection.execute(_all().where(condition).order_by(instruction.c.id))
            return [_instruction(row) for row in rows]


def _all() -> Select[Any]:
    state = instruction_state.c
    return select(
        instruction,
        state.state,
        state.state_ms,
        state.released_ms,
        state.latency_ms,
        state.fact_code,
        state.fact_values,
    ).join(instruction_state, state.instruction_id == instruction.c.id)


def _can_be_released(row: Row[Any], at_ms: int) -> bool:
    is_past = row.layer != Layer.LOCKOUT and row.until_ms is not None and row.until_ms <= at_ms
    return row.released_ms is None and not is_past


def _add_transition(
    connection: Connection, instruction_id: int, state: str, at_ms: int, fact: Fact | None, latency_ms: int | None
) -> None:
    row: dict[str, Any] = {"instruction_id": instruction_id, "state": state, "at_ms": at_ms, "latency_ms": latency_ms}
    connection.execute(insert(instruction_transition).values(row | columns_of(fact, "fact")))


def _instruction(row: Row[Any]) -> Instruction:
    return Instruction(
        id=row.id,
        layer=Layer(row.layer),
        scope_kind=row.scope_kind,
        scope_id=row.scope_id,
        level_pct=row.level_pct,
        from_ms=row.from_ms,
        until_ms=row.until_ms,
        by=row.by,
        reason=row.reason,
        below_floor=row.below_floor,
        released_ms=row.released_ms,
    )


def _status(row: Row[Any]) -> InstructionStatus:
    fact = fact_of(row.fact_code, row.fact_values)
    return InstructionStatus(_instruction(row), row.state, row.state_ms, latency_ms=row.latency_ms, fact=fact)
