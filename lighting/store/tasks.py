"""Tasks: work on devices that a person asked for, where it stands and what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, delete, insert, select, update

from lighting.assets.fact import Fact
from lighting.store.audit_rows import write_audit
from lighting.store.changes import bump
from lighting.store.engine import Database
from lighting.store.facts import columns_of, fact_of, json_of, json_text
from lighting.store.records import ENDED_TASK_STATES, AuditDraft, Task, TaskOutput, TaskStatus
from lighting.store.schema import task, task_output, task_state

_ENDED = sorted(ENDED_TASK_STATES)
_OPEN = task_state.c.state.not_in(_ENDED)


class Tasks:
    """One event a task and one row of where it stands; its outputs are appended.

    A change of state is a compare-and-set in one transaction: a task that lapsed is never begun, an ended one stays so.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(
        self,
        *,
        kind: str,
        params: Mapping[str, object],
        by: str,
        reason: str,
        at_ms: int,
        audit: AuditDraft | None = None,
    ) -> int:
        """Record it as waiting, with its audit row if one is given, in one synced transaction; its number."""
        row = {"kind": kind, "params": json_text(params), "by": by, "reason": reason, "asked_ms": at_ms}
        with self._database.writing(durable=True) as connection:
            number = int(connection.execute(insert(task).values(row).returning(task.c.id)).scalar_one())
            first = {"task_id": number, "state": "waiting", "state_ms": at_ms, "done": 0, "total": 0, "asker_beats": 0}
            connection.execute(insert(task_state).values(first))
            if audit is not None:
                values = {"task_id": number} | dict(audit.values)
                write_audit(connection, at_ms=at_ms, by=by, act=audit.act, subject=audit.subject, values=values)
            bump(self._database, connection, "task")
        return number

    def get(self, task_id: int) -> TaskStatus | None:
        with self._database.reading() as connection:
            row = connection.execute(_all().where(task.c.id == task_id)).one_or_none()
        return None if row is None else _status(row)

    def unended(self) -> list[TaskStatus]:
        """Those that wait, queue or run, oldest first."""
        return self._statuses(_all().where(_OPEN).order_by(task.c.id))

    def recent(self, *, limit: int = 50) -> list[TaskStatus]:
        """Newest first."""
        return self._statuses(_all().order_by(task.c.id.desc()).limit(limit))

    def take(self, task_id: int, state: Literal["queued", "running"], *, at_ms: int) -> bool:
        """Take it up, or begin it; False when it has ended meanwhile (cancelled or lapsed)."""
        return self._change(task_id, {"state": state, "state_ms": at_ms})

    def progress(self, task_id: int, done: int, total: int) -> None:
        """How far it is; nothing where it has ended."""
        self._change(task_id, {"done": done, "total": total}, durable=False)

    def end(
        self,
        task_id: int,
        state: Literal["done", "failed", "cancelled", "lapsed"],
        *,
        at_ms: int,
        result: Mapping[str, object] | None = None,
        fact: Fact | None = None,
        unless_begun: bool = False,
    ) -> bool:
        """False when it has ended already. ``lapsed`` ends only one that nobody took up.

        With ``unless_begun`` a running one is left alone: what is being written is written to its end.
        """
        values: dict[str, Any] = {"state": state, "state_ms": at_ms} | columns_of(fact, "fact")
        values["result"] = None if result is None else json_text(result)
        standing: ColumnElement[bool] = _OPEN
        if state == "lapsed":
            standing = task_state.c.state == "waiting"
        elif unless_begun:
            standing = task_state.c.state.in_(("waiting", "queued"))
        return self._change(task_id, values, standing)

    def asker_waits(self, task_id: int) -> None:
        """The one who asked still waits for it."""
        self._change(task_id, {"asker_beats": task_state.c.asker_beats + 1}, durable=False)

    def add_outputs(self, task_id: int, outputs: Sequence[Mapping[str, object]], *, at_ms: int) -> None:
        rows = [{"task_id": task_id, "at_ms": at_ms, "output": json_text(output)} for output in outputs]
        if rows:
            with self._database.writing(durable=False) as connection:
                connection.execute(insert(task_output), rows)
                bump(self._database, connection, "task")

    def outputs(self, task_id: int, *, after_id: int = 0) -> list[TaskOutput]:
        """Ascending, those after that number."""
        query = select(task_output).where(task_output.c.task_id == task_id, task_output.c.id > after_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(task_output.c.id))
            return [TaskOutput(row.id, row.task_id, row.at_ms, json_of(row.output)) for row in rows]

    def forget_outputs(self, before_ms: int) -> int:
        """Delete the outputs of ended tasks that are older (their results stay); how many."""
        ended = select(task_state.c.task_id).where(task_state.c.state.in_(_ENDED))
        older = delete(task_output).where(task_output.c.at_ms < before_ms, task_output.c.task_id.in_(ended))
        with self._database.writing(durable=False) as connection:
            return connection.execute(older).rowcount

    def _statuses(self, query: Select[Any]) -> list[TaskStatus]:
        with self._database.reading() as connection:
            return [_status(row) for row in connection.execute(query)]

    def _change(
        self, task_id: int, values: Mapping[str, Any], standing: ColumnElement[bool] = _OPEN, *, durable: bool = True
    ) -> bool:
        row = update(task_state).where(task_state.c.task_id == task_id, standing)
        with self._database.writing(durable=durable) as connection:
            changed = connection.execute(row.values(dict(values))).rowcount == 1
            if changed:
                bump(self._database, connection, "task")
        return changed


def _all() -> Select[Any]:
    state = task_state.c
    columns = (state.state, state.state_ms, state.done, state.total, state.asker_beats)
    return select(task, *columns, state.result, state.fact_code, state.fact_values).join(
        task_state, state.task_id == task.c.id
    )


def _status(row: Row[Any]) -> TaskStatus:
    return TaskStatus(
        task=Task(row.id, row.kind, json_of(row.params), row.by, row.reason, row.asked_ms),
        state=row.state,
        state_ms=row.state_ms,
        done=row.done,
        total=row.total,
        asker_beats=row.asker_beats,
        result=None if row.result is None else json_of(row.result),
        fact=fact_of(row.fact_code, row.fact_values),
    )
