"""How rows are written whose key may be known already."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from geo_engine.db.base import TenantRow
from geo_engine.db.session import Session


def save_rows(
    session: Session,
    row: type[TenantRow],
    values: Iterable[Mapping[str, Any]],
    *,
    key: Sequence[str] = ("id",),
    keeping: Sequence[str] = (),
) -> None:
    """Write rows of the bound tenant, replacing those whose key is known.

    They are written in the order of their keys: of two who write the same rows at once one waits for the other.

    Parameters
    ----------
    values
        By column, the same columns in each; the tenant is not among them.
    key
        The columns that identify a row within its tenant.
    keeping
        The columns of which a known row keeps its value where a new one is None.
    """
    ordered = _in_order(values, key)
    if not ordered:
        return
    statement = insert(row)
    changed = {name: statement.excluded[name] for name in ordered[0] if name not in key}
    kept = {name: func.coalesce(statement.excluded[name], getattr(row, name)) for name in keeping}
    session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", *key], set_=changed | kept), ordered)


def add_missing_rows(
    session: Session, row: type[TenantRow], values: Iterable[Mapping[str, Any]], *, key: Sequence[str] = ("id",)
) -> None:
    """Write those rows of the bound tenant whose key is not known, in the order of their keys."""
    ordered = _in_order(values, key)
    if ordered:
        session.execute(insert(row).on_conflict_do_nothing(), ordered)


def _in_order(values: Iterable[Mapping[str, Any]], key: Sequence[str]) -> list[Mapping[str, Any]]:
    return sorted(values, key=lambda value: [value[name] for name in key])
