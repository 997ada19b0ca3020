"""Enqueueing: part of the caller's transaction, and nothing in the queue but whose and which."""

import uuid
from datetime import timedelta

import pytest
from psycopg.rows import dict_row
from support.cluster import connected
from support.companies import add_bare_company
from support.databases import OwnDatabase

from geo_engine.db.session import DatabaseUnavailable
from geo_engine.queue import Lane, enqueue, enqueue_once

END_OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""


def _jobs(own: OwnDatabase) -> list[dict[str, object]]:
    with connected(own.cluster, database=own.name) as session:
        cursor = session.cursor(row_factory=dict_row)
        return cursor.execute("select task_name, args, status from procrastinate_jobs order by id").fetchall()


def test_a_job_exists_once_its_transaction_is_committed_and_not_before(own: OwnDatabase) -> None:
    """Nobody else sees the job within the transaction; afterwards there is exactly this one, with ids only."""
    tenant_id, thing_id = add_bare_company(own.app, "acme"), uuid.uuid4()

    with own.app.bound(tenant_id) as session:
        enqueue(session, "do_something", thing_id=thing_id)
        before = _jobs(own)

    assert before == []
    arguments = {"tenant_id": str(tenant_id), "thing_id": str(thing_id)}
    assert _jobs(own) == [{"task_name": "do_something", "args": arguments, "status": "todo"}]


def test_a_job_goes_with_the_transaction_that_is_rolled_back(own: OwnDatabase) -> None:
    """What was not written is not worked on."""
    tenant_id = add_bare_company(own.app, "acme")

    with own.app.bound(tenant_id) as session:
        enqueue(session, "do_something")
        session.rollback()

    assert _jobs(own) == []


def test_work_of_nobody_is_refused(own: OwnDatabase) -> None:
    """A transaction bound to no tenant cannot enqueue."""
    with pytest.raises(LookupError), own.app.unbound() as session:
        enqueue(session, "do_something")

    assert _jobs(own) == []


@pytest.mark.parametrize("arguments", [{"name": "王芳"}, {"count": 3}, {"tenant_id": uuid.uuid4()}])
def test_only_ids_are_enqueued_and_no_other_tenant(own: OwnDatabase, arguments: dict[str, object]) -> None:
    """Anything but an id is refused, and so is a tenant beside the one the transaction is bound to."""
    tenant_id = add_bare_company(own.app, "acme")

    with pytest.raises(TypeError), own.app.bound(tenant_id) as session:
        enqueue(session, "do_something", **arguments)  # type: ignore[arg-type]

    assert _jobs(own) == []


def test_a_connection_that_breaks_is_told_like_any_other(own: OwnDatabase) -> None:
    """When the server ends the session before the job is written, the database is unavailable, no defect."""
    tenant_id = add_bare_company(own.app, "acme")

    def enqueue_too_late() -> None:
        with own.app.bound(tenant_id) as session:
            with connected(own.cluster, database=own.name) as server:
                server.execute(END_OTHERS)
            enqueue(session, "do_something")

    with pytest.raises(DatabaseUnavailable):
        enqueue_too_late()

    assert _jobs(own) == []


def test_what_waits_already_is_not_asked_for_again_unless_it_is_due_later(own: OwnDatabase) -> None:
    """One that is due in time serves all; one that was tried before is tried again in its own time."""
    tenant_id, counts = add_bare_company(own.app, "acme"), []
    later, now = timedelta(seconds=60), timedelta(0)

    for after in (later, later, now, now, later):
        with own.app.bound(tenant_id) as session:
            enqueue_once(session, "do_something", lane=Lane.TRACKS, after=after)
        counts.append(len(_jobs(own)))
    with connected(own.cluster, database=own.name) as server:
        server.execute("delete from procrastinate_jobs where scheduled_at is null")
        server.execute("update procrastinate_jobs set attempts = 1")
    with own.app.bound(tenant_id) as session:
        enqueue_once(session, "do_something", lane=Lane.TRACKS)

    assert counts == [1, 1, 2, 2, 2]
    assert len(_jobs(own)) == 1
