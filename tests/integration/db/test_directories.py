"""Whether the app can write into the directories that are read before sign-in, other than by what it keeps there."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal
from support.cluster import connected
from support.companies import add_company
from support.databases import Databases, OwnDatabase

from geo_engine.ids import TenantId
from geo_engine.tenancy.store import find_sign_ins, find_tenant_id

REFUSED = "42501"


@dataclass(frozen=True, kw_only=True)
class Directory:
    """A directory, the function that keeps it, and the columns that a row of the kept table brings."""

    name: str
    keeper: str
    columns: str
    row: str


DIRECTORIES = (
    Directory(
        name="tenant_directory",
        keeper="keep_tenant_directory",
        columns="tenant_id uuid, code text",
        row="select tenant_id, code from tenant",
    ),
    Directory(
        name="sign_in_directory",
        keeper="keep_sign_in_directory",
        columns="tenant_id uuid, login text, id uuid",
        row="select tenant_id, login, id from member",
    ),
)
_directories = pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda directory: directory.name)


@pytest.fixture(scope="module")
def two(databases: Databases) -> Iterator[tuple[OwnDatabase, TenantId, TenantId]]:
    """Give a database with two companies: who is attacked, and who attacks."""
    with databases.clone() as own:
        yield own, add_company(own.app, "victim").tenant_id, add_company(own.app, "attacker").tenant_id


def _entries(own: OwnDatabase, directory: Directory) -> list[str]:
    with connected(own.cluster, database=own.name) as server:
        query = SQL("select t::text from {} as t order by 1").format(Identifier(directory.name))
        return [entry for (entry,) in server.execute(query)]


@_directories
@pytest.mark.parametrize("act", ["insert", "update", "delete"])
def test_no_trigger_of_a_table_of_ones_own_reaches_a_directory(
    two: tuple[OwnDatabase, TenantId, TenantId], directory: Directory, act: str
) -> None:
    """A temporary table with rows like another company's cannot be kept in the directory as that company's are."""
    own, victim_id, attacker_id = two
    before = _entries(own, directory)
    with own.app.bound(victim_id) as session:
        stolen = session.connection().connection.driver_connection.execute(directory.row).fetchall()
    refusals: list[str | None] = []

    with suppress(psycopg.Error), own.app.bound(attacker_id) as session:
        connection = session.connection().connection.driver_connection
        connection.execute(f"create temporary table mine ({directory.columns}) on commit drop")
        if act != "insert":
            _fill(connection, stolen)
        try:
            connection.execute(
                f"create trigger forge after {act} on mine for each row execute function {directory.keeper}()"
            )
        except psycopg.Error as error:
            refusals.append(error.sqlstate)
            raise
        if act == "insert":
            _fill(connection, [(attacker_id, "forged", *row[2:]) for row in stolen])
        elif act == "update":
            connection.execute(SQL("update mine set tenant_id = {}").format(Literal(attacker_id)))
        else:
            connection.execute("delete from mine")

    assert stolen
    assert _entries(own, directory) == before
    assert refusals == [REFUSED]


def _fill(connection: psycopg.Connection, rows: list[tuple[object, ...]]) -> None:
    for row in rows:
        connection.execute(SQL("insert into mine values ({})").format(SQL(", ").join(map(Literal, row))))


def test_the_directories_follow_what_the_app_writes(two: tuple[OwnDatabase, TenantId, TenantId]) -> None:
    """Codes and logins that the product adds, changes and removes are found as they are now."""
    own, victim_id, attacker_id = two

    with own.app.bound(victim_id) as session:
        connection = session.connection().connection.driver_connection
        connection.execute("update tenant set code = 'renamed'")
        connection.execute("update member set login = 'other@victim' where login = 'w1@victim'")
        connection.execute("delete from member where login = 'shared@example.com'")
        found = [find_tenant_id(session, code) for code in ("victim", "renamed", "attacker")]
        sign_ins = [
            [tenant_id for tenant_id, _ in find_sign_ins(session, login)]
            for login in ("w1@victim", "other@victim", "shared@example.com")
        ]
        session.rollback()

    assert found == [None, victim_id, attacker_id]
    assert sign_ins == [[], [victim_id], [attacker_id]]
