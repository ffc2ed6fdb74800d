"""What the exit code of every command means; documented in docs/exit-codes.md and at the end of ``--help``."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Stable: scripts depend on these."""

    FINE = 0
    FAILURE = 1
    WRONG_USAGE = 2
    NOT_FOUND = 3
    NOT_CONFIRMED = 4
    REFUSED = 5
    WAITS_FOR_SECOND = 6
    INTERRUPTED = 130


EPILOGUE = (
    "Exit codes: 0 fine, 1 failure, 2 wrong usage or site, 3 not found, 4 device not reached or not confirmed, "
    "5 refused by a safety rule or for want of a right, 6 proposed: not in force until a second person confirms it. "
    "A TARGET is a circuit (C-0142), cabinet:ID, district:NAME,"
    " road:NAME, group:ID or area:LAT,LON,300m."
)
