"""What binds the rows of a table to their tenants: one policy, forced on the owner too, as SQL."""

from geo_engine.db.base import BOUND_TENANT


def secure_statements(table: str) -> tuple[str, ...]:
    """Return the statements that bind every row of a table to its tenant, whoever asks.

    Parameters
    ----------
    table
        As a statement names it: an identifier of ours, quoted where it must be. It has a column ``tenant_id``. A
        partition is secured like its parent and granted to nobody: whoever asks goes through the parent.

    Notes
    -----
    ``nullif``: after a transaction a pooled session holds an empty string for the setting, not NULL.
    """
    rule = f"tenant_id = {BOUND_TENANT}"
    return (
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy of_tenant on {table} using ({rule}) with check ({rule})",
    )
