"""How rows are written whose key may be known already."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from geo_engine.db.base import TenantRow
from geo_engine.db.session import Session


def save_rows(
    session: Session, row: type[TenantRow], values: Sequence[Mapping[str, Any]], *, key: Sequence[str] = ("id",)
) -> None:
    """Write rows of the bound tenant, replacing those whose key is known.

    Parameters
    ----------
    values
        By column, the same columns in each; the tenant is not among them.
    key
        The columns that identify a row within its tenant.
    """
    if values:
        statement = insert(row)
        changed = {name: statement.excluded[name] for name in values[0] if name not in key}
        session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", *key], set_=changed), list(values))
