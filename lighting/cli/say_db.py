"""What ``lighting db`` says: the store in words or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import shown
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice, print_json, voice_for

if TYPE_CHECKING:
    from lighting.desk.rebuilding import Rebuilt, Step
    from lighting.desk.store_export import Exported, Format
    from lighting.desk.store_keeping import BackupAnswer, RestoreAnswer, UpgradeAnswer
    from lighting.store.contents import StoreContent
    from lighting.store.verify import Verification

_COLUMNS = (
    Column("WHAT"),
    Column("ROWS", right=True),
    Column("FIRST"),
    Column("LAST"),
)


def print_content(content: StoreContent, folder: Path, *, as_json: bool) -> None:
    """``lighting db``: what the store holds."""
    if as_json:
        print_json(form("lighting.db/1", **_fields(content)))
        return
    voice = _voice_of(folder)
    voice.data(
        Fact("db_place", {"place": content.place}),
        Fact("db_schema", {"stored_version": content.schema_version, "known_version": content.known_version}),
        Fact("db_size", {"size": _size(content.bytes_on_disk)}),
    )
    rows = [
        (
            group.group.replace("_", " "),
            f"{group.rows:,}".replace(",", " ") + ("+" if group.rows_at_least else ""),
            _day(group.first_ms, voice),
            _day(group.last_ms, voice),
        )
        for group in content.groups
        if group.rows
    ]
    if rows:
        print_table(_COLUMNS, rows, voice)
    _print_waiting(content, voice)
    if content.last_backup_ms is None:
        voice.data(Fact("db_no_backup"))
    else:
        voice.data(Fact("db_last_backup", {"stored_ms": content.last_backup_ms, "file": content.last_backup_file}))


def _print_waiting(content: StoreContent, voice: Voice) -> None:
    waiting = (
        ("db_dirty_rollups", content.dirty_rollups, content.oldest_dirty_rollup_ms),
        ("db_dirty_accounts", content.dirty_accounts, content.oldest_dirty_account_ms),
    )
    for code, count, oldest_ms in waiting:
        if count:
            voice.data(Fact(code, {"count": count, "stored_ms": oldest_ms}))


def _fields(content: StoreContent) -> dict[str, object]:
    return {name: getattr(content, name) for name in content.__slots__}


def _day(at_ms: int | None, voice: Voice) -> str:
    return "" if at_ms is None else voice.sentence(Fact("db_time", {"stored_ms": at_ms}))


def _size(size: int | None) -> str | None:
    if size is None:
        return None
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _voice_of(folder: Path) -> Voice:
    """The voice in the zone of the folder's site, if it can be read."""
    import tomllib

    try:
        zone = tomllib.loads((folder / "site.toml").read_text(encoding="utf-8"))["site"]["timezone"]
    except (OSError, ValueError, KeyError, TypeError):
        zone = "UTC"
    return voice_for(zone if isinstance(zone, str) else "UTC")


def print_upgrade(answer: UpgradeAnswer, *, as_json: bool) -> None:
    """``lighting db upgrade``."""
    versions: dict[str, Value] = {"from_version": answer.from_version, "to_version": answer.to_version}
    file = None if answer.backup is None else str(answer.backup)
    if as_json:
        print_json(form("lighting.db_upgrade/1", place=answer.place, **versions, backup=file))
        return
    voice = voice_for()
    if answer.from_version == answer.to_version:
        voice.data(Fact("db_upgrade_none", {**versions, "place": answer.place}))
        return
    if file is not None:
        voice.data(Fact("db_upgrade_backup", {"file": file}))
    voice.data(Fact("db_upgraded", {**versions, "place": answer.place}))


def print_backup(answer: BackupAnswer, voice: Voice, *, as_json: bool) -> None:
    """``lighting db backup``."""
    manifest = answer.manifest
    if as_json:
        tables = [{"name": table.name, "rows": table.rows, "sha256": table.sha256} for table in manifest.tables]
        values = {"file": str(answer.file), "rows": manifest.rows, "bytes_on_disk": answer.bytes_on_disk}
        made = {"made_ms": manifest.made_ms, "schema_version": manifest.schema_version}
        print_json(form("lighting.db_backup/1", **values, **made, took_s=round(answer.took_s, 3), tables=tables))
        return
    size = _size(answer.bytes_on_disk)
    values_said: dict[str, Value] = {"file": str(answer.file), "rows": manifest.rows, "size": size}
    voice.data(Fact("db_backed_up", {**values_said, "took_s": round(answer.took_s, 1)}))


def print_restore(answer: RestoreAnswer, *, as_json: bool) -> None:
    """``lighting db restore``."""
    manifest = answer.manifest
    values: dict[str, Value] = {"file": str(answer.file), "place": answer.place, "rows": manifest.rows}
    if as_json:
        made = {"made_ms": manifest.made_ms, "schema_version": manifest.schema_version}
        print_json(
            form("lighting.db_restore/1", **values, **made, is_moved=answer.is_moved, took_s=round(answer.took_s, 3))
        )
        return
    voice = voice_for()
    voice.data(Fact("db_restored", {**values, "took_s": round(answer.took_s, 1)}))
    if answer.is_moved:
        voice.data(Fact("db_moved", {"place": answer.place}))


