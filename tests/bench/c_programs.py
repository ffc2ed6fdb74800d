"""The C programs of the benchmarks, compiled when they are needed into a folder that is thrown away afterwards."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parent


@cache
def compiler() -> str | None:
    """The C compiler of this machine, None when there is none."""
    return shutil.which("gcc") or shutil.which("cc")


@contextmanager
def compiled(name: str, *libraries: str) -> Iterator[Path | None]:
    """``name``.c as a program; None, and a word to the reader why, where it cannot be compiled."""
    flags = [] if not libraries else _flags_of(libraries)
    command = compiler()
    if command is None or flags is None:
        missing = "gcc libc6-dev" if command is None else " ".join(f"lib{each}-dev" for each in libraries)
        print(f"\n{name}.c is left out: Debian package {missing} is not here", file=sys.stderr)
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / name
        words = [command, "-O2", "-pthread", "-o", str(program), str(SOURCES / f"{name}.c"), *flags]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"\n{name}.c does not compile: {done.stderr.strip()}", file=sys.stderr)
        yield program if done.returncode == 0 else None


def _flags_of(libraries: tuple[str, ...]) -> list[str] | None:
    """What pkg-config says of these libraries, None when one of them (or pkg-config) is not here."""
    if shutil.which("pkg-config") is None:
        return None
    names = [f"lib{each}" for each in libraries]
    done = subprocess.run(["pkg-config", "--cflags", "--libs", *names], capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else None
