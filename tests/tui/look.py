"""How tests look at the dashboard: its screen as plain lines of text, and waiting for what they expect to see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.tui.fake_desk import FakeDesk
from tui.app import Dashboard

DEADLINE_S = 30.0


def screen_lines(app: Dashboard) -> list[str]:
    """What the terminal shows now, one text a line, without trailing blanks."""
    assert is_drawn(app)
    width = app.size.width
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip()[:width] for strip in strips]


def is_drawn(app: Dashboard) -> bool:
    """Whether the screen has followed the terminal's last change of size."""
    return app.screen._compositor.size == app.size


def screen_text(app: Dashboard) -> str:
    return "\n".join(screen_lines(app))


async def until_seen(pilot: Pilot[None], text: str) -> str:
    """The screen, as soon as ``text`` stands in it; fails with the whole screen when it never does."""
    return await _until(pilot, text, lambda shown: text in shown)


async def until_said(pilot: Pilot[None], sentence: str) -> str:
    """As ``until_seen``, for words that may be broken into lines: all of them stand there, none is cut off."""
    return await _until(pilot, sentence, lambda shown: sentence in " ".join(shown.split()))


async def _until(pilot: Pilot[None], text: str, holds: Callable[[str], bool]) -> str:
    app = pilot.app
    assert isinstance(app, Dashboard)
    deadline = asyncio.get_running_loop().time() + DEADLINE_S
    while not is_drawn(app) or not holds(screen_text(app)):
        if asyncio.get_running_loop().time() > deadline:
            shown = screen_text(app) if is_drawn(app) else "a screen that did not follow its terminal's size"
            raise AssertionError(f"never saw {text!r} in\n{shown}")
        await pilot.pause()
        await asyncio.sleep(0.005)
    return screen_text(app)


@asynccontextmanager
async def opened(
    desk: FakeDesk, *, size: tuple[int, int] = (80, 24), ascii_only: bool = False
) -> AsyncIterator[tuple[Dashboard, Pilot[None]]]:
    """The dashboard on that desk with one refresh done; more refreshes come only by ``app.renew()``."""
    app = Dashboard(desk, refresh_s=0, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        await app.renew()
        await pilot.pause()
        yield app, pilot


async def go(pilot: Pilot[None], *keys: str) -> None:
    """Press the keys; each that opens something is followed by a refresh, and so is the last."""
    app = pilot.app
    assert isinstance(app, Dashboard)
    for number, key in enumerate(keys or ("",), 1):
        if key:
            await pilot.press(key)
        if number >= len(keys) or key in {"2", "enter"}:
            await app.renew()
            await pilot.pause()
