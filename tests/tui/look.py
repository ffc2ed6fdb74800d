"""How tests look at the dashboard: its screen as plain lines of text, and waiting for what they expect to see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.tui.fake_desk import FakeDesk
from tui.app import Dashboard

DEADLINE_S = 10.0


def screen_lines(app: Dashboard) -> list[str]:
    """What the terminal shows now, one text a line, without trailing blanks."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    assert len(strips) == height
    return ["".join(segment.text for segment in strip).rstrip()[:width] for strip in strips]


def screen_text(app: Dashboard) -> str:
    return "\n".join(screen_lines(app))


async def until_seen(pilot: Pilot[None], text: str) -> str:
    """The screen, as soon as ``text`` stands in it; fails with the whole screen when it never does."""
    app = pilot.app
    assert isinstance(app, Dashboard)
    deadline = asyncio.get_running_loop().time() + DEADLINE_S
    while text not in screen_text(app):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"never saw {text!r} in\n{screen_text(app)}")
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
