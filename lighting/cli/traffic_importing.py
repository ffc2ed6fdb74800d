"""``lighting traffic import``: what was read, used and refused, in words, with every refused row in a report."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import listed, shown
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.traffic_pushing import most_believed
from lighting.cli.voice import Voice, print_json
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage
from lighting.desk.traffic_import import (
    DATE_ORDERS,
    FORMATS,
    ImportAnswer,
    ImportWish,
    import_counts,
)
from lighting.exchange.import_report import safe_cell
from lighting.exchange.traffic_counts import CountRefusal, by_reason
from lighting.schedule.traffic_rules import WINDOW_MS

SCHEMA = "lighting.traffic_import/1"
_REMARKS_OF_A_KIND = 3
_REPORT_COLUMNS = ("file", "line", "section_or_detector", "counts", "code", "explanation")


@dataclass(frozen=True, slots=True)
class ImportWords:
    """The words of the command line, as they were typed."""

    files: tuple[Path, ...]
    form: str
    section: str
    detectors: tuple[str, ...]
    dates: str | None
    timezone: str | None
    most_veh_h: float | None
    report: Path | None


def import_traffic(desk: Desk, voice: Voice, words: ImportWords, *, dry_run: bool, as_json: bool) -> int:
    """Import the files and tell what became of them."""
    wish = _wish(words)
    answer = import_counts(desk, _contents(words.files), wish, dry_run=dry_run)
    if words.report is not None:
        words.report.write_text(report_csv(answer.refusals, voice), encoding="utf-8")
    if as_json:
        _print_form(answer)
    else:
        _print_summary(voice, answer, len(words.files), words.report)
    return Exit.FINE if answer.used_count else Exit.FAILURE


def _wish(words: ImportWords) -> ImportWish:
    chosen = next((one for one in FORMATS if one == words.form), None)
    if chosen is None:
        values: dict[str, Value] = {"found": shown(words.form), "allowed": listed(FORMATS)}
        raise WrongUsage(Fact("traffic_format_unknown", values))
    order = next((one for one in DATE_ORDERS if one == words.dates), None)
    if words.dates is not None and order is None:
        raise WrongUsage(Fact("traffic_dates_unknown", {"found": shown(words.dates)}))
    if words.most_veh_h is not None:
        most_believed(words.most_veh_h)
    return ImportWish(chosen, words.section, words.detectors, order, words.timezone, words.most_veh_h)


def _contents(files: Sequence[Path]) -> dict[str, bytes]:
    contents = {}
    for file in files:
        try:
            contents[file.name if file.name not in contents else str(file)] = file.read_bytes()
        except OSError as error:
            values: dict[str, Value] = {"file": str(file), "detail": error.strerror or str(error)}
            raise WrongUsage(Fact("traffic_file_missing", values)) from error
    return contents


def _print_summary(voice: Voice, answer: ImportAnswer, file_count: int, report: Path | None) -> None:
    counts: dict[str, Value] = {"read_count": answer.read_count, "file_count": file_count}
    voice.data(
        Fact("traffic_import_read", {**counts, "used_count": answer.used_count, "refused_count": answer.refused_count})
    )
    for fact, count, first in by_reason(answer.refusals):
        values: dict[str, Value] = {"row_count": count, "reason": voice.sentence(fact)}
        voice.data(Fact("traffic_import_refused", {**values, "file": first.file, "line": first.line}))
    _print_remarks(voice, answer.remarks)
    for one in answer.sections:
        span: dict[str, Value] = {"section": one.section, "from_ms": one.from_ms, "until_ms": one.until_ms}
        became: dict[str, Value] = {"added": one.added, "same": one.same}
        dry = Fact("traffic_import_dry", {**span, "used_count": one.used_count})
        voice.data(dry if answer.dry_run else Fact("traffic_import_became", {**span, **became}))
    longest_ms = max((one.longest_ms for one in answer.sections), default=0)
    if longest_ms > WINDOW_MS:
        voice.data(Fact("traffic_import_hourly", {"duration_ms": longest_ms}))
    if report is not None:
        voice.data(Fact("import_report", {"file": str(report)}))


def _print_remarks(voice: Voice, remarks: Sequence[Fact]) -> None:
    """Remarks of a kind together, not more than a few of each: a year has a file for every day."""
    for code in dict.fromkeys(remark.code for remark in remarks):
        of_kind = [remark for remark in remarks if remark.code == code]
        for remark in of_kind[:_REMARKS_OF_A_KIND]:
            voice.data(remark)
        if len(of_kind) > _REMARKS_OF_A_KIND:
            voice.data(Fact("traffic_import_more", {"more_count": len(of_kind) - _REMARKS_OF_A_KIND}))


def report_csv(refusals: Sequence[CountRefusal], voice: Voice) -> str:
    """Every refusal as CSV with its place; ``counts`` is how many counts it took."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_REPORT_COLUMNS)
    for one in refusals:
        explanation = safe_cell(voice.sentence(one.fact))
        writer.writerow([one.file, one.line, safe_cell(one.subject), one.count, one.fact.code, explanation])
    return text.getvalue()


def _print_form(answer: ImportAnswer) -> None:
    refused = [
        {"counts": count, "fact": fact, "file": at.file, "line": at.line}
        for fact, count, at in by_reason(answer.refusals)
    ]
    print_json(
        form(
            SCHEMA,
            dry_run=answer.dry_run,
            read_count=answer.read_count,
            used_count=answer.used_count,
            refused_count=answer.refused_count,
            sections=answer.sections,
            refused=refused,
            remarks=answer.remarks,
        )
    )
