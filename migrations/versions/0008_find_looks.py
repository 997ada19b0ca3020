"""An index of audit events by whom they are about: workers read who looked at their track."""

from alembic import op

revision = "0008"
down_revision = "0007"

_NAME = "ix_audit_event_tenant_id_subject_kind_subject_id_number"


def upgrade() -> None:
    """Create it."""
    op.create_index(op.f(_NAME), "audit_event", ["tenant_id", "subject_kind", "subject_id", "number"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f(_NAME), "audit_event")
