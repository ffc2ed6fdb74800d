"""A server whose disk is full: readings go to the spool, it is alarmed, and all of them are stored afterwards.

In two ways, both answered by the server itself with SQLSTATE 53100 (disk_full): the readings' table on a tablespace of
1 MB, where the tests may mount one beside a server of this machine, and a trigger that raises it, everywhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from lighting.store.records import Reading
from lighting.store.store import StoreUnavailable
from tests.lighting.operation.test_readings_waiting import Street

pytestmark = pytest.mark.postgresql
_RAISES = """
    CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER disk_full BEFORE INSERT ON reading_batch EXECUTE FUNCTION disk_full()
"""


@contextmanager
def _trigger(engine: Engine) -> Iterator[Callable[[], None]]:
    """Yields what ends the fault."""
    with engine.begin() as connection:
        connection.execute(text(_RAISES))

    def end() -> None:
        with engine.begin() as connection:
            connection.execute(text("DROP TRIGGER disk_full ON reading_batch"))

    yield end


@contextmanager
def _small_disk(engine: Engine) -> Iterator[Callable[[], None]]:
    """The same; it skips the test where it may not mount, or the server does not see what is mounted here."""
    disk, name = Path("/tmp") / f"lighting-{os.getpid()}", f"lighting_{os.getpid()}"
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", disk], check=False).returncode:
        disk.rmdir()
        pytest.skip("this machine does not let a small disk be mounted")
    free = engine.execution_options(isolation_level="AUTOCOMMIT")

    def run(statement: str) -> None:
        with free.connect() as connection:
            connection.execute(text(statement))

    def end() -> None:
        run("ALTER TABLE reading_batch SET TABLESPACE pg_default")

    try:
        try:
            shutil.chown(disk, "postgres")
            run(f"CREATE TABLESPACE {name} LOCATION '{disk}'")
        except (LookupError, DBAPIError) as error:
            pytest.skip(f"the server does not run on this machine: {error}")
        try:
            run(f"ALTER TABLE reading_batch SET TABLESPACE {name}")
            yield end
        finally:
            end()
            run(f"DROP TABLESPACE {name}")
    finally:
        subprocess.run(["umount", disk], check=True)
        disk.rmdir()


def _fill(street: Street) -> int:
    """Readings that do not pack well, until the server takes not even a few more; how many it took."""
    return sum(_portions(street, count) for count in (2_000, 10))


def _portions(street: Street, count: int) -> int:
    noise = np.random.default_rng(count)
    for portion in range(500):
        powers = noise.random(count).tolist()
        readings = [Reading(portion, count * 10 + n, power_w=one) for n, one in enumerate(powers)]
        try:
            street.store.readings.append(readings)
        except StoreUnavailable as error:
            return portion * count if error.fact.code == "store_full" else 10**9
    return 10**9


@pytest.mark.parametrize("full", [_trigger, _small_disk])
async def test_readings_wait_on_disk_and_are_stored_once_there_is_room(
    new_schema: Callable[[], str], tmp_path: Path, full: Any
) -> None:
    url = new_schema()
    street = Street(tmp_path, url=url)
    engine = create_engine(url)
    await street.minute()
    with full(engine) as end:
        filled = _fill(street)
        # What is small may still find a place beside what is there.
        while street.waiting.spool.waiting < 20:
            await street.minute()
            assert street.at_ms < 1000
        assert street.ledger.fault is not None
        assert street.ledger.fault.code == "store_full"
        assert street.alarms == {"readings_waiting"}
        assert street.waiting.alarms()["readings_waiting"].values["on_disk"] == street.waiting.spool.waiting
        assert street.stored() != list(range(street.at_ms))
        end()
        await street.minute()
        await street.minute()
        assert street.stored() == list(range(street.at_ms))
        assert street.alarms == set()
        assert (street.waiting.spool.waiting, street.ledger.dropped) == (0, 0)
        assert street.store.readings.count() == street.at_ms + filled
    await street.ledger.close()
    street.store.close()
    engine.dispose()
