"""What the check of a site accepts as a store, the store opens; what it does not open, the check refuses."""

from __future__ import annotations

import pytest

from lighting.assets.folder import read_site
from lighting.assets.notation import NotationError
from lighting.assets.store_url import STORE_URL_FORMS, parse_store_url
from lighting.assets.template import template_texts
from lighting.store.engine import Database
from lighting.store.errors import StoreError

OPENED = [
    "sqlite:///state/own.sqlite3",
    "sqlite:////var/lib/lighting/a b #1?.db",
    "postgresql://lighting@localhost/lighting",
    "postgresql://lighting:s3cr%40t@db.city.internal:5432/lighting?sslmode=require",
    "postgresql+psycopg://[fd00::1]:5432/lighting",
    "postgresql:///lighting?host=/var/run/postgresql",
    *(form for form in STORE_URL_FORMS),
]
NOT_OPENED = [
    "mysql://x",
    "mysql://root:s3cret@localhost/x",
    "postgres://localhost/x",
    "oracle+strange://x",
    "no url at all",
    "sqlite://",
    "sqlite:///",
    "postgresql://lighting@localhost:port/x",
    "postgresql://lighting@localhost:1:2/x",
]


@pytest.mark.parametrize("url", OPENED)
def test_what_the_check_accepts_the_store_understands(url: str) -> None:
    assert parse_store_url(url) == url
    Database(url).close()


@pytest.mark.parametrize("url", NOT_OPENED)
def test_what_the_store_does_not_open_the_check_refuses(url: str) -> None:
    with pytest.raises(StoreError):
        Database(url)
    with pytest.raises(NotationError) as refusal:
        parse_store_url(url)
    assert refusal.value.fact.code == "store_url_not_valid"
    assert "s3cret" not in str(dict(refusal.value.fact.values))


@pytest.mark.parametrize(
    "url", ["sqlite:///:memory:", "postgresql://h:70000/x", "postgresql+asyncpg://h/x", "postgresql://a b/x", "file.db"]
)
def test_the_check_is_stricter_where_a_store_could_not_last(url: str) -> None:
    with pytest.raises(NotationError):
        parse_store_url(url)


def test_the_problem_stands_at_its_line() -> None:
    texts = template_texts()
    texts["site.toml"] = texts["site.toml"].replace("# url = ", "url = ").replace("postgresql://lighting@", "mysql://")
    (problem,) = read_site(texts).problems
    assert (problem.fact.code, problem.field, problem.is_warning) == ("store_url_not_valid", "store.url", False)
    assert texts["site.toml"].splitlines()[problem.line - 1].startswith("url = ")


def test_an_empty_url_is_the_default() -> None:
    texts = template_texts()
    texts["site.toml"] = texts["site.toml"].replace('# url = "postgresql://lighting@localhost/lighting"', 'url = ""')
    assert read_site(texts).problems == ()
