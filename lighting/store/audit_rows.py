"""One audit row, written inside the transaction of the act that it records."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert

from lighting.assets.fact import Value
from lighting.store.facts import values_text
from lighting.store.schema import audit


def write_audit(
    connection: Connection, *, at_ms: int, by: str, act: str, subject: str, values: Mapping[str, Value]
) -> int:
    """The number of the new row."""
    row = {"at_ms": at_ms, "by": by, "act": act, "subject": subject, "values": values_text(values)}
    return int(connection.execute(insert(audit).values(row).returning(audit.c.id)).scalar_one())
