"""What one device has refused to be read: the gaps that it does not let be read over, and the points it has not.

Found out once and remembered, so that one register that a firmware lacks costs no request at each poll.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from drivers.profile import Point
from drivers.read_plan import Span, covers

log = logging.getLogger(__name__)

FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 3600.0


class Refusals:
    """Spans of addresses that no block covers. Those of absent points are asked again, alone, and more and more seldom.

    The first time after a minute, because a device that has just started may refuse what it has; then doubling, up to
    an hour. All are asked again after a reconnect. Times are real monotonic seconds.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._gaps: set[Span] = set()
        self.absent: dict[Span, float] = {}
        """Spans of the points that are believed to be absent, and how long each is left alone."""
        self._asked_again_s: dict[Span, float] = {}
        self._connects = 0
        self._unsaid: list[Span] = []
        self._said: set[Span] = set()
        self.learned = 0
        """Counts what was learned; it grows with every refusal that is understood."""

    @property
    def spans(self) -> tuple[Span, ...]:
        """What no block of several points covers."""
        return (*self._gaps, *self.absent)

    def is_absent(self, point: Point) -> bool:
        """Whether asking for this point now would be a request for nothing."""
        return any(covers(point, span) for span in self._asked_again_s)

    def note_gap(self, span: Span) -> None:
        """A block over this span was refused, and its two sides were not."""
        self.learned += 1
        self._gaps.add(span)
        self._unsaid.append(span)

    def note_absent(self, span: Span, now_s: float, connects: int) -> None:
        """What stands at exactly this span was refused. ``connects``: how often its line was connected until now."""
        self.learned += 1
        wait_s = self.absent.get(span, FIRST_WAIT_S / 2)
        if span not in self._asked_again_s:  # its time had come; else somebody could not wait
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        self.absent[span] = wait_s
        self._asked_again_s[span] = now_s + wait_s
        self._connects = connects
        self._unsaid.append(span)

    def note_present(self, span: Span) -> None:
        """What stands there was given after all."""
        self.absent.pop(span, None)
        self._asked_again_s.pop(span, None)

    def ask_again(self, now_s: float, connects: int) -> bool:
        """Let what was absent long enough (after a reconnect: all of it) be asked again; whether there is any."""
        is_new_link, self._connects = connects != self._connects, connects
        due = [span for span, at_s in self._asked_again_s.items() if is_new_link or at_s <= now_s]
        for span in due:
            del self._asked_again_s[span]
        return bool(due)

    def forget(self) -> None:
        """The device restarted, perhaps with another firmware: nothing is held against it."""
        self._gaps.clear()
        self.absent.clear()
        self._asked_again_s.clear()

    def say(self, bus: str, unit_id: int, code: int) -> None:
        """Log what was learned since the last time, each span once."""
        fresh = [span for span in dict.fromkeys(self._unsaid) if span not in self._said]
        self._unsaid.clear()
        if fresh:
            self._said.update(fresh)
            log.warning(
                "%s (unit %d on %s) refuses to be read at %s (exception %d): left out from now on",
                self._device, unit_id, bus, _addresses(fresh), code,
            )  # fmt: skip


def _addresses(spans: Iterable[Span]) -> str:
    return ", ".join(f"{table} {start}" + (f"-{end - 1}" if end - 1 > start else "") for table, start, end in spans)
