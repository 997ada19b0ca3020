"""Visiting rules: the level of a site, and how often sites of a level are due."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Give sites a level; those that are there have none."""
    op.add_column("site", sa.Column("level", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    """Take it from them."""
    op.drop_column("site", "level")
