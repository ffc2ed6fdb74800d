"""The dashboard: it draws what the desk answers and sends what a person decides. No database, no device, no clock."""

from __future__ import annotations

import asyncio
import contextvars
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import Worker

from lighting.assets.fact import Fact
from lighting.desk.answers import Receipt, StatusAnswer
from lighting.desk.refusal import WrongUsage
from tui.acts import Act
from tui.desk_like import DeskLike
from tui.hangup import EXIT_CODE, watch_terminal
from tui.link import DeskLink, NoAnswer
from tui.parts import Role, terminal_is_ascii
from tui.screens.act_dialog import ActDialog
from tui.screens.base import DashboardScreen
from tui.screens.circuit import CircuitScreen
from tui.screens.circuits import CircuitsScreen
from tui.screens.help import HelpScreen
from tui.screens.instructions import InstructionsScreen
from tui.screens.needs import NeedsScreen
from tui.screens.overview import OverviewScreen
from tui.voice import NOBODY_THERE, Voice, controller_fact, outcome_fact, proposed_fact, waiting_fact

REFRESH_S = 1.0
REST_SHARE = 9.0
"""The desk rests this many times as long as its last answers took: a big city is refreshed less often."""
SLOWEST_REFRESH_S = 15.0
MESSAGE_S = 60.0


