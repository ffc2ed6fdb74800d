"""Draws docs/pictures/architecture.svg from the import law in pyproject.toml and the docstrings of the rooms.

Run ``python docs/architecture.py``; a test holds the picture against the code, so that it stays true.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"
PURE = {"schedule", "energy", "maintenance"}
ROW, WIDTH, LEFT, HEART = 38, 1120, 30, 710


def rooms_from_the_law() -> list[list[str]]:
    """Rows of rooms, top first, as import-linter holds them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(c for c in contracts if c.get("containers") == ["lighting"])["layers"]
    return [[room.strip() for room in layer.split("|")] for layer in layers]


def question_of(package: str) -> str:
    """The first sentence of a package's docstring."""
    text = (ROOT / package / "__init__.py").read_text(encoding="utf-8")
    first = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0].replace("`", "")
    return first.split("? ")[0] + "?" if "? " in first else first.split(". ")[0].rstrip(".")


def _box(x: float, y: float, width: float, name: str, says: str, fill: str) -> str:
    words = f'<tspan class="says" dx="10">{escape(says)}</tspan>' if says else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{ROW - 8}" rx="4" fill="{fill}" stroke="#4a5568"/>'
        f'<text x="{x + 12:g}" y="{y + 20:g}"><tspan class="room">{escape(name)}</tspan>{words}</text>'
    )


def _side(y: float, height: float, title: str, lines: list[str]) -> str:
    x = LEFT + HEART + 30
    parts = [f'<rect class="side" x="{x}" y="{y:g}" width="{WIDTH - x - LEFT}" height="{height:g}" rx="4"/>']
    parts.append(f'<text x="{x + 12}" y="{y + 22:g}" class="room">{escape(title)}</text>')
    parts += [
        f'<text x="{x + 12}" y="{y + 44 + 19 * n:g}" class="says">{escape(line)}</text>' for n, line in enumerate(lines)
    ]
    return "".join(parts)


COMMAND = [
    "cli or tui, by a person",
    "desk: right, floor, until, audit",
    "store: one row, on disk",
    "operation: decides, compares",
    "drivers: write, echo, read back",
    "store: confirmed, with latency",
    "desk: shown",
]
READING = [
    "operation: which devices are due",
    "drivers: blocks, checks, values",
    "operation: readings, plausible or flagged",
    "store: latest row, history",
    "desk: shown",
]


def draw() -> str:
    """The picture as SVG text."""
    y = 20.0
    body = [_box(LEFT, y, HEART, "tui", question_of("tui"), "#e9d8fd")]
    y += ROW + 10
    rows = rooms_from_the_law()
    top = y
    y += 30
    for row in rows:
        width = (HEART - 24 - 10 * (len(row) - 1)) / len(row)
        for n, room in enumerate(row):
            says = (
                question_of(f"lighting/{room}") if len(row) == 1 else question_of(f"lighting/{room}").split(",")[0][:44]
            )
            fill = "#c6f6d5" if room in PURE else "#e2e8f0"
            body.append(_box(LEFT + 12 + n * (width + 10), y, width, room, says, fill))
        y += ROW
    frame = (
        f'<rect x="{LEFT}" y="{top:g}" width="{HEART}" height="{y - top + 4:g}" rx="6" fill="none" stroke="#2d3748"/>'
    )
    says = "each room imports only rooms below it; green rooms are pure"
    title = (
        f'<text x="{LEFT + 12}" y="{top + 21:g}"><tspan class="room">lighting</tspan>'
        f'<tspan class="says" dx="10">{says}</tspan></text>'
    )
    y += 14
    body.append(_box(LEFT, y, HEART, "drivers", question_of("drivers"), "#fed7d7"))
    y += ROW
    body.append(_side(20, 190, "One command", [f"{n}. {line}" for n, line in enumerate(COMMAND, 1)]))
    body.append(_side(230, 150, "One reading", [f"{n}. {line}" for n, line in enumerate(READING, 1)]))
    body.append(
        _side(
            400,
            130,
            "Processes",
            [
                "lighting run: the one controller of a site",
                "lighting tui, set, status …: as many as you like",
                "They share only the store;",
                "only the controller touches a line.",
            ],
        )
    )
    style = (
        "<style>text{font:14px sans-serif;fill:#1a202c}.room{font-weight:bold;font-size:14px}"
        ".says{font-size:13px;fill:#2d3748}"
        ".side{fill:#fffaf0;stroke:#b7791f}</style>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 12:g}" width="{WIDTH}" height="{y + 12:g}">'
        f'{style}<rect width="100%" height="100%" fill="#ffffff"/>{frame}{title}{"".join(body)}</svg>\n'
    )


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
    sys.exit(0)
