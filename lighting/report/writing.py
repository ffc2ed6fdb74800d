"""Which forms a report has, by the ending of its file, and how a file is written: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from lighting.assets.fact import Fact
from lighting.desk.energy_answers import EnergyReport
from lighting.desk.refusal import WrongUsage


def _html(report: EnergyReport, language: str) -> bytes:
    from lighting.report.page import html_bytes

    return html_bytes(report, language)


def _pdf(report: EnergyReport, language: str) -> bytes:
    from lighting.report.paper import pdf_bytes

    return pdf_bytes(report, language)


def _xlsx(report: EnergyReport, language: str) -> bytes:
    from lighting.report.workbook import xlsx_bytes

    return xlsx_bytes(report, language)


def _csv(report: EnergyReport, _language: str) -> bytes:
    from lighting.report.tidy_csv import csv_bytes

    return csv_bytes(report)


def _json(report: EnergyReport, _language: str) -> bytes:
    from lighting.report.json_form import json_bytes

    return json_bytes(report)


FORMS: dict[str, Callable[[EnergyReport, str], bytes]] = {
    "html": _html,
    "pdf": _pdf,
    "xlsx": _xlsx,
    "csv": _csv,
    "json": _json,
}
WORDLESS = frozenset({"csv", "json"})
"""Forms that are the same in every language."""


def check_files(files: Sequence[Path]) -> None:
    """Raises ``WrongUsage`` for none, an ending that no report has, a file named twice, a folder that there is not."""
    if not files:
        raise WrongUsage(Fact("report_needs_out"))
    for number, file in enumerate(files):
        if form_of(file) not in FORMS:
            allowed = ", ".join(f".{name}" for name in FORMS)
            raise WrongUsage(Fact("report_ending_unknown", {"file": str(file), "allowed": allowed}))
        if file in files[:number]:
            raise WrongUsage(Fact("report_out_twice", {"file": str(file)}))
        if not file.parent.is_dir():
            raise WrongUsage(Fact("report_folder_missing", {"file": str(file), "folder": str(file.parent)}))


def form_of(file: Path) -> str:
    """The form that a file's ending names, such as ``pdf``."""
    return file.suffix[1:].lower()


def write_report(report: EnergyReport, file: Path, language: str) -> None:
    """Make the report in the form of the file's ending; the file is replaced when all of it is on the disk.

    Raises OSError that names the file.
    """
    content = FORMS[form_of(file)](report, language)
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except OSError as error:  # the person named the file, not the one beside it
        raise type(error)(error.errno, error.strerror, str(file)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