class Dashboard(App[None]):
    """``refresh_s`` is real seconds between two refreshes; 0 leaves refreshing to whoever calls ``renew``."""

    CSS_PATH = "app.tcss"
    TITLE = "Streetlights"
    ENABLE_COMMAND_PALETTE = False
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "overview": OverviewScreen,
        "circuits": CircuitsScreen,
        "needs": NeedsScreen,
        "instructions": InstructionsScreen,
    }
    DEFAULT_MODE = "overview"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "show('overview')", show=False),
        Binding("2", "show('circuits')", show=False),
        Binding("3", "show('needs')", show=False),
        Binding("4", "show('instructions')", show=False),
        Binding("question_mark,f1", "help", show=False),
        Binding("q,ctrl+c", "quit", show=False),
    ]

    def __init__(self, desk: DeskLike, *, refresh_s: float = REFRESH_S, ascii_only: bool | None = None) -> None:
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.link = DeskLink(desk)
        self.ascii_only = terminal_is_ascii() if ascii_only is None else ascii_only
        self.status: StatusAnswer | None = None
        self.fault: Fact | None = None
        self.message: tuple[str, Role] = ("", "")
        self._refresh_s = refresh_s
        self._woken = asyncio.Event()
        self._renewing = asyncio.Lock()
        self._unfollowed: dict[tuple[int | None, tuple[int, ...]], tuple[str, Receipt]] = {}
        self._ending: int | None = None
        self._end_soon: Callable[[], object] | None = None

    def on_mount(self) -> None:
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()
        self._end_soon = lambda: loop.call_soon_threadsafe(self._end, context=context)
        self._end()  # a signal may have come before there was anything to leave
        if self._refresh_s:
            self.run_worker(self._follow(), group="refresh")

    def leave(self, exit_code: int) -> None:
        """Leave the terminal as it was found and end; may be called at any time, in a signal's handler too."""
        self._ending = exit_code
        if self._end_soon is not None:
            self._end_soon()

    def _end(self) -> None:
        if self._ending is not None:
            self.exit(return_code=self._ending)

    @property
    def voice(self) -> Voice:
        status = self.status
        return Voice() if status is None else Voice(status.timezone, status.now_ms)

    @property
    def front(self) -> DashboardScreen[Any] | None:
        """The screen that a person looks at, be there a dialog over it or not."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, DashboardScreen)), None)

    def banners(self) -> list[tuple[str, Role]]:
        """What must be known before any figure below is believed."""
        found: list[tuple[str, Role]] = []
        if self.fault is not None:
            what = self.voice.say(self.fault)
            if self.status is not None:
                known = Fact("dashboard_values_of", {"what": what, "known_ms": self.status.now_ms})
                what = self.voice.say(known)
            found.append((what, "alert"))
        if self.status is not None:
            controller = self.status.controller
            facts = (controller_fact(controller), controller.doubt, controller.fault)
            found += [(self.voice.say(fact), "bad") for fact in facts if fact is not None]
        return found

    async def _follow(self) -> None:
        """Refresh for ever, at a calm pace, or at once when woken."""
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            await self.renew()
            rest_s = min(SLOWEST_REFRESH_S, max(self._refresh_s, REST_SHARE * (loop.time() - started)))
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), rest_s)
            except TimeoutError:
                continue

    def wake(self) -> None:
        """Refresh now rather than at the next turn."""
        self._woken.set()

    async def renew(self) -> None:
        """Ask once and draw; a desk that does not answer is told in the banner."""
        async with self._renewing:
            try:
                self.status = await self.link.ask(_status)
                self._follow_again()
                if self.front is not None:
                    await self.front.renew()
                self.fault = None
            except NoAnswer as none:
                self.fault = none.fact
            if self.front is not None and self.front.is_mounted:
                self.front.redraw_frame()

    def tell(self, text: str, role: Role = "") -> None:
        """Show how the last act went, on every screen, for a minute."""
        said = self.message = (text, role)
        if self.front is not None:
            self.front.redraw_frame()
        self.set_timer(MESSAGE_S, lambda: self.tell("") if text and self.message is said else None)

    def begin(self, act: Act) -> None:
        """Open the dialog of an act; what became of it is followed when it closes."""

        def after(receipt: Receipt | None) -> None:
            if receipt is not None:
                self.follow(act, receipt)

        self.push_screen(ActDialog(act), after)

    def follow(self, act: Act, receipt: Receipt) -> Worker[None]:
        return self.run_worker(self._follow_act(act, receipt), group="acts")

    async def _follow_act(self, act: Act, receipt: Receipt) -> None:
        """From pending to confirmed, or to the plain word that it is not."""
        self.wake()
        subject = act.done(receipt)
        if not act.is_confirmed_by_devices:
            self.tell(subject, "good")
            return
        if receipt.instruction_id is None and not receipt.released:
            self.tell(self.voice.say(Fact("dashboard_nothing_done", {"subject": act.subject})))
            return
        if receipt.state == "proposed":  # no controller is asked for anything yet
            self.tell(self.voice.say(proposed_fact(receipt, subject)), "bad")
            return
        nobody = receipt.controller in NOBODY_THERE
        self.tell(self.voice.say(waiting_fact(receipt, subject)), "bad" if nobody else "")
        if nobody:
            self._await_controller(subject, receipt)
            return
        await self._follow_confirmation(subject, receipt)

    def _await_controller(self, subject: str, receipt: Receipt) -> None:
        """Follow it again as soon as a controller is back: what was said of it is not true any more then."""
        self._unfollowed[receipt.instruction_id, receipt.released] = (subject, receipt)

    def _follow_again(self) -> None:
        if self.status is None or self.status.controller.life != "running":
            return
        unfollowed, self._unfollowed = list(self._unfollowed.values()), {}
        for subject, receipt in unfollowed:
            self.tell(self.voice.say(Fact("dashboard_pending", {"subject": subject})))
            self.run_worker(self._follow_confirmation(subject, receipt), group="acts")

    async def _follow_confirmation(self, subject: str, receipt: Receipt) -> None:
        try:
            last = await self.link.confirmation(receipt)
        except NoAnswer as none:
            self.tell(self.voice.say(none.fact), "bad")
            return
        if not last.confirmed and last.controller in NOBODY_THERE:
            self._await_controller(subject, receipt)
        outcome = outcome_fact(last, subject, receipt.instruction_id)
        failures = () if last.confirmed else last.warnings
        self.tell(self.voice.say_all((outcome, *failures)), "good" if last.confirmed else "bad")
        self.wake()

    async def action_show(self, mode: str) -> None:
        """Go to a screen; from one circuit back to where its number key says."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.switch_mode(mode)

    def action_help(self) -> None:
        self.push_screen(HelpScreen())

    def open_circuit(self, circuit_id: str) -> None:
        self.push_screen(CircuitScreen(circuit_id))

    async def open_filtered(self, text: str) -> None:
        """The circuits that have this text in them."""
        await self.action_show("circuits")
        if isinstance(self.screen, CircuitsScreen):
            self.screen.filter_by(text)


def _status(desk: DeskLike) -> StatusAnswer:
    desk.refresh()
    return desk.status()


def run_dashboard(folder: Path, user_id: str) -> int:
    """Show the site in ``folder`` until a person quits; returns the exit code.

    Raises ``WrongUsage`` without a terminal (the drawing goes to the standard error stream), and what opening the desk
    raises (``DeskError``, ``StoreError``): the terminal is not touched before it is open.
    """
    from lighting.desk.desk import Desk

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUsage(Fact("dashboard_needs_terminal"))
    return show(Dashboard(Desk(folder, user_id=user_id)))


def show(dashboard: Dashboard) -> int:
    """Run the dashboard and close its desk; returns the exit code, which is 128 and its number after a signal."""
    try:
        with _left_by_signals(dashboard):
            watch_terminal(lambda: dashboard.leave(EXIT_CODE))
            dashboard.run()
    finally:
        dashboard.link.close()
    return dashboard.return_code or 0


@contextmanager
def _left_by_signals(dashboard: Dashboard) -> Iterator[None]:
    """SIGTERM and a closed terminal end the dashboard as its key does: no dead picture, no raw terminal."""

    def stop(number: int, frame: FrameType | None) -> None:
        dashboard.leave(128 + number)

    kept = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
