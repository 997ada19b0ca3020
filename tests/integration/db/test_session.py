"""What a transaction tells when it cannot be done."""

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import bindparam, text
from sqlalchemy.exc import DBAPIError, OperationalError
from support.cluster import connected
from support.companies import Company
from support.databases import OwnDatabase

from geo_engine.customers.store import add_due_visits, list_sites
from geo_engine.db.connecting import connection_arguments
from geo_engine.db.session import (
    Database,
    DatabaseTooSlow,
    DatabaseUnavailable,
    RowConflict,
    ValueRefused,
    bound_tenant,
)
from geo_engine.errors import GeoEngineError
from geo_engine.ids import SiteId, TenantId


def test_a_database_that_is_away_is_unavailable() -> None:
    """A server that does not answer is told as such, without its address."""
    away = Database("postgresql://geo_app:secret-word@127.0.0.1:9/none")

    with pytest.raises(DatabaseUnavailable) as told, away.unbound() as session:
        session.execute(text("select 1"))

    assert "secret-word" not in str(told.value)


def test_a_connection_that_breaks_is_unavailable_and_the_next_one_works(own: OwnDatabase, company: Company) -> None:
    """When the server ends a transaction's connection the caller may try again, and succeeds."""
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


def test_what_the_driver_itself_is_asked_fails_in_the_same_way(own: OwnDatabase) -> None:
    """A COPY goes past SQLAlchemy, and its errors do too."""
    with pytest.raises(DatabaseTooSlow):
        _copy_slowly(own)


def _copy_slowly(own: OwnDatabase) -> None:
    with own.app.unbound() as session:
        session.execute(text("set local statement_timeout = 50"))
        driver = session.connection().connection.driver_connection
        with driver.cursor() as cursor, cursor.copy("copy (select pg_sleep(9)) to stdout") as copy:
            list(copy)


def test_a_row_that_contradicts_another_names_the_rule(own: OwnDatabase, company: Company) -> None:
    """A site that is not there cannot be due: the foreign key is named, and nothing of the transaction stays."""
    with pytest.raises(RowConflict) as told, own.app.bound(company.tenant_id) as session:
        add_due_visits(session, [SiteId("nowhere")], date(2026, 11, 26))

    assert told.value.constraint == "fk_due_visit_tenant_id_site_id"


def test_whoever_needs_a_tenant_is_refused_without_one(own: OwnDatabase) -> None:
    """A transaction that is bound to nobody names no tenant."""
    with own.app.unbound() as session, pytest.raises(LookupError):
        bound_tenant(session)


def _run(own: OwnDatabase, statements: Sequence[str], **values: object) -> None:
    with own.app.unbound() as session:
        for statement in statements[:-1]:
            session.execute(text(statement))
        session.execute(text(statements[-1]), values)


_LONG_ID = "create temporary table named (id text primary key) on commit drop"


@pytest.mark.parametrize(
    ("statements", "values", "told"),
    [
        (["set local statement_timeout = 20", "select pg_sleep(5)"], {}, DatabaseTooSlow),
        (["select cast(:value as integer)"], {"value": 10**11}, ValueRefused),
        (["select cast(:value as text)"], {"value": "a\0b"}, ValueRefused),
        (["select cast(:value as text)"], {"value": "a\ud800"}, ValueRefused),
        (["select cast(:value as date)"], {"value": "2026-02-30"}, ValueRefused),
        (
            [_LONG_ID, "insert into named select string_agg(md5(n::text), '') from generate_series(1, 300) as n"],
            {},
            ValueRefused,
        ),
        (["do $$ begin raise sqlstate '40001'; end $$"], {}, DatabaseUnavailable),
        (["do $$ begin raise sqlstate '40P01'; end $$"], {}, DatabaseUnavailable),
        (["do $$ begin raise sqlstate '53300'; end $$"], {}, DatabaseUnavailable),
    ],
    ids=["timeout", "number", "nul", "surrogate", "date", "long id", "serialization", "deadlock", "connections"],
)
def test_what_fails_is_told_by_what_the_caller_can_do(
    own: OwnDatabase, statements: list[str], values: dict[str, object], told: type[GeoEngineError]
) -> None:
    """A wait that was too long is no lost connection, an impossible value is the caller's; the pool serves on."""
    with pytest.raises(GeoEngineError) as raised:
        _run(own, statements, **values)

    assert type(raised.value) is told
    _run(own, ["select 1"])


@pytest.mark.parametrize("statement", ["select from nowhere", "selec", "do $$ begin raise sqlstate '55000'; end $$"])
def test_a_defect_of_ours_is_raised_as_it_is(own: OwnDatabase, statement: str) -> None:
    """A statement that can never work is nothing to try again, and shows itself."""
    with pytest.raises(DBAPIError):
        _run(own, [statement])


def test_more_parameters_than_a_statement_may_have_are_a_defect(own: OwnDatabase) -> None:
    """The driver refuses to send them, with no code; the connection is whole, so nobody is told to try again."""
    many = text("select 1 where 1 in :numbers").bindparams(bindparam("numbers", expanding=True))

    with pytest.raises(OperationalError, match="number of parameters"), own.app.unbound() as session:
        session.execute(many, {"numbers": list(range(70_000))})


def test_a_connection_whose_other_end_vanished_is_given_up(own: OwnDatabase) -> None:
    """What the pool opens asks for signs of life after seconds, not after the system's two hours."""
    with own.app.unbound() as session:
        told = session.connection().connection.driver_connection.info.get_parameters()

    assert {name: told[name] for name in connection_arguments()} == {
        name: str(value) for name, value in connection_arguments().items()
    }
    assert {"tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count"} <= set(told)
