"""Where a command writes a table of numbers: standard output, or a file that is replaced only when all is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

STDOUT = "-"


def write_to(file: str, write: Callable[[TextIO], int]) -> int:
    """Let ``write`` fill the file, or standard output for ``-``, and return what it returns: the count of rows.

    Raises OSError that names the file.
    """
    if file == STDOUT:
        return write(sys.stdout)
    target = Path(file)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as stream:
            count = write(stream)
        beside.replace(target)
    except OSError as error:  # the person named the file, not the one beside it
        raise type(error)(error.errno, error.strerror, file) from error
    finally:
        beside.unlink(missing_ok=True)
    return count
