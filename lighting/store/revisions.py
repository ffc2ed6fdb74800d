"""Accepted states of the site folder, whole; a file that did not change is kept once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from lighting.assets.fact import Fact
from lighting.store.audit_rows import write_audit
from lighting.store.changes import bump
from lighting.store.engine import Database
from lighting.store.errors import RevisionMoved
from lighting.store.records import Revision
from lighting.store.schema import file_text, revision, revision_file


class Revisions:
    """What the controller runs: the newest of these, never the folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        files: Mapping[str, str],
        *,
        at_ms: int,
        by: str,
        note: str,
        newest: int | None = None,
        restores: int | None = None,
    ) -> Revision:
        """Make ``files`` the newest revision, synced and audited; the present one is returned when nothing changed.

        Content of an older revision becomes a new one (a rollback, which the audit tells with ``restores``), for a
        revision never changes its place. ``newest``: the number that must still be the newest, 0 for none; raises
        ``RevisionMoved`` where somebody was quicker.
        """
        hashes = {path: _text_hash(text) for path, text in files.items()}
        content_hash = _content_hash(hashes)
        with self._database.writing(durable=True) as connection:
            present = _newest(connection)
            if newest is not None and newest != (0 if present is None else present.id):
                raise _moved(present)
            if present is not None and present.content_hash == content_hash:
                return _whole(connection, present)
            row = {"at_ms": at_ms, "by": by, "note": note, "content_hash": content_hash}
            number = int(connection.execute(insert(revision).values(row).returning(revision.c.id)).scalar_one())
            self._add_files(connection, number, files, hashes)
            before = {} if present is None else _hashes(connection, present.id)
            told = {} if restores is None else {"restores": restores}
            write_audit(
                connection,
                at_ms=at_ms,
                by=by,
                act="add_revision",
                subject=f"revision:{number}",
                values={"note": note, "changed_files": ", ".join(_changed(before, hashes)), **told},
            )
            bump(self._database, connection, "revision")
        return Revision(number, at_ms, by, note, content_hash, dict(files))

    def latest(self) -> Revision | None:
        with self._database.reading() as connection:
            row = _newest(connection)
            return None if row is None else _whole(connection, row)

    def get(self, revision_id: int) -> Revision | None:
        with self._database.reading() as connection:
            row = connection.execute(select(revision).where(revision.c.id == revision_id)).one_or_none()
            return None if row is None else _whole(connection, row)

    def before(self, revision_id: int) -> Revision | None:
        """The one that ruled until that one was accepted; None for the first."""
        query = select(revision).where(revision.c.id < revision_id).order_by(revision.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else _whole(connection, row)

    def list(self, *, limit: int = 100) -> list[Revision]:
        """Newest first, with empty ``files``."""
        query = select(revision).order_by(revision.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_revision(row, {}) for row in connection.execute(query)]

    def _add_files(
        self, connection: Connection, number: int, files: Mapping[str, str], hashes: Mapping[str, str]
    ) -> None:
        if not files:
            return
        texts = [{"text_hash": hashes[path], "text": text} for path, text in files.items()]
        connection.execute(self._database.insert(file_text).on_conflict_do_nothing(), texts)
        paths = [{"revision_id": number, "path": path, "text_hash": text_hash} for path, text_hash in hashes.items()]
        connection.execute(insert(revision_file), paths)


def _moved(present: Row[Any] | None) -> RevisionMoved:
    if present is None:
        return RevisionMoved(Fact("revision_moved", {"revision": 0, "by": ""}))
    return RevisionMoved(Fact("revision_moved", {"revision": present.id, "by": present.by}))


def _newest(connection: Connection) -> Row[Any] | None:
    return connection.execute(select(revision).order_by(revision.c.id.desc()).limit(1)).one_or_none()


def _hashes(connection: Connection, revision_id: int) -> dict[str, str]:
    query = select(revision_file.c.path, revision_file.c.text_hash).where(revision_file.c.revision_id == revision_id)
    return {row.path: row.text_hash for row in connection.execute(query)}


def _whole(connection: Connection, row: Row[Any]) -> Revision:
    query = (
        select(revision_file.c.path, file_text.c.text)
        .join(file_text, file_text.c.text_hash == revision_file.c.text_hash)
        .where(revision_file.c.revision_id == row.id)
        .order_by(revision_file.c.path)
    )
    return _revision(row, {found.path: found.text for found in connection.execute(query)})


def _revision(row: Row[Any], files: Mapping[str, str]) -> Revision:
    return Revision(row.id, row.at_ms, row.by, row.note, row.content_hash, files)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def _text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _content_hash(hashes: Mapping[str, str]) -> str:
    # Lengths before the names, so that no two folders can be written as the same bytes.
    lines = (f"{len(path)} {path} {hashes[path]}\n" for path in sorted(hashes))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
