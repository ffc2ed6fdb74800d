"""One master a line on this machine: two sites that name the same line, such as a copied folder, must not both use it.

The lock of a site's store keeps two programs off one *site*. This one is of the line itself: a locked file (flock) a
line, in a folder that every user of this machine can write, freed by the system when its holder dies.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import structlog

from drivers.line_address import parse_line_address
from lighting.assets.bus_address import line_of

log = structlog.get_logger("lighting.operation.lines")

_PLACES = (Path("/run/lock"), Path(tempfile.gettempdir()))
_FOLDER = "lighting-lines"
_EVERYBODY = 0o666
_EVERYBODYS_FOLDER = 0o1777


class LineClaim:
    """The right to be the only master of a line. ``holder`` is what the next one who wants it is told."""

    def __init__(self, url: str, *, holder: str, folder: Path | None = None) -> None:
        address = parse_line_address(url)
        # A port has many names: /dev/ttyUSB0 is also one of /dev/serial/by-id.
        self._line = os.path.realpath(address.device) if address.device else line_of(address)
        self._holder = holder
        self._folder = folder
        self._descriptor = -1
        self._file = Path()

    def take(self) -> str:
        """Why the line cannot be had, empty where it is ours now.

        A machine that has no place for the file goes without: lamps are controlled all the same.
        """
        if self._descriptor >= 0:
            return ""
        try:
            self._file = (self._folder or _common_folder()) / _file_name(self._line)
            return self._lock()
        except OSError as error:
            log.warning("line_not_guarded", line=self._line, reason=str(error))
            return ""

    def release(self) -> None:
        """Give the line free; the file goes before the lock does, so that none is left behind."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                self._file.unlink()
            os.close(descriptor)

    def _lock(self) -> str:
        while True:
            descriptor, is_writable = _opened(self._file)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                found = os.pread(descriptor, 1000, 0).decode(errors="replace")
                os.close(descriptor)
                return f"{self._line} is held by {found or 'another program'}"
            if _is_there(self._file, descriptor):
                break
            os.close(descriptor)  # its holder has just given it free
        self._descriptor = descriptor
        if is_writable:
            with suppress(OSError):  # a full disk takes away the holder's name, not the lock
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, self._holder.encode(), 0)
        return ""


def _common_folder() -> Path:
    """A folder for all users of this machine. Raises OSError where there is none."""
    for place in _PLACES:
        folder = place / _FOLDER
        with suppress(OSError):
            folder.mkdir()
            folder.chmod(_EVERYBODYS_FOLDER)
        if folder.is_dir() and os.access(folder, os.W_OK):
            return folder
    raise FileNotFoundError(f"no folder for locks at {' or '.join(map(str, _PLACES))}")


def _file_name(line: str) -> str:
    readable = "".join(c if c.isalnum() or c in ".-" else "_" for c in line)[:80]
    return f"{readable}-{sha256(line.encode()).hexdigest()[:12]}.lock"


def _opened(file: Path) -> tuple[int, bool]:
    """The open file, made where it is not there yet, and whether it can be written. Raises OSError."""
    flags = os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | flags, _EVERYBODY)
        os.fchmod(descriptor, _EVERYBODY)
        return descriptor, True
    try:
        return os.open(file, os.O_RDWR | flags), True
    except PermissionError:
        return os.open(file, os.O_RDONLY | flags), False
    except FileNotFoundError:
        return _opened(file)


def _is_there(file: Path, descriptor: int) -> bool:
    """Whether that open file still is the one of that name."""
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
