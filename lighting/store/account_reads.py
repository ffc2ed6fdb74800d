"""Accounts of energy read for a report: sums by the database, one snapshot, whole columns for NumPy.

A span of local days is made of whole months and of single days at its edges, so that a year of a city is some hundred
thousand rows and not millions. Nothing here knows a calendar: the caller says where months and days begin.
"""

from __future__ import annotations

from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Table, and_, cast, func, or_, select

from lighting.energy.account import ACCOUNT_COLUMNS, Account
from lighting.energy.worlds import ENERGY_KINDS, WORLDS
from lighting.store.account_hours import read_hours
from lighting.store.account_records import (
    AccountSpan,
    DayState,
    HourAccounts,
    KindEnergy,
    SpanAccounts,
    SubjectAccounts,
)
from lighting.store.engine import Database
from lighting.store.reading_columns import NO_ENERGY
from lighting.store.schema import account_day, account_month, account_state, asset

Integers = NDArray[np.int64]
_AT_ONCE = 8192
"""Rows that are taken from the driver at a time: few enough to be no second copy of a year."""


class AccountReads:
    """Reads ``account_hours``, ``account_day``, ``account_month`` and ``account_state``; writes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_span(self, span: AccountSpan, *, with_subjects: bool = True) -> SpanAccounts:
        """Read the accounts of a span; empty arrays where there are none."""
        with self._database.reading() as connection:
            hours, kinds = _hours(connection, span)
            return SpanAccounts(
                hours=hours,
                kinds=kinds,
                subjects=_subjects(connection, span) if with_subjects else None,
                days=_days(connection, span.days_from_ms, span.until_ms),
                assets=_assets(connection),
            )

    def subjects(self, span: AccountSpan) -> tuple[SubjectAccounts, dict[int, tuple[str, str]]]:
        """The subjects of a span alone, with kind and text id of every asset by its key."""
        with self._database.reading() as connection:
            return _subjects(connection, span), _assets(connection)

    def days(self, from_ms: int, until_ms: int) -> tuple[DayState, ...]:
        """The states of the days that begin in that half-open span, ascending."""
        with self._database.reading() as connection:
            return _days(connection, from_ms, until_ms)

    def made_span_ms(self) -> tuple[int, int] | None:
        """The begins of the first and of the last day whose account was made; None where none was."""
        begin = account_state.c.start_ms
        query = select(func.min(begin), func.max(begin)).where(account_state.c.made_ms.is_not(None))
        with self._database.reading() as connection:
            first, last = connection.execute(query).one()
        return None if first is None else (int(first), int(last))


def _summed(column: ColumnElement[int]) -> ColumnElement[int]:
    """A sum that is a plain integer on both databases (a server adds 64-bit integers up to a decimal)."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def _hours(connection: Connection, span: AccountSpan) -> tuple[HourAccounts, tuple[KindEnergy, ...]]:
    """The kinds of an hour and district are added up here, for they are packed apart."""
    hours = read_hours(connection, span.from_ms, span.until_ms)
    start_ms, district, kind, figures, reactive = hours[0], hours[1], hours[2], hours[3:-1], hours[-1]
    metered, is_reactive = figures[WORLDS.index("metered")], reactive != NO_ENERGY
    beside = np.stack([np.where(is_reactive, reactive, 0), np.where(is_reactive, metered, 0), is_reactive])
    first = np.flatnonzero((np.diff(start_ms, prepend=-1) != 0) | (np.diff(district, prepend=-1) != 0))
    if first.size < start_ms.size:
        figures, beside = np.add.reduceat(figures, first, axis=1), np.add.reduceat(beside, first, axis=1)
    found = HourAccounts(start_ms[first], district[first], _account(figures), beside[0], beside[1], beside[2] > 0)
    return found, _kinds(district, kind, metered)


def _kinds(district: Integers, kind: Integers, metered: Integers) -> tuple[KindEnergy, ...]:
    codes, into = np.unique(district * len(ENERGY_KINDS) + kind, return_inverse=True)
    sums = np.zeros(codes.size, np.int64)
    np.add.at(sums, into, metered)
    keys, kinds = np.divmod(codes, len(ENERGY_KINDS))
    return tuple(KindEnergy(*one) for one in zip(keys.tolist(), kinds.tolist(), sums.tolist(), strict=True))


def _subjects(connection: Connection, span: AccountSpan) -> SubjectAccounts:
    """Months and days are summed apart, then joined: a subject is in both at most once for each kind."""
    of_month, of_day = account_month.c.start_ms, account_day.c.start_ms
    parts = []
    if span.months_ms:
        parts.append(_of_subjects(connection, account_month, of_month.in_(span.months_ms)))
    if span.day_spans_ms:
        spans = (and_(of_day >= begin, of_day < end) for begin, end in span.day_spans_ms)
        parts.append(_of_subjects(connection, account_day, or_(*spans)))
    columns = np.concatenate(parts, axis=1) if parts else np.zeros((2 + len(ACCOUNT_COLUMNS), 0), np.int64)
    keys, into = np.unique(columns[:2].T, axis=0, return_inverse=True)
    account = _account(columns[2:]).summed(into.reshape(-1), len(keys))
    return SubjectAccounts(keys[:, 0].copy(), keys[:, 1].copy(), account)


def _of_subjects(connection: Connection, table: Table, condition: ColumnElement[bool]) -> Integers:
    sums = (_summed(table.c[name]) for name in ACCOUNT_COLUMNS)
    subject, kind = table.c.subject_key, table.c.kind
    return _columns(connection, select(subject, kind, *sums).where(condition).group_by(subject, kind))


def _account(columns: Integers) -> Account:
    n = len(WORLDS)
    return Account(columns[:n], *columns[n:])


def _days(connection: Connection, from_ms: int, until_ms: int) -> tuple[DayState, ...]:
    of = account_state.c
    query = (
        select(of.start_ms, of.is_dirty, of.basis_hash, of.revision_id, of.made_ms)
        .where(of.start_ms >= from_ms, of.start_ms < until_ms)
        .order_by(of.start_ms)
    )
    return tuple(DayState(*row) for row in connection.execute(query))


def _assets(connection: Connection) -> dict[int, tuple[str, str]]:
    query = select(asset.c.key, asset.c.kind, asset.c.text_id)
    return {key: (kind, text_id) for key, kind, text_id in connection.execute(query)}


def _columns(connection: Connection, query: Select[tuple[int, ...]]) -> Integers:
    """(n_columns, n_rows) of a query whose values are all integers."""
    result = connection.execute(query)
    width = len(result.keys())
    parts: list[Integers] = []
    for rows in result.partitions(_AT_ONCE):
        flat = np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width)
        parts.append(flat.reshape(-1, width))
    found = np.concatenate(parts) if parts else np.zeros((0, width), np.int64)
    return np.ascontiguousarray(found.T)
