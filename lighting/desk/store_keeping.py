"""Keeping the store: looking at it, bringing it up, backing it up, reading a backup back, and where the site's is."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lighting.assets.fact import Fact, Value
from lighting.assets.folder import read_accepted
from lighting.assets.model import Site
from lighting.assets.notation import NotationError
from lighting.assets.store_url import parse_store_url
from lighting.desk import rights
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage
from lighting.desk.site_source import open_existing_store, source_site, store_exists, store_url_of
from lighting.store.clock import SystemClock
from lighting.store.store import (
    STATE_FOLDER,
    StoreError,
    StoreUnavailable,
    move_store_pin,
    open_store,
    resolved_store_url,
)

if TYPE_CHECKING:
    from lighting.store.backup_file import Backup, Manifest
    from lighting.store.contents import StoreContent

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class UpgradeAnswer:
    """``from_version`` equals ``to_version`` where nothing was to be done; ``backup`` was written before."""

    place: str
    from_version: str
    to_version: str
    backup: Path | None = None


@dataclass(frozen=True, slots=True)
class BackupAnswer:
    file: Path
    manifest: Manifest
    bytes_on_disk: int
    took_s: float


@dataclass(frozen=True, slots=True)
class RestoreAnswer:
    """``is_moved``: the site has its store at ``place`` from now on, and had another before."""

    file: Path
    place: str
    manifest: Manifest
    is_moved: bool
    took_s: float


def look_at_store(folder: Path, *, count_all: bool) -> StoreContent:
    """What the site's store holds, of whatever schema it is. Raises ``WrongUsage`` without a site, ``StoreError``."""
    from lighting.store.contents import store_content

    return store_content(url_of_site(folder), count_all=count_all)


def upgrade_store(folder: Path, *, user_id: str, with_backup: bool) -> UpgradeAnswer:
    """Bring the site's store up to this program's schema, when nobody holds its lines.

    A SQLite store is backed up beside itself first, unless told otherwise. Raises ``Refused``, ``StoreError``.
    """
    from lighting.store.opening import bring_up_at, check_not_held, version_at
    from lighting.store.schema import SCHEMA_VERSION

    require_operator(folder, user_id, "db upgrade")
    url = url_of_site(folder)
    version = version_at(url)
    if version is None:
        raise StoreUnavailable(Fact("store_missing", {"place": _place(url)}))
    if version == SCHEMA_VERSION:
        return UpgradeAnswer(_place(url), version, version)
    now_ms = SystemClock().now_ms()
    check_not_held(url)
    backup = None
    if with_backup and url.startswith("sqlite"):
        from lighting.store.backup import back_up

        backup = _beside(url, version, now_ms)
        back_up(url, backup, at_ms=now_ms)
    bring_up_at(url)
    with open_store(url, create=False) as store:
        values: dict[str, Value] = {"from_version": version, "to_version": SCHEMA_VERSION, "backup": str(backup or "")}
        at_ms = store.controller.clock().now_ms()
        store.history.add_audit(at_ms=at_ms, by=user_id, act="db_upgrade", subject="store", values=values)
    return UpgradeAnswer(_place(url), version, SCHEMA_VERSION, backup)


def _beside(url: str, version: str, now_ms: int) -> Path:
    from lighting.store.engine import Database

    database = Database(url)
    database.close()
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    return database.file.with_name(f"before-upgrade-from-{version}-{stamp}.zip")


def back_up_store(desk: Desk, file: Path, *, overwrite: bool, progress: Progress | None = None) -> BackupAnswer:
    """Write the whole store into ``file`` while everything goes on. Raises ``Refused``, ``StoreError``."""
    from lighting.store.backup import back_up
    from lighting.store.contents import BACKUP_ACT

    desk.refresh()
    rights.require(desk.site, desk.user_id, "operator", "db backup")
    store = desk.existing_store
    if store is None:
        raise StoreUnavailable(Fact("store_missing", {"place": _place(store_url_of(desk.folder))}))
    begun = time.monotonic()
    manifest = back_up(store.url, file, at_ms=desk.clock.now_ms(), overwrite=overwrite, progress=progress)
    size = file.stat().st_size
    values: dict[str, Value] = {"file": str(file.resolve()), "rows": manifest.rows, "size_bytes": size}
    store.history.add_audit(at_ms=desk.clock.now_ms(), by=desk.user_id, act=BACKUP_ACT, subject="store", values=values)
    return BackupAnswer(file, manifest, size, time.monotonic() - begun)


