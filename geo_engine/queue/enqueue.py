"""How work gets into the queue: as a row of the caller's own transaction."""

from uuid import UUID

from procrastinate import App, SyncPsycopgConnector

from geo_engine.db.session import Session, bound_tenant

# It never opens a connection of its own: every job is written through the caller's.
_APP = App(connector=SyncPsycopgConnector())


def enqueue(session: Session, name: str, **ids: UUID | str) -> None:
    """Have a task done once the session's transaction is committed; nothing happens if it is not.

    Parameters
    ----------
    name
        Of a registered task.
    ids
        The task's arguments beside the bound tenant, which always comes first. Only ids: what they name is read
        when the task runs, and the queue's own tables, which every tenant's work shares, hold nothing of anybody.

    Raises
    ------
    LookupError
        When the transaction is bound to no tenant.
    """
    arguments = {"tenant_id": str(bound_tenant(session)), **{key: str(value) for key, value in ids.items()}}
    connection = session.connection().connection.driver_connection
    _APP.configure_task(name, connection=connection).defer(**arguments)
