"""A picture of the dashboard for documents: ``python -m tui.picture OUT.svg --site DIR --screen overview``.

It runs the dashboard without a terminal on the site as it stands now, presses the keys that lead to the screen, and
writes what a terminal would show as SVG.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import os
import re
import sys
from pathlib import Path

from rich.cells import cell_len

from lighting.desk.refusal import DeskError
from lighting.store.store import StoreError
from tui.app import Dashboard
from tui.desk_like import DeskLike
from tui.voice import Voice

KEYS: dict[str, tuple[str, ...]] = {
    "overview": (),
    "circuits": ("2",),
    "circuit": ("2", "enter"),
    "needs": ("3",),
    "instructions": ("4",),
    "help": ("question_mark",),
}


async def picture(desk: DeskLike, screen: str, size: tuple[int, int]) -> str:
    """The SVG text of that screen at ``size`` (columns, rows)."""
    dashboard = Dashboard(desk, refresh_s=0, ascii_only=False)
    async with dashboard.run_test(size=size) as pilot:
        for key in ("", *KEYS[screen]):
            if key:
                await pilot.press(key)
            await dashboard.renew()
            await pilot.pause()
        return _portable(dashboard.export_screenshot(title="lighting tui"))


_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_TEXT = re.compile(r'x="([0-9.]+)" y="([0-9.]+)" textLength="([0-9.]+)" ([^>]*)>([^<]*)</text>')
_SPACE = "&#160;"


def _portable(svg: str) -> str:
    """The same picture without fonts from elsewhere or spaces at the ends of texts, which some viewers drop."""
    return _TEXT.sub(_without_outer_spaces, _FONT_FACE.sub("", svg))


def _without_outer_spaces(found: re.Match[str]) -> str:
    x, y, length, rest, text = found.groups()
    shown = html.unescape(text)
    cell = float(length) / max(1, cell_len(shown))
    before = len(shown) - len(shown.lstrip("\xa0"))
    kept = html.escape(shown.strip("\xa0")).replace("\xa0", _SPACE)
    start, width = float(x) + before * cell, cell_len(shown.strip("\xa0")) * cell
    return f'x="{start:g}" y="{y}" textLength="{width:g}" {rest}>{kept}</text>'


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    try:
        return int(columns), int(rows)
    except ValueError:
        raise argparse.ArgumentTypeError(f"write COLUMNSxROWS, such as 120x36, not {text}") from None


def main(arguments: list[str] | None = None) -> int:
    """Write the picture; 0, or the exit code of what the desk refused."""
    parser = argparse.ArgumentParser(prog="python -m tui.picture", description="Write a picture of the dashboard.")
    parser.add_argument("out", type=Path, metavar="OUT.svg")
    parser.add_argument("--site", type=Path, default=Path(os.environ.get("LIGHTING_SITE", ".")))
    parser.add_argument("--screen", choices=sorted(KEYS), default="overview")
    parser.add_argument("--size", type=_size, default=(120, 36), metavar="COLUMNSxROWS")
    given = parser.parse_args(arguments)
    from lighting.desk.desk import Desk

    try:
        with Desk(given.site, user_id=os.environ.get("LIGHTING_USER", "viewer")) as desk:
            drawn = asyncio.run(picture(desk, given.screen, given.size))
    except (DeskError, StoreError) as refusal:
        sys.stderr.write(Voice().say(refusal.fact) + "\n")
        return getattr(refusal, "exit_code", 1)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
