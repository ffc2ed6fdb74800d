"""How long the lamps of each circuit have burned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "circuit_burning",
        sa.Column("circuit_key", NUMBER, autoincrement=False, nullable=False),
        sa.Column("burned_ms", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("circuit_key", name=op.f("pk_circuit_burning")),
    )
