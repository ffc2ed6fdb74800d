"""What every screen has: the line of truth on top, a banner when something is wrong, the last act, the keys."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.events import Resize
from textual.screen import Screen
from textual.widget import Widget

from lighting.assets.fact import Fact
from lighting.desk.answers import StatusAnswer
from tui.desk_like import DeskLike
from tui.figures import clock, day_and_clock, duration, speed
from tui.parts import Line, Part, cut, spread, width_of, wrapped
from tui.voice import Voice, controller_fact
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from tui.app import Dashboard

AnswerT = TypeVar("AnswerT")
Keys = tuple[tuple[str, str], ...]
LEAST_COLUMNS, LEAST_ROWS = 60, 16


class DashboardScreen(Screen[None], Generic[AnswerT]):
    """A screen asks the desk one question in a thread (``ask``) and draws its answer (``take``)."""

    KEYS: ClassVar[Keys] = ()

    @abstractmethod
    def body(self) -> Iterator[Widget]:
        """The widgets between the top and the bottom."""

    @abstractmethod
    def ask(self, desk: DeskLike) -> AnswerT:
        """Runs in a thread: what this screen wants to know."""

    @abstractmethod
    def take(self, answer: AnswerT) -> None:
        """Draw the answer."""

    @property
    def dashboard(self) -> Dashboard:
        return cast("Dashboard", self.app)

    @property
    def voice(self) -> Voice:
        return self.dashboard.voice

    @property
    def status(self) -> StatusAnswer | None:
        return self.dashboard.status

    def lines(self, name: str) -> Lines:
        return self.query_one(f"#{name}", Lines)

    def compose(self) -> ComposeResult:
        ascii_only = self.dashboard.ascii_only
        yield Lines(self._draw_top, ascii_only=ascii_only, id="top")
        yield from self.body()
        yield Lines(self._draw_message, ascii_only=ascii_only, id="message")
        yield Lines(self._draw_keys, ascii_only=ascii_only, id="keys")
        yield Lines(self._draw_too_small, ascii_only=ascii_only, id="too-small")

    async def renew(self) -> None:
        """Ask and draw; raises ``NoAnswer``."""
        answer = await self.dashboard.link.ask(self.ask)
        if self.is_attached:
            self.take(answer)

    def redraw_frame(self) -> None:
        for name in ("top", "message", "keys"):
            self.lines(name).redraw()

    def redraw(self) -> None:
        """Everything, from what is already known."""
        self.redraw_frame()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.redraw()
            self.dashboard.wake()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < LEAST_COLUMNS or event.size.height < LEAST_ROWS, "-too-small")

    def _draw_top(self, width: int, height: int) -> Sequence[Line]:
        status = self.status
        rule: Line = [("─" * width, "faint")]
        banner = [[(line, role)] for text, role in self.dashboard.banners() for line in _banner(text, width)]
        if status is None:
            return [[(" Streetlights · asking for the first values", "strong")], *banner, rule]
        right = _sun_and_controller(status)
        return [spread(_place(status, width - width_of(right) - 1), right, width), *banner, rule]

    def _draw_message(self, width: int, height: int) -> Sequence[Line]:
        text, role = self.dashboard.message
        return [[(line, role)] for line in _banner(text, width)]

    def _draw_keys(self, width: int, height: int) -> Sequence[Line]:
        parts: list[Part] = [(" ", "")]
        for number, (key, meaning) in enumerate(self.KEYS):
            parts += [("  " if number else "", ""), (key, "strong"), (f" {meaning}", "faint")]
        return [spread(parts, [("?", "strong"), (" help ", "faint"), ("q", "strong"), (" quit ", "faint")], width)]

    def _draw_too_small(self, width: int, height: int) -> Sequence[Line]:
        least = f"{LEAST_COLUMNS} × {LEAST_ROWS}"
        fact = Fact("dashboard_too_small", {"columns": width, "rows": height, "least": least})
        text = self.voice.say(fact)
        return [[(line, "strong")] for line in wrapped(text, max(1, width))]


def _banner(text: str, width: int) -> list[str]:
    return [" " + line for line in wrapped(text, width - 2)][:3]


def _place(status: StatusAnswer, width: int) -> Line:
    """Name and local time in ``width`` cells: a long name is cut before the time is."""
    at = f" · {day_and_clock(status.now_ms, status.timezone)}{speed(status.clock_speed)}"
    return [(cut(f" {status.site_name}", max(4, width - cell_len(at))), "strong"), (at, "")]


def _sun_and_controller(status: StatusAnswer) -> Line:
    tonight = status.tonight
    if tonight.sun_state == "rises_and_sets":
        sun = f"dusk {clock(tonight.dusk_ms, status.timezone)}  dawn {clock(tonight.dawn_ms, status.timezone)}"
    else:
        sun = "the sun stays up" if tonight.sun_state == "always_up" else "the sun stays down"
    return [(f"{sun}  ", ""), *_controller(status), (" ", "")]


def _controller(status: StatusAnswer) -> Line:
    if controller_fact(status.controller) is None:
        return [("controller ", "faint"), ("●", "good"), (f" {duration(status.controller.beat_age_s)}", "")]
    word = "silent" if status.controller.life == "silent" else "not running"
    return [("controller ", "faint"), (f"▲ {word}", "bad")]
