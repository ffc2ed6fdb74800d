"""What the machine says of its own clock: synchronised or not (Linux ``adjtimex``), and how long ago it booted."""

from __future__ import annotations

import ctypes
import sys
import time

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5
_STATUS_OFFSET_LONGS = 5
_TIMEX_BYTES = 512


def system_synchronised() -> bool | None:
    """Whether the kernel takes its clock for synchronised; None where it cannot be asked.

    Source: adjtimex(2): state TIME_ERROR or status bit STA_UNSYNC means that it is not. ``struct timex`` starts with
    the longs modes, offset, freq, maxerror, esterror and then the int status (modes and status are padded to a long).
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = (ctypes.c_char * _TIMEX_BYTES)()
        state = libc.adjtimex(ctypes.byref(buffer))
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    offset = _STATUS_OFFSET_LONGS * ctypes.sizeof(ctypes.c_long)
    status = ctypes.c_int.from_buffer(buffer, offset).value
    return state != _TIME_ERROR and not status & _STA_UNSYNC


def boot_age_s() -> float | None:
    """Seconds since the machine booted, sleep included; None where the system has no such clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return None if clock is None else time.clock_gettime(clock)
