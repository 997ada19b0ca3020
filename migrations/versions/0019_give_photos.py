"""Whose work a photo shows may turn out after it came; the picture and all it says of itself stay as they are."""

from geo_engine.db.protection import grant_app, revoke_app

revision = "0019"
down_revision = "0018"

_WHOSE = "update (worker_id, sent_by)", "table photo"


def upgrade() -> None:
    """Let the app write whose a photo is."""
    grant_app(*_WHOSE)


def downgrade() -> None:
    """Keep all of a photo as it came."""
    revoke_app(*_WHOSE)