def restore_backup(
    folder: Path, file: Path, *, user_id: str, store_url: str | None, progress: Progress | None = None
) -> RestoreAnswer:
    """Read a backup into the site's store, or into another one that becomes the site's (``store_url``).

    The store must be empty or not there yet, and no controller may run on it or on the one that the site has now.
    Raises ``WrongUsage``, ``Refused``, ``StoreError``; nothing has changed then.
    """
    from lighting.store.backup_file import open_backup
    from lighting.store.restore import RestoreAudit, restore

    begun = time.monotonic()
    before = store_url_of(folder)
    wanted = before if store_url is None else _checked_url(folder, store_url)
    with open_backup(file) as backup:
        _require_operator_of(folder, backup, user_id)
        if wanted != before:
            _refuse_while_run(before)
        values: dict[str, Value] = {
            "file": str(file.resolve()),
            "made_ms": backup.manifest.made_ms,
            "rows": backup.manifest.rows,
            "schema_version": backup.manifest.schema_version,
        }
        entry = RestoreAudit(max(SystemClock().now_ms(), backup.manifest.made_ms), user_id, values)
        manifest = restore(backup, wanted, entry=entry, progress=progress)
    move_store_pin(folder, wanted)
    return RestoreAnswer(file, _place(wanted), manifest, wanted != before, time.monotonic() - begun)


def _checked_url(folder: Path, url: str) -> str:
    try:
        return resolved_store_url(folder, parse_store_url(url))
    except NotationError as error:
        raise WrongUsage(error.fact) from error


def _refuse_while_run(url: str) -> None:
    """The site's present store is left behind: a controller that runs on it would go on writing there.

    One on a server that cannot be reached is left behind all the same: that may be why somebody moves away from it.
    """
    from lighting.store.opening import holder_at

    holder = None
    with suppress(StoreUnavailable):
        holder = holder_at(url)
    if holder is not None:
        raise StoreUnavailable(Fact("restore_while_run", {"place": _place(url), "holder": holder or None}))


def _require_operator_of(folder: Path, backup: Backup, user_id: str) -> None:
    """The site's own users decide; where nothing is left of it, those of the backup."""
    from lighting.store.restore import newest_files

    if (folder / "site.toml").is_file() or store_exists(store_url_of(folder)):
        require_operator(folder, user_id, "db restore")
        return
    if not folder.is_dir():
        raise WrongUsage(Fact("no_site_here", {"folder": str(folder)}))
    site = read_accepted(newest_files(backup)).site
    if site is not None:
        rights.require(site, user_id, "operator", "db restore")


def require_operator(folder: Path, user_id: str, act: str) -> None:
    """Raise ``Refused`` unless the person is an operator of the site, also where its store cannot be opened now."""
    rights.require(_site_of(folder), user_id, "operator", act)


def _site_of(folder: Path) -> Site:
    try:
        store = open_existing_store(folder)
    except StoreError:
        return source_site(folder, None).site
    try:
        return source_site(folder, store).site
    finally:
        if store is not None:
            store.close()


def url_of_site(folder: Path) -> str:
    """Where the store of that site is. Raises ``WrongUsage`` for a folder that is none."""
    if not (folder / "site.toml").is_file() and not (folder / STATE_FOLDER).is_dir():
        raise WrongUsage(Fact("no_site_here", {"folder": str(folder)}))
    return store_url_of(folder)


def _place(url: str) -> str:
    from lighting.store.engine import Database

    database = Database(url)
    database.close()
    return database.place
