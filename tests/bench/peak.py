"""The memory peak of a process, and room for many sockets in it."""

from __future__ import annotations

import resource
from pathlib import Path


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process has had resident, in MB (10⁶ bytes).

    ``VmHWM`` and not ``ru_maxrss``: that one goes over from the parent to a fresh child.
    """
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("this kernel tells no VmHWM")


def allow_open_files() -> int:
    """Raise this process's own limit of open files as far as it may; how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
