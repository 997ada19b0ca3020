"""Databases that were filled by this version or an earlier one, brought to any other and back."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from itertools import product
from pathlib import Path

import pytest
from alembic import command
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from support.cluster import connected
from support.companies import AUDIT_KEY, NOW, SCOPE, Company, add_two
from support.databases import Databases, OwnDatabase, migrate_as_shipped
from support.tracked import HERE
from support.visited import check_in_at

from geo_engine.audit.sealing import seal_trail
from geo_engine.audit.vault import Vault
from geo_engine.audit.verifying import verify_trail
from geo_engine.db.cluster_tools import find_tools
from geo_engine.db.migrate import CONNECTION, head_revision, migration_config
from geo_engine.db.protection import unforced
from geo_engine.db.revision import REVISION, find_revision
from geo_engine.db.roles import DatabaseRole
from geo_engine.ids import PlanId, SiteId, TenantId
from geo_engine.planning import service as planning
from geo_engine.planning.versions import store
from geo_engine.schema import all_tables
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.service import get_tenant_id
from geo_engine.visits import CheckIn, CheckInKind
from geo_engine.visits.check_in_store import add_check_in
from geo_engine.visits.clocks import put_right

GOLDEN = Path(__file__).parents[2] / "golden"
EARLIER = sorted(path.stem.removeprefix("database_") for path in GOLDEN.glob("database_*.sql"))
STEPS = ["base", *(f"{number:04d}" for number in range(1, 27))]
OF_TRACKS = {
    *("device", "device_key", "device_wearing", "shift_record", "fix", "sealed_fix", "device_live", "ingest_count"),
    *("rejected_post", "track_state", "stop", "trip", "gap", "trajectory", "trip_way"),
}
OF_FENCES = {"geofence", "site_fence_rule"}
OF_VISITS = {"check_in", "check_in_photo", "visit", "visit_decision", "visit_claim", "photo_reuse"}
# Which tables came with which step, since dumps of databases are kept.
ADDED = {
    "0006": {"credential", "publication_seen", "import_draft"},
    "0007": OF_TRACKS,
    "0009": {"trip_way"},
    "0012": {"audit_link"},
    "0013": OF_FENCES,
    "0014": {"photo"},
    "0015": OF_VISITS,
    "0016": {"visit_leg"},
    "0017": {"fence_accuracy"},
    "0020": {"visiting_rule", "period", "period_visit"},
    "0021": {"stop_lock"},
    "0022": {"learning", "learned_service"},
}
# Partitions are made as they are needed, and nobody reads what is sealed: neither is frozen.
NEVER_FROZEN = {"fix", "sealed_fix"}
ADDED_SINCE = {
    number: NEVER_FROZEN.union(*(tables for step, tables in ADDED.items() if step > number)) for number in EARLIER
}
QUEUE_LIBRARY = "3.10.0"


@pytest.fixture(scope="module")
def ladder(databases: Databases) -> Iterator[OwnDatabase]:
    """Give a database that is provided but has no table of ours, to be led from revision to revision."""
    with databases.clone() as made:
        migrate_as_shipped(made.url(DatabaseRole.OWNER), "base")
        yield made


@pytest.fixture
def empty(databases: Databases, ladder: OwnDatabase, revision: str) -> Iterator[OwnDatabase]:
    """Give a database without a row whose tables are those of a revision: one rung up from the last one asked for."""
    migrate_as_shipped(ladder.url(DatabaseRole.OWNER), revision)
    with databases.clone(template=ladder.name) as made:
        yield made


@pytest.fixture
def filled(databases: Databases) -> Iterator[OwnDatabase]:
    """Give a database of two companies."""
    with databases.clone_filled(add_two) as (made, _):
        yield made


def _counts(own: OwnDatabase) -> dict[str, int]:
    """Return how many rows each table has, over all tenants."""
    with connected(own.cluster, database=own.name) as everywhere:
        return {
            name: everywhere.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(name))).fetchone()[0]  # type: ignore[index]
            for name in all_tables().tables
        }


def test_each_step_down_and_up_again_works_with_rows_of_two_companies(
    databases: Databases, filled: OwnDatabase
) -> None:
    """From any revision back to the newest the database is whole again, and takes two companies as before."""
    before = _counts(filled)

    for revision in reversed(STEPS[:-1]):
        migrate_as_shipped(filled.url(DatabaseRole.OWNER), revision)
        assert find_revision(filled.url(DatabaseRole.OWNER)) == (None if revision == "base" else revision)
        with databases.clone(template=filled.name) as again:
            migrate_as_shipped(again.url(DatabaseRole.OWNER))
            assert find_revision(again.url(DatabaseRole.OWNER)) == REVISION
            last = _counts(again)

            if revision == "base":
                add_two(again.app)
                assert _counts(again) == before
    assert sum(last.values()) == 0


def test_a_step_down_takes_its_own_tables_only(filled: OwnDatabase) -> None:
    """Going back before plans leaves the sites and workers of both companies as they were."""
    before = _counts(filled)

    migrate_as_shipped(filled.url(DatabaseRole.OWNER), "0004")
    migrate_as_shipped(filled.url(DatabaseRole.OWNER))

    after = _counts(filled)
    lost = {name for name, count in before.items() if after[name] != count}
    plans = {"road_graph", "plan_request", "plan", "publication", "route", "planned_visit", "unassigned"}
    assert lost == plans.union(*ADDED.values())


_HOURS = "select tenant_id, worker_id, service_on, start_at, end_at from shift order by 1, 2, 3"


def test_planned_shifts_are_placed_where_they_were(filled: OwnDatabase) -> None:
    """Their moments are worked out by the step that adds them, as when they are written; none is left at another."""
    with connected(filled.cluster, database=filled.name) as everywhere:
        before = everywhere.execute(_HOURS).fetchall()

        migrate_as_shipped(filled.url(DatabaseRole.OWNER), "0009")
        migrate_as_shipped(filled.url(DatabaseRole.OWNER))

        assert everywhere.execute(_HOURS).fetchall() == before
    assert before


_STATED = "select tenant_id, id, stated_at from check_in order by 1, 2"
_WRONG_BY = (timedelta(), timedelta(hours=40), timedelta(minutes=-25), timedelta(days=-2300), timedelta(seconds=40))


def test_statements_are_of_the_moments_they_were_of(filled: OwnDatabase) -> None:
    """The step that adds when it was stated puts clocks right as they are when a statement comes."""
    tenant_id = get_tenant_id(filled.app, "alpha")
    with filled.app.bound(tenant_id) as session:
        for told in _told_by_wrong_clocks():
            add_check_in(session, *put_right([told]), by=None)
    with connected(filled.cluster, database=filled.name) as everywhere:
        before = everywhere.execute(_STATED).fetchall()

        migrate_as_shipped(filled.url(DatabaseRole.OWNER), "0017")
        migrate_as_shipped(filled.url(DatabaseRole.OWNER))

        assert everywhere.execute(_STATED).fetchall() == before
        assert everywhere.execute("select count(*) from visit_claim").fetchall() > [(0,)]
    assert len(before) >= 4 * len(_WRONG_BY)


def _told_by_wrong_clocks() -> Iterator[CheckIn]:
    """Yield statements of an hour ago and of now, with positions by the satellites' clock, by the phone's and none."""
    for wrong_by, waited, kind in product(_WRONG_BY, (timedelta(), timedelta(hours=1)), (None, *CheckInKind)):
        told = check_in_at(SiteId("S001"), NOW + wrong_by, position=None if kind is None else HERE)
        found = [replace(one, tracked_at=NOW) for one in told.positions] if kind is CheckInKind.IN else told.positions
        yield replace(told, received_at=NOW + waited, positions=tuple(found))


def test_a_zone_is_not_changed_by_whoever_sees_no_shift(own: OwnDatabase, company: Company) -> None:
    """A migration that lifts the policies of companies alone would leave all shifts at the hours of the old zone."""
    engine = create_engine(own.url(DatabaseRole.OWNER).replace("postgresql", "postgresql+psycopg", 1))
    change = text("update tenant set timezone = 'Europe/Berlin'")

    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        with unforced("tenant"), pytest.raises(DBAPIError, match="cannot be seen"), connection.begin_nested():
            connection.execute(change)
        with unforced("tenant", "shift"):
            connection.execute(change)
    engine.dispose()


def test_the_tables_are_those_the_stores_describe(own: OwnDatabase) -> None:
    """Alembic's comparison of the migrated database with the stores' tables finds no difference."""
    engine = create_engine(own.url(DatabaseRole.OWNER).replace("postgresql", "postgresql+psycopg", 1))
    config = migration_config()

    with engine.connect() as connection:
        config.attributes[CONNECTION] = connection
        command.check(config)
    engine.dispose()


def test_a_migration_changes_rows_of_every_company_only_where_it_says_so(filled: OwnDatabase) -> None:
    """Row-level security binds the owner too: a change of data reaches rows while it is lifted, and no longer."""
    engine = create_engine(filled.url(DatabaseRole.OWNER).replace("postgresql", "postgresql+psycopg", 1))
    change = text("update site set name = name")

    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        before = connection.execute(change).rowcount
        with unforced("site"):
            within = connection.execute(change).rowcount
        after = connection.execute(change).rowcount
    engine.dispose()

    assert (before, within, after) == (0, 18, 0)


def test_the_program_knows_its_newest_migration() -> None:
    """The revision that commands ask for is the newest there is, and the steps of these tests are all there are."""
    assert REVISION == head_revision() == STEPS[-1]


def test_the_queues_tables_are_those_of_its_library() -> None:
    """A newer procrastinate may need other tables: then it needs a migration of ours too, and this number changes."""
    assert version("procrastinate") == QUEUE_LIBRARY


@pytest.mark.parametrize("revision", EARLIER)
def test_a_database_of_an_earlier_version_becomes_this_ones(revision: str, empty: OwnDatabase, tmp_path: Path) -> None:
    """Two companies as revision `revision` kept them: after migrating, each reads its own plan and no row is lost.

    Whether its trail was sealed before or there were no links yet, it is sealed from then on.
    """
    vault = Vault(state_dir=tmp_path, given_key=AUDIT_KEY)
    owner = empty.url(DatabaseRole.OWNER)
    statements = (GOLDEN / f"database_{revision}.sql").read_text(encoding="utf-8")
    with connected(empty.cluster, database=empty.name) as everywhere:
        everywhere.execute("set session_replication_role = replica")
        everywhere.execute(statements.encode())
    inserted = [line.split()[2].removeprefix("public.") for line in statements.splitlines() if "INSERT INTO" in line]

    migrate_as_shipped(owner)

    counts = _counts(empty)
    assert all(counts[name] >= inserted.count(name) for name in counts), counts
    assert set(counts) - set(inserted) == ADDED_SINCE.get(revision, set())
    for code in ("alpha", "beta"):
        tenant_id = get_tenant_id(empty.app, code)
        plan_id, names = _published(empty, tenant_id)
        assert names
        assert all(name.startswith(code) for name in names)
        with empty.app.bound(tenant_id) as session:
            planning.publish_plan(session, plan_id, instead_of=plan_id, by=OPERATOR, now=NOW)
        sealed = seal_trail(empty.app, tenant_id, vault)
        report = verify_trail(empty.app, tenant_id, vault)
        assert (report.is_intact, report.anchored_length, report.unsealed_count) == (True, sealed.length, 0)
        assert sealed.length >= inserted.count("audit_event") / 2


def _published(own: OwnDatabase, tenant_id: TenantId) -> tuple[PlanId, list[str]]:
    with own.app.bound(tenant_id) as session:
        plan_id = planning.find_published_id(session, SCOPE, by=OPERATOR)
        assert plan_id is not None
        day_plan = store.get_plan(session, plan_id).day_plan
    placed = [visit.job_id for route in day_plan.plan.routes for visit in route.planned_visits]
    return plan_id, [day_plan.sites[job_id].name for job_id in placed]


def test_there_is_a_filled_database_of_this_revision() -> None:
    """Whoever adds a migration freezes the rows it leads to, so that later migrations are tried on them."""
    assert EARLIER[-1] == REVISION


def test_a_backup_holds_every_company_and_only_maintenance_can_make_it(filled: OwnDatabase) -> None:
    """pg_dump as the maintenance role has the rows of both companies; as owner or app it is refused, not emptied."""
    program = str(find_tools().bin_dir / "pg_dump")

    runs = {
        role: subprocess.run(
            [program, "--exclude-table=sealed_fix", filled.url(role)], capture_output=True, text=True, check=False
        )
        for role in (DatabaseRole.MAINTENANCE, DatabaseRole.OWNER, DatabaseRole.APP)
    }

    assert runs[DatabaseRole.MAINTENANCE].returncode == 0, runs[DatabaseRole.MAINTENANCE].stderr
    assert {"alpha 网点 1", "beta 网点 1"} <= set(runs[DatabaseRole.MAINTENANCE].stdout.split("\t"))
    assert runs[DatabaseRole.OWNER].returncode != 0
    assert runs[DatabaseRole.APP].returncode != 0
