"""Whether weeks are planned with learned times."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Weeks that are still to be planned are, as days are unless somebody says otherwise."""
    op.add_column("period", sa.Column("uses_learned", sa.Boolean(), server_default=sa.text("true"), nullable=False))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("period", "uses_learned")
