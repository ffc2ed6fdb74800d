"""The file of a backup: a zip of one text file a table and a manifest, the same from both databases.

Each ``tables/NAME.tsv`` is in the text format of PostgreSQL's COPY (tab-separated, ``\\N`` for unknown), so that it
can be read without this program. ``manifest.json`` has the version of the format and of the schema and, of each table,
its columns, number of rows and the SHA-256 of its text. It is written last, under another name, synced and only then
given its own: a backup is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from lighting.assets.fact import Fact, Value
from lighting.store.errors import StoreError

FORMAT = "lighting.backup/1"
MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 20
# Level 1 is four times as fast as the usual 6 for a file that is a tenth larger.
_LEVEL = 1


class BackupError(StoreError):
    """The file of a backup cannot be written or used; nothing was touched."""


class BackupExists(BackupError):
    """There is a file of that name already."""


@dataclass(frozen=True, slots=True)
class TableInBackup:
    """A table of a backup. ``last_number``: the highest number ever given in ``numbered``, which is not given again."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: int
    sha256: str
    numbered: str | None
    last_number: int | None

    @property
    def entry(self) -> str:
        return f"tables/{self.name}.tsv"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: the state of the store at ``made_ms``, in the order in which it can be read back."""

    schema_version: str
    program_version: str
    made_ms: int
    database: str
    tables: tuple[TableInBackup, ...]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


class Hashed:
    """A stream that is written to, with the SHA-256, the rows and the bytes of what went through."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.rows = 0

    def write(self, data: bytes | memoryview) -> None:
        self._hash.update(data)
        # A line feed inside a value is written as \n: each row ends with the only real one.
        self.rows += bytes(data).count(b"\n")
        self._stream.write(data)

    def sha256(self) -> str:
        return self._hash.hexdigest()


class BackupWriter:
    """Tables one after the other into an open zip."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @contextmanager
    def table(self, name: str) -> Iterator[Hashed]:
        """The stream of a table's text; it may be larger than 4 GiB."""
        with self._archive.open(f"tables/{name}.tsv", "w", force_zip64=True) as stream:
            yield Hashed(stream)

    def finish(self, manifest: Manifest) -> None:
        text = json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1)
        self._archive.writestr(MANIFEST, text)


@contextmanager
def new_backup(file: Path, *, overwrite: bool = False) -> Iterator[BackupWriter]:
    """Write a backup; under its name once all is on disk. Raises ``BackupExists`` and ``BackupError``."""
    if not overwrite and file.exists():
        raise BackupExists(Fact("backup_exists", {"file": str(file)}))
    with _told(file):
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", suffix=".partial", dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with (
                _told(file),
                zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive,
            ):
                yield BackupWriter(archive)
            with _told(file):
                raw.flush()
                os.fsync(raw.fileno())
        with _told(file):
            _take_name(draft, file, overwrite=overwrite)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _take_name(draft: Path, file: Path, *, overwrite: bool) -> None:
    if overwrite:
        draft.replace(file)
    else:
        try:
            os.link(draft, file)  # unlike a rename it never takes the place of a file that came meanwhile
        except FileExistsError:
            raise BackupExists(Fact("backup_exists", {"file": str(file)})) from None
        except OSError:  # no hard links here, as on a memory stick
            draft.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """What the system says of the backup's file is not said of the store."""
    try:
        yield
    except OSError as error:
        detail = error.strerror or str(error)
        raise BackupError(Fact("backup_not_written", {"file": str(file), "detail": detail})) from error


class Backup:
    """A backup that is open for reading. ``open_backup`` makes one."""

    def __init__(self, file: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self.file = file
        self._archive = archive
        self.manifest = manifest

    @contextmanager
    def text(self, table: TableInBackup) -> Iterator[IO[bytes]]:
        """The text of a table. What is damaged raises ``BackupError``."""
        with _readable(self.file), self._archive.open(table.entry) as stream:
            yield stream

    def check(self) -> None:
        """Read all of it once and compare rows and SHA-256. Raises ``BackupError`` at the first that is not right."""
        for table in self.manifest.tables:
            with self.text(table) as stream:
                rows, digest = 0, hashlib.sha256()
                while chunk := stream.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    rows += chunk.count(b"\n")
            if (rows, digest.hexdigest()) != (table.rows, table.sha256):
                values: dict[str, Value] = {"file": str(self.file), "table": table.name}
                values |= {"found_rows": rows, "rows": table.rows}
                raise BackupError(Fact("backup_table_differs", values))


@contextmanager
def open_backup(file: Path) -> Iterator[Backup]:
    """Open a backup. Raises ``BackupError`` where it is none, is damaged, or of a format that is not known here."""
    with _readable(file):
        archive = zipfile.ZipFile(file)
    with archive:
        with _readable(file):
            content = json.loads(archive.read(MANIFEST))
            manifest = _manifest(content, file)
        yield Backup(file, archive, manifest)


_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError, NotImplementedError)


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        detail = error.strerror or str(error)
        raise BackupError(Fact("backup_not_readable", {"file": str(file), "detail": detail})) from error
    except _DAMAGED as error:
        detail = _what_is_damaged(error)
        raise BackupError(Fact("backup_damaged", {"file": str(file), "detail": detail})) from error


def _what_is_damaged(error: Exception) -> str:
    """A code, or what the library says in words of its own."""
    match error:
        case zlib.error() | EOFError():
            return "packed_bytes"
        case zipfile.BadZipFile() if "CRC" in str(error):
            return "packed_bytes"
        case zipfile.BadZipFile():
            return "no_zip"
        case KeyError() | TypeError() | ValueError():
            return "manifest"
    return str(error) or type(error).__name__


def _manifest(content: dict[str, Any], file: Path) -> Manifest:
    found = str(content.get("format"))
    if found != FORMAT:
        raise BackupError(Fact("backup_format_unknown", {"file": str(file), "found": found, "known": FORMAT}))
    tables = tuple(
        TableInBackup(
            str(one["name"]),
            tuple(map(str, one["columns"])),
            tuple(map(str, one["kinds"])),
            int(one["rows"]),
            str(one["sha256"]),
            one["numbered"],
            one["last_number"],
        )
        for one in content["tables"]
    )
    version = str(content["schema_version"])
    if not version.isdigit():
        raise ValueError(f"schema_version {version}")
    program, made_ms = str(content["program_version"]), int(content["made_ms"])
    return Manifest(version, program, made_ms, str(content["database"]), tables)
