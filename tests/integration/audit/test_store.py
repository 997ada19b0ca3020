"""The trail as evidence: whose events it takes, and what of them is the server's word."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase

from geo_engine.audit.service import record_act
from geo_engine.db.session import RowConflict
from geo_engine.ids import TenantId
from geo_engine.outbox import OutboxEvent
from geo_engine.outbox.store import append_event

_FORGED = """
insert into audit_event (happened_at, act, subject_kind, subject_id, facts, {column})
overriding system value values (now(), 'publish_plan', 'plan', 'x', '{{}}', {value})
"""


def test_a_company_that_does_not_exist_leaves_no_trail(own: OwnDatabase) -> None:
    """An event of nobody, for the trail or for the world, is refused by its key."""
    nobody = TenantId(uuid.uuid4())

    with pytest.raises(RowConflict) as trail, own.app.bound(nobody) as session:
        record_act(session, "publish_plan", ("plan", "x"), by=None, now=NOW)
    with pytest.raises(RowConflict) as world, own.app.bound(nobody) as session:
        append_event(session, OutboxEvent(topic="plan.published", key="x"), now=NOW)

    assert trail.value.constraint == "fk_audit_event_tenant_id"
    assert world.value.constraint == "fk_outbox_event_tenant_id"


def test_when_an_event_was_written_is_the_servers_word(own: OwnDatabase) -> None:
    """What is said to have happened long ago shows that it was written now."""
    tenant_id = add_bare_company(own.app, "acme")
    long_ago = datetime(1999, 1, 1, tzinfo=UTC)

    with own.app.bound(tenant_id) as session:
        record_act(session, "publish_plan", ("plan", "x"), by=None, now=long_ago)
        written_at = session.scalar(text("select written_at from audit_event where act = 'publish_plan'"))

    assert abs(written_at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(("column", "value"), [("written_at", "'1999-01-01'"), ("number", "1")])
def test_the_app_cannot_write_an_event_into_the_past(own: OwnDatabase, column: str, value: str) -> None:
    """Neither the moment of writing nor the place in the order is the app's to say."""
    tenant_id = add_bare_company(own.app, "acme")

    with pytest.raises(ProgrammingError, match="permission denied"), own.app.bound(tenant_id) as session:
        session.execute(text(_FORGED.format(column=column, value=value)))
