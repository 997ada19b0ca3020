"""How fast a company's people get on at each hour of the day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Create it; nobody has said any yet."""
    op.add_column("tenant", sa.Column("speeds", JSONB(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("tenant", "speeds")
