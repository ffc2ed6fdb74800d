"""Accounts of energy: one local day replaced at a time, and what such a day is made from, in whole columns.

The month is the sum of its days and is kept in the transaction that replaces one. A day that is made is marked first
(`begin_day`), so that readings that come meanwhile, and a program that dies, leave it to be made once more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Connection, cast, delete, func, insert, select, update

from lighting.assets.fact import Fact
from lighting.energy.account import ACCOUNT_COLUMNS, Account
from lighting.energy.worlds import WORLDS
from lighting.store.account_days import AccountOfDay, StoredFigures
from lighting.store.account_hours import read_hours, replace_hours
from lighting.store.engine import Database
from lighting.store.many_rows import ManyRows
from lighting.store.reading_columns import NO_ENERGY
from lighting.store.schema import account_day, account_month, account_state, rollup_hour

Integers = NDArray[np.int64]

BEING_MADE = "being made"
"""Stands for the hash of a day's basis while the day is made."""

_SUBJECT_COLUMNS = ("start_ms", "subject_key", "kind", *ACCOUNT_COLUMNS)
_DAYS = ManyRows(account_day, _SUBJECT_COLUMNS, replaces=False)
_MONTHS = ManyRows(account_month, _SUBJECT_COLUMNS, replaces=False, adds=ACCOUNT_COLUMNS, greatest=("kind",))


class Accounts:
    """Writes ``account_day``, ``account_month``, ``account_hours`` and ``account_state``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark_dirty(self, days: Sequence[int]) -> None:
        """Have these days (their beginnings) made again, or for the first time."""
        if not days:
            return
        rows = [{"start_ms": day, "is_dirty": True, "basis_hash": ""} for day in sorted(set(days))]
        statement = self._database.insert(account_state)
        statement = statement.on_conflict_do_update(index_elements=["start_ms"], set_={"is_dirty": True})
        with self._database.writing(durable=False) as connection:
            connection.execute(statement, rows)

    def mark_stale(self, basis_hash: str) -> int:
        """Have every day made again that was made with another basis, or never to the end; how many were marked."""
        stale = (account_state.c.basis_hash != basis_hash) & ~account_state.c.is_dirty
        with self._database.writing(durable=False) as connection:
            return connection.execute(update(account_state).where(stale).values(is_dirty=True)).rowcount

    def dirty_days(self, before_ms: int, *, limit: int = 1000) -> list[int]:
        """The days, by their beginnings, that are to be made and have begun before that time; ascending."""
        of = account_state.c
        query = select(of.start_ms).where(of.is_dirty, of.start_ms < before_ms).order_by(of.start_ms).limit(limit)
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def known_days(self, from_ms: int, until_ms: int) -> list[int]:
        """The days of that half-open span of which anything is known, made or not; ascending."""
        of = account_state.c
        query = select(of.start_ms).where(of.start_ms >= from_ms, of.start_ms < until_ms).order_by(of.start_ms)
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def made_days(self, from_ms: int, until_ms: int) -> list[int]:
        """The days of that half-open span that are made and not dirty; ascending."""
        of = account_state.c
        query = select(of.start_ms).where(of.start_ms >= from_ms, of.start_ms < until_ms, ~of.is_dirty)
        with self._database.reading() as connection:
            return list(connection.execute(query.where(of.made_ms.is_not(None)).order_by(of.start_ms)).scalars())

    def first_known_ms(self) -> int | None:
        """The beginning of the first hour that is rolled up; None without any."""
        with self._database.reading() as connection:
            found: int | None = connection.execute(select(func.min(rollup_hour.c.start_ms))).scalar_one()
        return found

    def notes(self, from_ms: int, until_ms: int) -> dict[int, tuple[Fact, ...]]:
        """What a reader of the days of that half-open span has to know, by day."""
        of = account_state.c
        query = select(of.start_ms, of.notes).where(of.start_ms >= from_ms, of.start_ms < until_ms)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(of.notes.is_not(None)).order_by(of.start_ms)).all()
        return {day: tuple(Fact(code, values) for code, values in json.loads(notes)) for day, notes in rows}

    def begin_day(self, start_ms: int) -> None:
        """Say that this day is made now: what makes it dirty from here on does so for the next time."""
        row = {"start_ms": start_ms, "is_dirty": False, "basis_hash": BEING_MADE}
        with self._database.writing(durable=False) as connection:
            connection.execute(self._database.upsert_of(account_state, tuple(row)), row)

    def replace_day(self, day: AccountOfDay, *, made_ms: int) -> None:
        """Put the account of a day in the place of what was there, and keep its month, in one transaction."""
        fresh = account_columns(day.account)
        with self._database.writing(durable=False) as connection:
            self._database.alone_with_accounts(connection)
            before = _stored(connection, day)
            connection.execute(delete(account_day).where(account_day.c.start_ms == day.start_ms))
            _write(_DAYS, self._database, connection, day.start_ms, day.subject_key, day.kind, fresh)
            change = _change(before, day, fresh)
            if change is None:
                _sum_month(connection, day.month_ms, day.next_month_ms)
            else:
                _write(_MONTHS, self._database, connection, day.month_ms, day.subject_key, day.kind, change)
            replace_hours(connection, day.start_ms, day.end_ms, _hours(day))
            state = {
                "basis_hash": day.basis_hash,
                "revision_id": day.revision_id,
                "made_ms": made_ms,
                "notes": json.dumps([(note.code, dict(note.values)) for note in day.notes]) if day.notes else None,
            }
            connection.execute(update(account_state).where(account_state.c.start_ms == day.start_ms).values(state))

    def sum_month(self, month_ms: int, next_month_ms: int) -> None:
        """Sum a month up from its days, whatever stands there: what replaces a day only adds to it."""
        with self._database.writing(durable=False) as connection:
            self._database.alone_with_accounts(connection)
            _sum_month(connection, month_ms, next_month_ms)

    def stored_day(self, start_ms: int, end_ms: int) -> tuple[StoredFigures, StoredFigures]:
        """What is stored of a day: by (subject,) with its kind first, and by (hour, district, kind); in the order of
        ``ACCOUNT_COLUMNS``, of hours the reactive energy last (None without).
        """
        days = account_day.c
        of_day = select(days.subject_key, days.kind, *(days[name] for name in ACCOUNT_COLUMNS))
        with self._database.reading() as connection:
            subjects = connection.execute(of_day.where(days.start_ms == start_ms)).all()
            hours = read_hours(connection, start_ms, end_ms).T.tolist()
        slots = {tuple(row[:3]): (*row[3:-1], None if row[-1] == NO_ENERGY else row[-1]) for row in hours}
        return {tuple(row[:1]): tuple(row[1:]) for row in subjects}, slots


@dataclass(frozen=True, slots=True)
class _Stored:
    subject_key: Integers
    kind: Integers
    figures: Integers


def _stored(connection: Connection, day: AccountOfDay) -> _Stored:
    query = select(*(account_day.c[name] for name in _SUBJECT_COLUMNS[1:]))
    rows = connection.execute(
        query.where(account_day.c.start_ms == day.start_ms).order_by(account_day.c.subject_key)
    ).all()
    table = np.array([tuple(row) for row in rows], np.int64).reshape(-1, len(_SUBJECT_COLUMNS) - 1)
    return _Stored(table[:, 0], table[:, 1], table[:, 2:].T)


def _change(before: _Stored, day: AccountOfDay, fresh: Integers) -> Integers | None:
    """By how much each subject's figures grow; None where a subject is gone or is known in another way."""
    if not before.subject_key.size:
        return fresh
    order = np.argsort(day.subject_key)
    place = np.minimum(np.searchsorted(day.subject_key[order], before.subject_key), order.size - 1)
    if not order.size or (day.subject_key[order][place] != before.subject_key).any():
        return None
    if (day.kind[order][place] != before.kind).any():
        return None
    change = fresh.copy()
    change[:, order[place]] -= before.figures
    return change


