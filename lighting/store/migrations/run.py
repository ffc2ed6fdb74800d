"""Runs the migrations on a connection that is in a transaction already. Imports Alembic, which costs 0.7 s."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, version: str) -> None:
    """Bring the schema up to ``version``; the caller's transaction makes it all or nothing."""
    command.upgrade(_config(connection), version)


def _config(connection: Connection) -> Config:
    config = Config()
    # Alembic reads % as interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
