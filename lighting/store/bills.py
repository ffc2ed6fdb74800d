"""What utilities have billed. A bill is never changed: a wrong one is withdrawn, with its reason in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta

from sqlalchemy import Connection, RowMapping, insert, select, update

from lighting.assets.fact import Fact, Value
from lighting.store.audit_rows import write_audit
from lighting.store.engine import Database
from lighting.store.records import BillDraft, StoredBill
from lighting.store.schema import bill

_FIELDS = tuple(field.name for field in fields(BillDraft))


class Bills:
    """The table ``bill``: of one supply no two that stand are for the same day, or have the same number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, drafts: Sequence[BillDraft], *, by: str, at_ms: int) -> list[int | Fact | None]:
        """Enter bills in one synced transaction, audited. For each its number, None where the same stands already, or
        why it was refused.
        """
        with self._database.writing(durable=True) as connection:
            return [self._add_one(connection, draft, by, at_ms) for draft in drafts]

    def _add_one(self, connection: Connection, draft: BillDraft, by: str, at_ms: int) -> int | Fact | None:
        for known in self._of_supply(connection, draft.supply):
            if known.bill == draft:
                return None
            conflict = _conflict(known, draft)
            if conflict is not None:
                return conflict
        row = {name: getattr(draft, name) for name in _FIELDS}
        entered = insert(bill).values(**row, entered_ms=at_ms, by=by).returning(bill.c.id)
        number = int(connection.execute(entered).scalar_one())
        write_audit(connection, at_ms=at_ms, by=by, act="add_bill", subject=f"bill:{number}", values=_told(draft))
        return number

    def withdraw(self, bill_id: int, *, by: str, reason: str, at_ms: int) -> bool:
        """Take a bill off the record that counts; False where it does not stand. Audited, synced."""
        standing = update(bill).where(bill.c.id == bill_id, bill.c.withdrawn_ms.is_(None))
        with self._database.writing(durable=True) as connection:
            if not connection.execute(standing.values(withdrawn_ms=at_ms)).rowcount:
                return False
            values: dict[str, Value] = {"reason": reason}
            write_audit(connection, at_ms=at_ms, by=by, act="withdraw_bill", subject=f"bill:{bill_id}", values=values)
        return True

    def list(self, *, from_day: str = "", until_day: str = "", with_withdrawn: bool = False) -> list[StoredBill]:
        """By first day, then supply: all, or those that reach into the ISO days (the last excluded; empty: no end)."""
        query = select(bill).order_by(bill.c.from_day, bill.c.supply, bill.c.id)
        if from_day:
            query = query.where(bill.c.until_day > from_day)
        if until_day:
            query = query.where(bill.c.from_day < until_day)
        if not with_withdrawn:
            query = query.where(bill.c.withdrawn_ms.is_(None))
        with self._database.reading() as connection:
            return [_stored(row) for row in connection.execute(query).mappings()]

    def get(self, bill_id: int) -> StoredBill | None:
        with self._database.reading() as connection:
            row = connection.execute(select(bill).where(bill.c.id == bill_id)).mappings().one_or_none()
        return None if row is None else _stored(row)

    def _of_supply(self, connection: Connection, supply: str) -> Sequence[StoredBill]:
        query = select(bill).where(bill.c.supply == supply, bill.c.withdrawn_ms.is_(None)).order_by(bill.c.id)
        return [_stored(row) for row in connection.execute(query).mappings()]


def _stored(found: RowMapping) -> StoredBill:
    draft = BillDraft(**{name: found[name] for name in _FIELDS})
    return StoredBill(found["id"], draft, found["entered_ms"], found["by"], found["withdrawn_ms"])


def _conflict(known: StoredBill, draft: BillDraft) -> Fact | None:
    values: dict[str, Value] = {"bill": known.id, "supply": draft.supply, "number": known.bill.number}
    if known.bill.number == draft.number:
        return Fact("bill_number_twice", values)
    if draft.from_day < known.bill.until_day and known.bill.from_day < draft.until_day:
        last = date.fromisoformat(known.bill.until_day) - timedelta(days=1)
        days: dict[str, Value] = {
            "from_date": known.bill.from_day,
            "until_date": known.bill.until_day,
            "to_date": last.isoformat(),
        }
        return Fact("bill_overlaps", {**values, **days})
    if known.bill.currency != draft.currency:
        return Fact("bill_other_currency", {**values, "found": draft.currency, "currency": known.bill.currency})
    return None


def _told(draft: BillDraft) -> dict[str, Value]:
    return {name: getattr(draft, name) for name in _FIELDS if getattr(draft, name) not in (None, "")}
