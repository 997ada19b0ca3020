"""What the superuser provides: who may do what, and what makes spatial indexes serve under row-level security."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from support.cluster import connected, throwaway_cluster

from geo_engine.db.cluster import Cluster
from geo_engine.db.provision import connect, missing_provisions, provision, server_versions
from geo_engine.db.refusals import DatabaseUnavailable
from geo_engine.db.roles import DatabaseRole

NEW_PASSWORD = "new password/@:"  # noqa: S105 - of a database that lives for seconds
LEAKPROOF = "select proleakproof from pg_proc where oid = 'geometry_overlaps(geometry, geometry)'::regprocedure"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a provided cluster."""
    with throwaway_cluster() as made:
        yield made


@pytest.fixture
def bare(cluster: Cluster) -> Iterator[str]:
    """Give the name of a database in which nothing is provided."""
    with connected(cluster) as session:
        session.execute("create database bare template template0")
        yield "bare"
        session.execute("drop database bare")


def test_each_role_may_do_its_own_and_no_more(cluster: Cluster) -> None:
    """Owner and app cannot bypass row-level security, maintenance can; none is a superuser or makes roles."""
    asked = """
        select rolname, rolcanlogin, rolbypassrls, rolsuper or rolcreaterole or rolcreatedb or rolreplication
        from pg_roles where rolname like 'geo\\_%' order by rolname
    """
    with connected(cluster) as session:
        found = session.execute(asked).fetchall()

    assert found == [
        ("geo_app", True, False, False),
        ("geo_maintenance", True, True, False),
        ("geo_owner", True, False, False),
    ]


def test_the_app_makes_temporary_tables_only(cluster: Cluster) -> None:
    """The app owns nothing: no table, no schema, no function; the owner makes them."""
    with connected(cluster, DatabaseRole.APP) as app, connected(cluster, DatabaseRole.OWNER) as owner:
        app.execute("create temp table staging (id int)")
        for statement in ("create table mine (id int)", "create schema mine", "create extension hstore"):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(statement)

        owner.execute("create table ours (id int)")
        owner.execute("drop table ours")


def test_the_app_sees_only_what_a_policy_lets_it_see(cluster: Cluster) -> None:
    """FORCE binds app and owner; maintenance sees everything."""
    with connected(cluster, DatabaseRole.OWNER) as owner:
        owner.execute("create table secret as select 1 as id")
        owner.execute("alter table secret enable row level security")
        owner.execute("alter table secret force row level security")
        owner.execute("grant select on secret to geo_app, geo_maintenance")

    seen = {}
    for role in (DatabaseRole.OWNER, DatabaseRole.APP, DatabaseRole.MAINTENANCE):
        with connected(cluster, role) as session:
            seen[role] = len(session.execute("select from secret").fetchall())

    assert seen == {DatabaseRole.OWNER: 0, DatabaseRole.APP: 0, DatabaseRole.MAINTENANCE: 1}
    with connected(cluster, DatabaseRole.APP) as app, pytest.raises(errors.InsufficientPrivilege):
        app.execute("alter role geo_app bypassrls")


def test_a_role_of_somebody_elses_cannot_connect(cluster: Cluster) -> None:
    """CONNECT is granted by name, not to everybody."""
    with connected(cluster) as session:
        session.execute("create role stranger login password 'x'")
    address = cluster.url(DatabaseRole.APP).partition("@")[2]

    with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
        psycopg.connect(f"postgresql://stranger:x@{address}")


def test_overlap_of_geometries_is_leakproof(cluster: Cluster) -> None:
    """Without it no spatial index serves the app role."""
    with connected(cluster) as session:
        assert session.execute(LEAKPROOF).fetchone() == (True,)


def test_the_app_finds_by_area_through_an_index(cluster: Cluster) -> None:
    """Under row-level security the plan of `tenant and &&` is an index scan with both conditions in it."""
    with connected(cluster, DatabaseRole.OWNER) as owner:
        owner.execute("create table places (tenant_id uuid, geom geometry(point, 4326))")
        owner.execute("""
            insert into places select gen_random_uuid(), st_setsrid(st_point(random() * 90, random() * 80), 4326)
            from generate_series(1, 5000)
        """)
        owner.execute("create index on places using gist (tenant_id, geom)")
        owner.execute("alter table places enable row level security")
        owner.execute("create policy own on places using (tenant_id = current_setting('app.tenant_id')::uuid)")
        owner.execute("grant select on places to geo_app")
        owner.execute("analyze places")

    with connected(cluster, DatabaseRole.APP) as app:
        app.execute("select set_config('app.tenant_id', gen_random_uuid()::text, false)")
        found = app.execute("explain select from places where geom && st_makeenvelope(10, 10, 11, 11, 4326)").fetchall()

    plan = "\n".join(line for (line,) in found)
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "tenant_id" in condition
    assert "geom &&" in condition


