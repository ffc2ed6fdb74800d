"""A terminal that goes away: a dropped SSH session must leave no dashboard behind that draws for nobody.

The kernel tells it (SIGHUP) only to the leader of the session; under ``make``, ``sudo`` or a script that is another
process. Left alone, a dashboard would then read the end of its input over and over, and stand still once nothing takes
what it writes. So it watches the terminal itself.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable

GRACE_S = 3.0
"""How long the orderly way out may take, for children that are ended first."""

EXIT_CODE = 128 + signal.SIGHUP


def watch_terminal(leave: Callable[[], None]) -> None:
    """Call ``leave`` from a thread of its own once the terminal is gone; end the process where that leads nowhere."""
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    terminals = [stream.fileno() for stream in streams if stream is not None and stream.isatty()]
    if terminals:
        threading.Thread(target=_watch, args=(terminals, leave), name="terminal watch", daemon=True).start()


def _watch(terminals: list[int], leave: Callable[[], None]) -> None:
    poller = select.poll()
    poller.register(terminals[0], 0)  # a hang-up is always told, nothing else is asked for
    poller.poll()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for terminal in terminals:
        os.dup2(nowhere, terminal)
    leave()
    time.sleep(GRACE_S)
    # The main thread waits for a writer that died with the terminal: there is nothing left to tidy up for anybody.
    os._exit(EXIT_CODE)
