"""Whether weeks are planned with learned times."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Of weeks that were asked for before nothing is said: what is still to be planned is as the company has it."""
    op.add_column("period", sa.Column("uses_learned", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("period", "uses_learned")
