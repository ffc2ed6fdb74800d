"""The report of an import: every refused row and every assumption, with its place and its fact."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence

from lighting.assets.fact import Fact
from lighting.exchange.inventory import Inventory, RowNote

REPORT_FILE = "import-report.csv"
_COLUMNS = ("outcome", "row", "line", "lamp_id", "code", "explanation")


def report_csv(inventory: Inventory, remarks: Sequence[Fact], say: Callable[[Fact], str]) -> str:
    """The whole report as CSV: ``refused`` and ``assumed`` rows, then what was assumed of the file and the site.

    ``row`` counts records from 1; ``line`` is the line in a CSV file, empty for other forms. ``say`` words a fact.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for outcome, notes in (("refused", inventory.refusals), ("assumed", inventory.assumptions)):
        for note in notes:
            line = str(note.line) if note.line else ""
            writer.writerow(
                [outcome, note.row, line, safe_cell(note.lamp_id), note.fact.code, safe_cell(say(note.fact))]
            )
    for fact in (*inventory.remarks, *remarks):
        writer.writerow(["assumed", "", "", "", fact.code, safe_cell(say(fact))])
    return text.getvalue()


def safe_cell(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t", "\r") else text


def counted(notes: Sequence[RowNote]) -> list[tuple[Fact, int]]:
    """Notes that say the same, most frequent first, each with its number of rows."""
    counts = Counter((note.fact.code, tuple(sorted(note.fact.values.items()))) for note in notes)
    return [(Fact(code, dict(values)), count) for (code, values), count in counts.most_common()]
