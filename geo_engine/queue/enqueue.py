"""How work gets into the queue: as a row of the caller's own transaction."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException

from geo_engine.db.refusals import as_told
from geo_engine.db.session import Session, bound_tenant

# It never opens a connection of its own: every job is written through the caller's.
_APP = App(connector=SyncPsycopgConnector())


class Lane(StrEnum):
    """Tasks that wait for each other only; the value is what procrastinate calls a queue."""

    PLANS = "default"
    TRACKS = "tracks"


_NOW = timedelta(0)
_IS_WAITING = """
select exists (
    select from procrastinate_jobs
    where status = 'todo' and task_name = %(name)s and args ->> 'tenant_id' = %(tenant_id)s
        and (attempts > 0 or scheduled_at is null or scheduled_at <= now() + make_interval(secs => %(after_s)s))
)
"""


def enqueue(session: Session, name: str, *, lane: Lane = Lane.PLANS, after: timedelta = _NOW, **ids: UUID) -> None:
    """Have a task done once the session's transaction is committed; nothing happens if it is not.

    Parameters
    ----------
    name
        Of a registered task.
    after
        Not before so long from now.
    ids
        The task's arguments beside the bound tenant, which always comes first. Only ids: what they name is read
        when the task runs, and the queue's own tables, which every tenant's work shares, hold nothing of anybody.

    Raises
    ------
    LookupError
        When the transaction is bound to no tenant.
    TypeError
        When an argument is no id, or the tenant is named: defects of the caller.
    DatabaseUnavailable, DatabaseTooSlow
        When its connection breaks, or the job cannot be written in time.
    """
    strangers = [key for key, value in ids.items() if key == "tenant_id" or not isinstance(value, UUID)]
    if strangers:
        raise TypeError(f"only ids beside the tenant's are enqueued: {strangers}")
    arguments = {"tenant_id": str(bound_tenant(session)), **{key: str(value) for key, value in ids.items()}}
    connection = session.connection().connection.driver_connection
    try:
        later = {"seconds": after.total_seconds()} if after else None
        _APP.configure_task(name, connection=connection, queue=lane, schedule_in=later).defer(**arguments)
    except ConnectorException as error:
        told = as_told(
            getattr(error.__cause__, "sqlstate", None), is_broken=connection is None or bool(connection.closed)
        )
        if told is None:
            raise
        raise told from error


def enqueue_once(session: Session, name: str, *, lane: Lane, after: timedelta = _NOW) -> None:
    """Have a task of the bound tenant done, unless one waits already; two at once may both come to be, and do no harm.

    One that is due only later than this one would be does not count, unless it was tried before: it is tried again
    in its own time.

    Raises
    ------
    LookupError, DatabaseUnavailable, DatabaseTooSlow
        As `enqueue`.
    """
    values = {"name": name, "tenant_id": str(bound_tenant(session)), "after_s": after.total_seconds()}
    if not session.connection().exec_driver_sql(_IS_WAITING, values).scalar_one():
        enqueue(session, name, lane=lane, after=after)
