"""Wake-up: one counter a topic, raised in the same transaction as the write that it tells of."""

from __future__ import annotations

from sqlalchemy import Connection, select

from lighting.store.engine import Database
from lighting.store.schema import change

TOPICS = ("instruction", "revision", "state", "alarm", "task", "traffic")


class Changes:
    """The ``change`` table: cheap to look at every 250 ms, the same on every database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counters(self) -> dict[str, int]:
        """Counter by topic; a topic that never changed is 0."""
        with self._database.reading() as connection:
            rows = connection.execute(select(change.c.topic, change.c.counter)).all()
        return dict.fromkeys(TOPICS, 0) | {row.topic: row.counter for row in rows}

    def bump(self, topic: str) -> None:
        with self._database.writing(durable=False) as connection:
            bump(self._database, connection, topic)


def bump(database: Database, connection: Connection, topic: str) -> None:
    """Raise the counter of ``topic`` inside the transaction of the write that it tells of."""
    insert = database.insert(change).values(topic=topic, counter=1)
    raised = insert.on_conflict_do_update(index_elements=["topic"], set_={"counter": change.c.counter + 1})
    connection.execute(raised)
