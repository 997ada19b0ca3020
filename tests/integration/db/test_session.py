"""What a transaction tells when it cannot be done."""

from datetime import date

import pytest
from sqlalchemy import text
from support.cluster import connected
from support.companies import add_company
from support.databases import OwnDatabase

from geo_engine.customers.store import add_due_visits, list_sites
from geo_engine.db.connecting import connection_arguments
from geo_engine.db.session import Database, DatabaseUnavailable, RowConflict, bound_tenant
from geo_engine.ids import SiteId, TenantId


def test_a_database_that_is_away_is_unavailable() -> None:
    """A server that does not answer is told as such, without its address."""
    away = Database("postgresql://geo_app:secret-word@127.0.0.1:9/none")

    with pytest.raises(DatabaseUnavailable) as told, away.unbound() as session:
        session.execute(text("select 1"))

    assert "secret-word" not in str(told.value)


def test_a_connection_that_breaks_is_unavailable_and_the_next_one_works(own: OwnDatabase) -> None:
    """When the server ends a transaction's connection the caller may try again, and succeeds."""
    company = add_company(own.app, "alpha")

    with pytest.raises(DatabaseUnavailable):
        _look_while_the_server_ends(own, company.tenant_id)

    with own.app.bound(company.tenant_id) as session:
        assert list_sites(session)


def _look_while_the_server_ends(own: OwnDatabase, tenant_id: TenantId) -> None:
    with own.app.bound(tenant_id) as session, connected(own.cluster) as server:
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = 'geo_app'",
            [own.name],
        )
        list_sites(session)


def test_a_row_that_contradicts_another_names_the_rule(own: OwnDatabase) -> None:
    """A site that is not there cannot be due: the foreign key is named, and nothing of the transaction stays."""
    company = add_company(own.app, "alpha")

    with pytest.raises(RowConflict) as told, own.app.bound(company.tenant_id) as session:
        add_due_visits(session, [SiteId("nowhere")], date(2026, 11, 26))

    assert told.value.constraint == "fk_due_visit_tenant_id_site_id"


def test_whoever_needs_a_tenant_is_refused_without_one(own: OwnDatabase) -> None:
    """A transaction that is bound to nobody names no tenant."""
    with own.app.unbound() as session, pytest.raises(LookupError):
        bound_tenant(session)


def test_a_connection_whose_other_end_vanished_is_given_up(own: OwnDatabase) -> None:
    """What the pool opens asks for signs of life after seconds, not after the system's two hours."""
    with own.app.unbound() as session:
        told = session.connection().connection.driver_connection.info.get_parameters()

    assert {name: told[name] for name in connection_arguments()} == {
        name: str(value) for name, value in connection_arguments().items()
    }
    assert {"tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count"} <= set(told)
