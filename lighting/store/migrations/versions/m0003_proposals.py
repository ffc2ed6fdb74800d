"""Proposals: instructions that wait for a second person, and who agreed to them when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite gives a rowid alias, and with it AUTOINCREMENT, to INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("instruction_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("lapses_ms", sa.BigInteger(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=True),
        sa.Column("agreed_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["instruction_id"], ["instruction.id"], name=op.f("fk_proposal_instruction_id")),
        sa.PrimaryKeyConstraint("instruction_id", name=op.f("pk_proposal")),
    )
