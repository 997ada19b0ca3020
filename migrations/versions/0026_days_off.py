"""When workers are off in weeks that are asked for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Of weeks that were asked for before nobody is said to be off."""
    op.add_column("period", sa.Column("days_off", JSONB(), nullable=True))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("period", "days_off")
