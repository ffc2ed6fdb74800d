"""Files of tariffs and prices: checked, read, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.tariff_reading import check_tariff
from lighting.assets.tariff_series import SERIES_FOLDERS
from lighting.cli.exit_codes import Exit
from lighting.cli.options import date_order_of
from lighting.cli.voice import Voice, voice_for
from lighting.desk.refusal import Refused, WrongUsage
from lighting.exchange.price_files import PriceFileError, PriceForm, prices_csv, read_price_file
from lighting.exchange.tariff_toml import tariff_toml
from lighting.exchange.tariff_urdb import UrdbError, UrdbRate, UrdbRead, read_all_urdb, read_urdb
from lighting.exchange.wall_times import is_known_zone

_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class PriceWords:
    """The words of the command line."""

    file: Path
    out: Path
    unit: str
    timezone: str
    time_column: str
    price_column: str
    gaps: bool
    replace: bool
    dates: str | None = None


def check_file(file: Path) -> int:
    """Check it as ``tariff.toml`` of its folder."""
    voice = voice_for()
    texts = {"tariff.toml": _text(file)}
    for name in SERIES_FOLDERS:
        for path in sorted((file.parent / name).glob("*.csv")):
            texts[f"{name}{path.name}"] = _text(path)
    calendar = file.parent / "calendar.toml"
    if calendar.is_file():
        texts["calendar.toml"] = _text(calendar)
    tariff, problems = check_tariff(texts)
    told = [
        Problem(one.fact, str(file), one.line, one.field, one.is_warning) if one.file == "tariff.toml" else one
        for one in problems
    ]
    _tell(voice, told)
    if tariff is None:
        count = sum(not problem.is_warning for problem in problems)
        raise WrongUsage(Fact("tariff_check_failed", {"file": str(file), "count": count}))
    voice.data(Fact("tariff_checked", {"file": str(file), "count": len(tariff.dated)}))
    return Exit.FINE


def _tell(voice: Voice, problems: Sequence[Problem]) -> None:
    voice.problems(problems[:_MOST_TOLD])
    if len(problems) > _MOST_TOLD:
        voice.tell(Fact("traffic_import_more", {"more_count": len(problems) - _MOST_TOLD}))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        values = {"file": str(file), "detail": error.strerror or type(error).__name__}
        raise WrongUsage(Fact("system_refused_file", values)) from error


def _text(file: Path) -> str:
    """The text of a file. Raises ``WrongUsage`` with the line where it is no UTF-8."""
    data = _bytes(file)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise WrongUsage(Fact("file_line_not_utf8", {"file": str(file), "line": line})) from error


def import_rate(file: Path, out: Path, label: str, *, replace: bool) -> int:
    """A rate of URDB as ``tariff.toml``."""
    voice = voice_for()
    try:
        found = read_urdb(_bytes(file), file.name, label)
    except UrdbError as error:
        raise WrongUsage(error.fact) from error
    _write_rate(voice, found, file, out, replace=replace)
    voice.tell(*found.taken, *found.left_out)
    voice.data(found.counts, Fact("tariff_written", {"file": str(out)}))
    return Exit.FINE


def _write_rate(voice: Voice, found: UrdbRead, file: Path, out: Path, *, replace: bool) -> None:
    told = [voice.sentence(fact) for fact in (*found.taken, *found.left_out)]
    head = [f"From {file.name} (OpenEI utility rate database). Read it beside the utility's own rate sheet.", *told]
    _write(out, tariff_toml(found.tariff, head), replace=replace)


def import_all_rates(file: Path, out: Path, *, replace: bool) -> int:
    """Every rate of a file as a file of its own in the folder ``out``; each that is refused with its reason.

    Nothing is written where one of the files is there already. 1 where no rate could be used.
    """
    voice = voice_for()
    try:
        rates = read_all_urdb(_bytes(file), file.name)
    except UrdbError as error:
        raise WrongUsage(error.fact) from error
    files = {rate.number: out / f"{_file_name(rate)}.toml" for rate in rates}
    there = next((path for path in files.values() if path.exists()), None)
    if there is not None and not replace:
        raise Refused(Fact("tariff_file_exists", {"file": str(there)}))
    for rate in rates:
        values: dict[str, Value] = {"label": rate.label or "–", "number": rate.number}
        if isinstance(rate.became, Fact):
            voice.tell(Fact("urdb_rate_refused", {**values, "reason": voice.sentence(rate.became)}))
            continue
        _write_rate(voice, rate.became, file, files[rate.number], replace=True)
        voice.tell(Fact("urdb_rate_written", {**values, "file": str(files[rate.number])}))
        voice.tell(rate.became.counts, *rate.became.taken, *rate.became.left_out)
    refused = sum(isinstance(rate.became, Fact) for rate in rates)
    counts: dict[str, Value] = {"read_count": len(rates), "used_count": len(rates) - refused, "refused_count": refused}
    voice.data(Fact("urdb_rates", counts))
    return Exit.FINE if refused < len(rates) else Exit.FAILURE


def _file_name(rate: UrdbRate) -> str:
    """Its number and its label, of which a file system takes every character."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in rate.label)[:60]
    return f"{rate.number:04d}-{plain}" if plain else f"{rate.number:04d}"


def import_price_file(words: PriceWords) -> int:
    """Hourly prices as a price file of the site."""
    if not is_known_zone(words.timezone):
        raise WrongUsage(Fact("timezone_needed", {"found": words.timezone[:60]}))
    voice = voice_for(words.timezone)
    dates = date_order_of(words.dates)
    form = PriceForm(words.timezone, words.unit, words.time_column, words.price_column, words.gaps, dates)
    try:
        found = read_price_file(_bytes(words.file), words.file.name, form)
    except PriceFileError as error:
        _tell(voice, error.problems)
        if error.problems:
            voice.tell(error.fact)
            return Exit.WRONG_USAGE if error.is_whole else Exit.FAILURE
        raise WrongUsage(error.fact) from error
    text = prices_csv(found, words.timezone, f"From {words.file.name}, {words.unit}, {words.timezone}")
    _write(words.out, text, replace=words.replace)
    begin, end = found.rows[0][0], found.rows[-1][1]
    span = {"from_ms": begin, "until_ms": end, "step_ms": found.step_ms}
    voice.data(Fact("prices_written", {"file": str(words.out), "count": len(found.rows), **span}))
    voice.tell(*(Fact("prices_gap", {"from_ms": gap[0], "until_ms": gap[1]}) for gap in found.gaps[:_MOST_TOLD]))
    voice.tell(Fact("prices_named", {"file": f"prices/{words.out.name}"}))
    return Exit.FINE


def _write(out: Path, text: str, *, replace: bool) -> None:
    """The whole file or none. Raises ``Refused`` where it is there already."""
    if out.exists() and not replace:
        raise Refused(Fact("tariff_file_exists", {"file": str(out)}))
    beside = out.with_name(f".{out.name}.new")
    try:
        if not out.parent.exists():
            out.parent.mkdir(parents=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(out)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        values = {"file": str(out), "detail": error.strerror or type(error).__name__}
        raise WrongUsage(Fact("system_refused_file", values)) from error
