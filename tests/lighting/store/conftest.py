"""Every test of the store runs on SQLite and, where a server is given, on PostgreSQL."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from lighting.store.schema import metadata
from lighting.store.store import Store, open_store

BACKENDS = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgresql),
]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def new_schema(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Makes an empty schema of its own on the server and answers its URL; all are dropped at the end."""
    server = make_url(request.getfixturevalue("postgresql_url"))
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make() -> str:
        name = f"lighting_{uuid.uuid4().hex}"
        with engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        made.append(name)
        url = server.update_query_dict({"options": f"-csearch_path={name}"})
        return url.render_as_string(hide_password=False)

    yield make
    with engine.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place where no store was made yet."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'lighting.sqlite3'}"
    make: Callable[[], str] = request.getfixturevalue("new_schema")
    return make()


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("store") / "made.sqlite3"
    with open_store(f"sqlite:///{file}") as store:
        store.checkpoint()
    return file


@pytest.fixture(scope="session")
def made_schema(new_schema: Callable[[], str]) -> str:
    url = new_schema()
    open_store(url).close()
    return url


@pytest.fixture
def store_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that is made and empty."""
    if backend == "sqlite":
        file = tmp_path / "state" / "lighting.sqlite3"
        file.parent.mkdir()
        shutil.copy(request.getfixturevalue("made_file"), file)
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("made_schema")
    engine = create_engine(url)
    with engine.begin() as connection:
        # Far quicker than TRUNCATE, which makes the files of every table anew.
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        # Months that other tests have made would be dropped, and counted, by retention.
        months = connection.execute(
            text(
                "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()"
                " AND c.relkind = 'r'"
            )
        )
        for (name,) in months.all():
            connection.execute(text(f'DROP TABLE "{name}"'))
    engine.dispose()
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url, create=False) as opened:
        yield opened
