"""How a migration protects a table: what secures it, and grants on parents only; inside Alembic's `op` context."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op

from geo_engine.db.securing import secure_statements

APP_ROLE = "app_role"
MAINTENANCE_ROLE = "maintenance_role"


def protect(table: str, *, app: str = "select, insert, update, delete") -> None:
    """Bind every row of a table to its tenant, whoever asks, and grant what the app role may do.

    Parameters
    ----------
    table
        Has a column ``tenant_id``.
    app
        The privileges of the app role; the maintenance role may read.
    """
    for statement in secure_statements(table):
        op.execute(statement)
    grant_app(app, f"table {table}")
    grant_maintenance(f"table {table}")


def grant_app(privileges: str, objects: str) -> None:
    """Grant the app role privileges on objects, such as ``usage`` on ``sequence x``."""
    op.execute(f"grant {privileges} on {objects} to {_role(APP_ROLE)}")


def revoke_app(privileges: str, objects: str) -> None:
    """Take from the app role what `grant_app` gave it."""
    op.execute(f"revoke {privileges} on {objects} from {_role(APP_ROLE)}")


def grant_maintenance(objects: str, privileges: str = "select") -> None:
    """Grant the maintenance role, where the server has one, privileges on objects: it reads across tenants."""
    role = _role(MAINTENANCE_ROLE)
    if role:
        op.execute(f"grant {privileges} on {objects} to {role}")


@contextmanager
def unforced(*tables: str) -> Iterator[None]:
    """Let the owner see and change all rows of tables while data move or a foreign key is added.

    Without it a forced policy shows the owner no row: an update says ``UPDATE 0`` and a foreign key cannot be
    validated.
    """
    for table in tables:
        op.execute(f"alter table {table} no force row level security")
    yield
    for table in tables:
        op.execute(f"alter table {table} force row level security")


def _role(name: str) -> str:
    role = op.get_context().config.attributes[name]  # type: ignore[union-attr]  # migrations run with our config
    return "" if role is None else f'"{role}"'