def test_the_app_learns_nothing_from_statistics_of_all_rows(cluster: Cluster) -> None:
    """What PostGIS and the planner know of everybody's places is told to the superuser, not to the app."""
    with connected(cluster, DatabaseRole.OWNER) as owner:
        owner.execute("create table hidden (geom geometry(point, 4326))")
        owner.execute("insert into hidden select st_setsrid(st_point(n, 1), 4326) from generate_series(1, 50) as n")
        owner.execute("analyze hidden")
        owner.execute("grant select on hidden to geo_app")
        owner.execute("alter table hidden enable row level security")
    with connected(cluster) as superuser:
        assert "50" in str(superuser.execute("select st_estimatedextent('hidden', 'geom')").fetchone())

    for asked in (
        "st_estimatedextent('hidden', 'geom')",
        "st_estimatedextent('public', 'hidden', 'geom')",
        "_postgis_stats('hidden', 'geom')",
        "_postgis_index_extent('hidden', 'geom')",
        "_postgis_selectivity('hidden', 'geom', st_makeenvelope(0, 0, 9, 9, 4326))",
    ):
        with connected(cluster, DatabaseRole.APP) as app, pytest.raises(errors.InsufficientPrivilege):
            app.execute(f"select {asked}".encode())
    with connected(cluster, DatabaseRole.APP) as app:
        assert app.execute("select from pg_stats where tablename = 'hidden'").fetchall() == []


def test_providing_again_changes_nothing_but_passwords(cluster: Cluster) -> None:
    """A second time is harmless, and a new password holds."""
    passwords = dict.fromkeys(DatabaseRole, NEW_PASSWORD)
    superuser = cluster.url(DatabaseRole.SUPERUSER)

    provision(superuser, database="geo_engine", passwords=passwords)

    with psycopg.connect(superuser, user="geo_app", password=NEW_PASSWORD) as app:
        assert app.execute("select current_user").fetchone() == ("geo_app",)
    cluster.up(durable=False)
    with connected(cluster, DatabaseRole.APP):
        pass


def test_a_further_database_is_provided_like_the_first(cluster: Cluster) -> None:
    """Tests and other installations get databases of their own on one server."""
    passwords = dict.fromkeys(DatabaseRole, NEW_PASSWORD)

    provision(cluster.url(DatabaseRole.SUPERUSER), database="further one", passwords=passwords)
    cluster.up(durable=False)

    assert missing_provisions(cluster.url(DatabaseRole.APP, database="further one")) == ()
    assert server_versions(cluster.url(DatabaseRole.APP, database="further one")).postgis is not None


def test_a_server_that_ends_while_it_is_asked_is_away(cluster: Cluster) -> None:
    """Whoever keeps a database running may try again: it is no defect."""
    ending = "select pg_terminate_backend(pg_backend_pid())"

    with pytest.raises(DatabaseUnavailable), connect(cluster.url(DatabaseRole.SUPERUSER)) as session:
        session.execute(ending)


def test_ours_lacks_nothing(cluster: Cluster) -> None:
    """What we provided we do not ask an administrator for."""
    assert missing_provisions(cluster.url(DatabaseRole.APP)) == ()


def test_what_a_foreign_database_lacks_comes_with_the_statements_that_provide_it(cluster: Cluster, bare: str) -> None:
    """An administrator who runs the statements in their order is asked for nothing more."""
    address = cluster.url(DatabaseRole.APP, database=bare)
    lacks = missing_provisions(address)

    with connected(cluster, database=bare) as administrator:
        for lack in lacks:
            administrator.execute(lack.statement.encode())

    assert [lack.is_required for lack in lacks] == [True, True, False, False]
    assert missing_provisions(address) == ()


def test_a_role_above_row_level_security_is_named(cluster: Cluster) -> None:
    """An app that signs in as superuser or past the policies is refused, not served."""
    (lack,) = missing_provisions(cluster.url(DatabaseRole.MAINTENANCE))

    assert lack.is_required
    assert lack.statement.startswith("create role ")
    assert "alter" not in lack.statement


def test_a_wrong_password_is_told_without_showing_it(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    """What is logged names the role; nothing there or in the error shows what was tried."""
    address = cluster.url(DatabaseRole.APP).partition("@")[2]

    with pytest.raises(DatabaseUnavailable) as refused:
        missing_provisions(f"postgresql://geo_app:hunter2@{address}")

    assert "geo_app" in caplog.text
    assert "hunter2" not in f"{refused.value} {refused.value.__cause__} {caplog.text}"