def print_verification(answer: Verification, folder: Path, *, as_json: bool) -> int:
    """``lighting db verify``: each fault, then what was looked at; 0 where nothing is wrong, else 1."""
    count = sum(check.faults for check in answer.checks)
    if as_json:
        print_json(
            form(
                "lighting.db_verify/1",
                is_full=answer.is_full,
                is_whole=count == 0,
                fault_count=count,
                checks=answer.checks,
                faults=answer.faults,
                recomputed=answer.recomputed,
            )
        )
        return Exit.FAILURE if count else Exit.FINE
    voice = _voice_of(folder)
    voice.data(*(fault.fact for fault in answer.faults))
    if count > len(answer.faults):
        voice.data(Fact("verify_more", {"more": count - len(answer.faults)}))
    for check in answer.checks:
        values: dict[str, Value] = {"check": check.check, "looked_at": check.looked_at, "faults": check.faults}
        voice.data(Fact("verify_checked", values))
    _print_recomputed(answer, voice)
    voice.data(Fact("verify_wrong", {"faults": count}) if count else Fact("verify_whole"))
    if not answer.is_full:
        voice.data(Fact("verify_recent_only"))
    return Exit.FAILURE if count else Exit.FINE


def _print_recomputed(answer: Verification, voice: Voice) -> None:
    done = answer.recomputed
    if done is None:
        voice.data(Fact("verify_recomputed_none"))
        return
    span: dict[str, Value] = {"from_date": done.first_day, "to_date": done.last_day, "days": done.days}
    voice.data(Fact("verify_recomputed", span))
    for code, count in (
        ("verify_hours_gone", done.hours_gone),
        ("verify_hours_waiting", done.hours_waiting),
        ("verify_days_waiting", done.days_waiting),
    ):
        if count:
            voice.data(Fact(code, {"count": count}))


def tables_wanted(whats: Sequence[str], form_name: str) -> tuple[tuple[str, ...], Format]:
    """The tables that were named, or all; and the format. Raises ``WrongUsage`` for what is neither."""
    from lighting.desk.refusal import WrongUsage
    from lighting.store.exports import WHATS

    for what in whats:
        if what not in WHATS:
            raise WrongUsage(Fact("export_what_unknown", {"found": shown(what), "allowed": ", ".join(WHATS)}))
    if form_name not in ("csv", "parquet"):
        raise WrongUsage(Fact("export_format_unknown", {"found": shown(form_name)}))
    return tuple(whats) or WHATS, "csv" if form_name == "csv" else "parquet"


def print_exported(done: Sequence[Exported], voice: Voice, *, as_json: bool) -> None:
    """``lighting db export``."""
    if as_json:
        files = [{"what": one.what, "file": str(one.file), "rows": one.rows} for one in done]
        print_json(form("lighting.db_export/1", files=files))
        return
    voice.data(*(Fact("db_exported", {"file": str(one.file), "rows": one.rows}) for one in done))


def print_rebuilt(rebuilt: Rebuilt, voice: Voice, *, as_json: bool) -> int:
    """``lighting db rebuild``; 1 where no account could be made for want of a revision, else 0."""
    code = Exit.FINE if rebuilt.has_revision or rebuilt.account_days is None else Exit.FAILURE
    if as_json:
        print_json(form("lighting.db_rebuild/1", **{name: getattr(rebuilt, name) for name in rebuilt.__slots__}))
        return code
    span: dict[str, Value] = {"from_ms": rebuilt.from_ms, "until_ms": rebuilt.until_ms}
    if rebuilt.rollup_hours is not None:
        voice.data(Fact("db_rebuild_rollups", {**span, "count": rebuilt.rollup_hours}))
    if rebuilt.account_days is not None and code == Exit.FINE:
        voice.data(Fact("db_rebuild_accounts", {**span, "count": rebuilt.days_made}))
    if rebuilt.days_left and code == Exit.FINE:
        voice.data(Fact("db_rebuild_left", {"count": rebuilt.days_left}))
    if code != Exit.FINE:
        voice.tell(Fact("accounts_need_revision"))
    return code


@contextmanager
def table_progress() -> Iterator[Callable[[str, int], None] | None]:
    """A line on stderr that follows table and rows, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return

    def tell(table: str, rows: int) -> None:
        print(f"\r\033[K{table}  {rows:,}".replace(",", " "), end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


@contextmanager
def step_progress(voice: Voice) -> Iterator[Callable[[Step, int, int], None]]:
    """How far a long work is, on stderr: a line that follows it on a terminal, else one line a step."""
    said: set[str] = set()
    is_terminal = sys.stderr.isatty()

    def tell(step: Step, done: int, total: int) -> None:
        values: dict[str, Value] = {"done": done, "total": total}
        fact = Fact("db_rebuilding_rollups" if step == "rollups" else "db_rebuilding_accounts", values)
        if is_terminal:
            print(f"\r\033[K{voice.sentence(fact)}", end="", file=sys.stderr, flush=True)
        elif step not in said or done == total:
            voice.tell(fact)
        said.add(step)

    try:
        yield tell
    finally:
        if is_terminal and said:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