def _sum_month(connection: Connection, month_ms: int, next_month_ms: int) -> None:
    of = account_day.c
    connection.execute(delete(account_month).where(account_month.c.start_ms == month_ms))
    # A server adds 64-bit integers up to a decimal.
    sums = (cast(func.sum(of[name]), BigInteger) for name in ACCOUNT_COLUMNS)
    query = select(cast(month_ms, BigInteger), of.subject_key, func.max(of.kind), *sums).group_by(of.subject_key)
    query = query.where(of.start_ms >= month_ms, of.start_ms < next_month_ms)
    connection.execute(insert(account_month).from_select(list(_SUBJECT_COLUMNS), query))


def account_columns(account: Account) -> Integers:
    """(n_columns, n) in the order of ``ACCOUNT_COLUMNS``."""
    others = [getattr(account, name) for name in ACCOUNT_COLUMNS[len(WORLDS) :]]
    return np.vstack([account.worlds_ws, *others])


def _hours(day: AccountOfDay) -> Integers:
    """(n_columns, n) in the order of ``lighting.store.account_hours.COLUMNS``."""
    reactive = np.where(day.is_reactive, day.reactive_vars, NO_ENERGY)
    return np.vstack([day.hour_ms, day.district_key, day.hour_kind, account_columns(day.hour_account), reactive])


def _write(
    table: ManyRows,
    database: Database,
    connection: Connection,
    start_ms: int,
    keys: Integers,
    kind: Integers,
    figures: Integers,
) -> None:
    columns = (column.tolist() for column in (keys, kind, *figures))
    table.write(database, connection, [(start_ms, *row) for row in zip(*columns, strict=True)])
