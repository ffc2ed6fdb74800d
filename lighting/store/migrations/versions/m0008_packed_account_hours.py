"""The hours of accounts packed, one row a local day."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import sqlalchemy as sa
from alembic import op

from lighting.store.account_hours import COLUMNS, LONGEST_DAY_MS, pack_hours
from lighting.store.reading_columns import NO_ENERGY

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INSERT = sa.text("INSERT INTO account_hours (start_ms, last_ms, packed) VALUES (:start_ms, :last_ms, :packed)")
_HOURS = sa.text(
    f"SELECT {', '.join(COLUMNS)} FROM account_hour"  # noqa: S608 - names of our own
    " WHERE start_ms >= :from_ms AND start_ms < :until_ms ORDER BY start_ms, district_key, kind"
)


def upgrade() -> None:
    op.create_table(
        "account_hours",
        sa.Column("start_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("start_ms", name=op.f("pk_account_hours")),
    )
    connection = op.get_bind()
    first, last = connection.execute(sa.text("SELECT min(start_ms), max(start_ms) FROM account_hour")).one()
    if first is not None:
        days = connection.execute(sa.text("SELECT start_ms FROM account_state ORDER BY start_ms")).scalars().all()
        edges = [first, *(day for day in days if first < day <= last), last + 1]
        for from_ms, until_ms in pairwise(edges):
            _pack(connection, from_ms, until_ms)
    op.drop_table("account_hour")


def _pack(connection: sa.Connection, from_ms: int, until_ms: int) -> None:
    """A row of these hours, or several where they are longer than a day."""
    rows = connection.execute(_HOURS, {"from_ms": from_ms, "until_ms": until_ms}).all()
    known = [(*row[:-1], NO_ENERGY if row.reactive_vars is None else row.reactive_vars) for row in rows]
    hours = np.array(known, np.int64).reshape(-1, len(COLUMNS)).T
    pieces = (hours[0] - from_ms) // LONGEST_DAY_MS
    for piece in np.unique(pieces).tolist():
        mine = hours[:, pieces == piece]
        start_ms = from_ms + piece * LONGEST_DAY_MS
        connection.execute(_INSERT, {"start_ms": start_ms, "last_ms": int(mine[0, -1]), "packed": pack_hours(mine)})
