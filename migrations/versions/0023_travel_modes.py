"""How workers travel, what a kilometre costs by each mode, and what a plan's savings were told from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_engine.db.protection import unforced

revision = "0023"
down_revision = "0022"

_A_MODE = "travel_mode in ('car', 'ebike', 'bicycle', 'foot')"


def upgrade() -> None:
    """Everyone went by car so far, and a company's price of a kilometre was the car's."""
    op.add_column("worker", sa.Column("travel_mode", sa.Text(), server_default=sa.text("'car'"), nullable=False))
    op.add_column("shift", sa.Column("travel_mode", sa.Text(), nullable=True))
    for table in ("worker", "shift"):
        op.create_check_constraint(op.f(f"ck_{table}_travel_mode"), table, _A_MODE)
    op.add_column("tenant", sa.Column("travel_prices", postgresql.JSONB(), nullable=True))
    with unforced("tenant"):
        op.execute(
            "update tenant set travel_prices = jsonb_build_object('car', jsonb_build_object('per_km', price_per_km)) "
            "where price_per_km is not null and currency is not null"
        )
    op.drop_column("tenant", "price_per_km")
    op.add_column("plan", sa.Column("savings", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    """Forget all but the car's price."""
    op.drop_column("plan", "savings")
    op.add_column("tenant", sa.Column("price_per_km", sa.Double(), nullable=True))
    with unforced("tenant"):
        op.execute("update tenant set price_per_km = (travel_prices -> 'car' ->> 'per_km')::float8")
        op.execute("update tenant set currency = null where price_per_km is null")
    op.drop_column("tenant", "travel_prices")
    op.drop_column("shift", "travel_mode")
    op.drop_column("worker", "travel_mode")
