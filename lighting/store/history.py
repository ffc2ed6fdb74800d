"""What happened: decisions when they changed, writes to devices, alarms and the audit. Append-only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, and_, func, insert, select, update

from lighting.assets.fact import Fact, Value
from lighting.store.audit_rows import write_audit
from lighting.store.changes import bump
from lighting.store.engine import Database
from lighting.store.facts import columns_of, fact_columns, values_of
from lighting.store.many_rows import ManyRows, Values, raw_columns
from lighting.store.records import AlarmState, AuditEntry, DecisionChange, DecisionColumns, DeviceWrite
from lighting.store.schema import alarm_state, alarm_transition, asset, audit, decision, device_write

_DECISION_FIELDS = ("circuit_key", "at_ms", "level_pct", "layer", "revision_id")
_WRITE_FIELDS = ("at_ms", "device_key", "channel", "quantity", "value", "outcome", "latency_ms", "instruction_id")
_decision_values = attrgetter(*_DECISION_FIELDS)
_write_values = attrgetter(*_WRITE_FIELDS)
_DECISIONS = ManyRows(decision, (*_DECISION_FIELDS, "cause_code", "cause_values"), replaces=False)
_WRITES = ManyRows(device_write, _WRITE_FIELDS, replaces=False)


class History:
    """Decisions, device writes, alarms and audit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_decisions(self, changes: Sequence[DecisionChange]) -> None:
        """One row for each circuit whose level, layer or cause changed."""
        causes = fact_columns(change.cause for change in changes)
        self._add(_DECISIONS, [_decision_values(change) + causes[id(change.cause)] for change in changes])

    def decisions(self, circuit_key: int, from_ms: int, until_ms: int) -> list[DecisionChange]:
        """Ascending, both ends included, and before them the one that was in force at ``from_ms``."""
        of_circuit = select(decision).where(decision.c.circuit_key == circuit_key)
        before = of_circuit.where(decision.c.at_ms < from_ms).order_by(decision.c.at_ms.desc(), decision.c.id.desc())
        within = of_circuit.where(decision.c.at_ms.between(from_ms, until_ms)).order_by(decision.c.at_ms, decision.c.id)
        with self._database.reading() as connection:
            rows = [*connection.execute(before.limit(1)), *connection.execute(within)]
        return [_decision(row) for row in rows]

    def all_decisions(self, from_ms: int, until_ms: int) -> DecisionColumns:
        """Of all circuits in the half-open span, and for each the last one before it; by circuit, then time."""
        of, circuits = decision.c, select(asset.c.key).where(asset.c.kind == "circuit").subquery()
        newest = decision.alias("newest")
        last = (
            select(newest.c.id)
            .where(newest.c.circuit_key == circuits.c.key, newest.c.at_ms < from_ms)
            .order_by(newest.c.at_ms.desc(), newest.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        columns = (of.circuit_key, of.at_ms, of.id, of.level_pct, of.layer)
        # Circuit by circuit along the index: a span of time alone would read the whole history.
        before = select(*columns).select_from(circuits.join(decision, of.id == last))
        within = select(*columns).select_from(circuits.join(decision, of.circuit_key == circuits.c.key))
        with self._database.reading() as connection:
            earlier = raw_columns(connection, before, len(columns))
            later = raw_columns(connection, within.where(of.at_ms >= from_ms, of.at_ms < until_ms), len(columns))
        joined = [one + other for one, other in zip(earlier, later, strict=True)]
        keys, at_ms, numbers = (np.array(column, np.int64) for column in joined[:3])
        order = np.lexsort((numbers, at_ms, keys))
        # None becomes NaN.
        levels, layers = np.array(joined[3], np.float64), np.array(joined[4], np.uint8)
        return DecisionColumns(keys[order], at_ms[order], levels[order], layers[order])

    def add_writes(self, writes: Sequence[DeviceWrite]) -> None:
        self._add(_WRITES, [_write_values(write) for write in writes])

    def writes(self, device_key: int, from_ms: int, until_ms: int) -> list[DeviceWrite]:
        """Ascending by time, both ends included."""
        columns = [device_write.c[name] for name in _WRITE_FIELDS]
        in_span = device_write.c.at_ms.between(from_ms, until_ms)
        query = select(*columns).where(device_write.c.device_key == device_key, in_span)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(device_write.c.at_ms, device_write.c.id))
            return [DeviceWrite(*row) for row in rows]

    def write_counts(self, from_ms: int, until_ms: int) -> dict[str, int]:
        """Writes by outcome, both ends of the span included."""
        in_span = device_write.c.at_ms.between(from_ms, until_ms)
        query = (
            select(device_write.c.outcome, func.count().label("number")).where(in_span).group_by(device_write.c.outcome)
        )
        with self._database.reading() as connection:
            return {row.outcome: row.number for row in connection.execute(query)}

    def raise_alarm(self, kind: str, subject_kind: str, subject_id: str, *, at_ms: int, fact: Fact) -> bool:
        """False when it already stands; its fact is refreshed, with no row in the history."""
        subject = {"kind": kind, "subject_kind": subject_kind, "subject_id": subject_id}
        told = columns_of(fact, "fact")
        with self._database.writing(durable=False) as connection:
            standing = _standing(connection, subject)
            if standing is not None:
                if told != {name: getattr(standing, name) for name in told}:
                    row = update(alarm_state).where(alarm_state.c.alarm_id == standing.alarm_id)
                    connection.execute(row.values(told))
                    bump(self._database, connection, "alarm")
                return False
            event = insert(alarm_transition).values(subject | told | {"at_ms": at_ms, "state": "raised"})
            number = connection.execute(event.returning(alarm_transition.c.id)).scalar_one()
            connection.execute(insert(alarm_state).values(subject | told | {"alarm_id": number, "raised_ms": at_ms}))
            bump(self._database, connection, "alarm")
        return True

    def return_alarm(self, kind: str, subject_kind: str, subject_id: str, *, at_ms: int) -> bool:
        """False when no such alarm stands."""
        subject = {"kind": kind, "subject_kind": subject_kind, "subject_id": subject_id}
        with self._database.reading() as connection:
            # Most calls find nothing: they must not cost a write transaction.
            if _standing(connection, subject) is None:
                return False
        with self._database.writing(durable=False) as connection:
            standing = _standing(connection, subject)
            if standing is None:
                return False
            told = {"fact_code": standing.fact_code, "fact_values": standing.fact_values}
            event = insert(alarm_transition).values(subject | told | {"at_ms": at_ms, "state": "returned"})
            connection.execute(event)
            row = update(alarm_state).where(alarm_state.c.alarm_id == standing.alarm_id)
            connection.execute(row.values(returned_ms=at_ms))
            bump(self._database, connection, "alarm")
        return True

    def alarms(self, *, standing_only: bool = True) -> list[AlarmState]:
        """Newest first: those that stand, or each that ever stood, one row from raised to returned."""
        query = select(alarm_state).order_by(alarm_state.c.alarm_id.desc())
        if standing_only:
            query = query.where(alarm_state.c.returned_ms.is_(None))
        with self._database.reading() as connection:
            return [_alarm(row) for row in connection.execute(query)]

    def add_audit(self, *, at_ms: int, by: str, act: str, subject: str, values: Mapping[str, Value]) -> int:
        """Record an act, synced to disk; its number."""
        with self._database.writing(durable=True) as connection:
            return write_audit(connection, at_ms=at_ms, by=by, act=act, subject=subject, values=values)

    def audit(self, *, limit: int = 200) -> list[AuditEntry]:
        """Newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(limit)).mappings()
            return [AuditEntry(**dict(row) | {"values": values_of(row["values"])}) for row in rows]

    def _add(self, table: ManyRows, rows: list[Values]) -> None:
        if rows:
            with self._database.writing(durable=False) as connection:
                table.write(self._database, connection, rows)


def _standing(connection: Connection, subject: Mapping[str, str]) -> Row[Any] | None:
    same = [alarm_state.c[name] == value for name, value in subject.items()]
    query = select(alarm_state).where(and_(*same, alarm_state.c.returned_ms.is_(None)))
    return connection.execute(query).one_or_none()


def _decision(row: Row[Any]) -> DecisionChange:
    cause = Fact(row.cause_code, values_of(row.cause_values))
    return DecisionChange(row.circuit_key, row.at_ms, row.level_pct, row.layer, cause, row.revision_id)


def _alarm(row: Row[Any]) -> AlarmState:
    fact = Fact(row.fact_code, values_of(row.fact_values))
    return AlarmState(row.kind, row.subject_kind, row.subject_id, row.raised_ms, row.returned_ms, fact)
