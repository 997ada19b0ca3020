"""`geo-engine db` on a private cluster of its own and on a server that is named."""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier
from support.cluster import connected, reachable_folder, remove_cluster
from support.databases import Databases, OwnDatabase
from support.program import Run, run_program

from geo_engine.db.cluster import Cluster
from geo_engine.db.revision import REVISION
from geo_engine.db.roles import DatabaseRole

type Program = Callable[..., Run]


def _program(**variables: str) -> Program:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}

    def run(*arguments: str) -> Run:
        return run_program("--lang", "en", *arguments, environment={**environment, **variables})

    return run


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder for a private cluster, which is removed afterwards."""
    with reachable_folder() as made:
        try:
            yield made
        finally:
            remove_cluster(Cluster(made), made)


def test_a_private_database_is_made_migrated_told_and_stopped(folder: Path) -> None:
    """up, migrate, status, url and down do what they say; no password is printed but by url."""
    geo_engine = _program(GEO_ENGINE_STATE_DIR=str(folder))

    before = geo_engine("db", "status")
    up = json.loads(geo_engine("db", "up").out)
    migrated = json.loads(geo_engine("db", "migrate").out)
    status = geo_engine("db", "status")
    urls = {role: geo_engine("db", "url", *option).out for role, option in _OPTIONS.items()}
    down = geo_engine("db", "down")
    after = geo_engine("db", "status")

    assert (before.code, after.code, down.code) == (3, 3, 0)
    assert (up["running"], up["private"], up["migrated"]) == (True, True, False)
    assert migrated == {"revision": REVISION}
    assert json.loads(status.out)["migrated"] is True
    assert all(url.startswith(f"postgresql://{role}:") for role, url in urls.items())
    password = urls[DatabaseRole.APP].split(":")[2].split("@")[0]
    assert password not in status.out + status.err + str(up)


_OPTIONS = {
    DatabaseRole.APP: (),
    DatabaseRole.OWNER: ("--owner",),
    DatabaseRole.MAINTENANCE: ("--maintenance",),
}


def test_a_named_server_is_used_and_left_running(databases: Databases) -> None:
    """With DATABASE_URL set nothing is started or stopped, and migrating needs the owner's address too."""
    with databases.clone() as own:
        alone = _program(DATABASE_URL=own.url())
        both = _program(DATABASE_URL=own.url(), DATABASE_OWNER_URL=own.url(DatabaseRole.OWNER))

        back = both("db", "migrate", "--revision", "base")
        refused = alone("db", "migrate")
        again = both("db", "migrate")
        up, down, status = alone("db", "up"), alone("db", "down"), alone("db", "status")

    assert json.loads(back.out) == {"revision": None}
    assert (refused.code, refused.out) == (3, "")
    assert "DATABASE_OWNER_URL" in refused.err
    assert json.loads(again.out) == {"revision": REVISION}
    assert {run.code for run in (up, down, status)} == {0}
    assert json.loads(status.out)["private"] is False
    assert "left as it is" in down.err


def _as(own: OwnDatabase, who: str) -> str:
    return f"postgresql://{who}@{own.url().partition('@')[2]}"


@pytest.fixture(scope="module")
def strangers(databases: Databases) -> Iterator[None]:
    """Give roles that policies do not hold, each for a reason of its own, and one that they hold."""
    roles = ("past_policies", "superuser_too", "of_owner", "of_maintenance", "held")
    with connected(databases.cluster, database="postgres") as server:
        for role in roles:
            server.execute(SQL("create role {} login password 'x'").format(Identifier(role)))
            server.execute(SQL("grant geo_app to {}").format(Identifier(role)))
        server.execute("alter role past_policies bypassrls")
        server.execute("alter role superuser_too superuser")
        server.execute("alter role superuser_too set role geo_app")
        server.execute("grant geo_owner to of_owner")
        server.execute("grant geo_maintenance to of_maintenance")
        yield
        for role in roles:
            server.execute(SQL("drop role {}").format(Identifier(role)))


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize("login", ["past_policies", "superuser_too", "of_owner", "of_maintenance"])
def test_a_role_that_policies_do_not_hold_serves_nobody(own: OwnDatabase, login: str) -> None:
    """Past the policies by right, by ownership or by membership: every command says so and does nothing."""
    run = _program(DATABASE_URL=_as(own, f"{login}:x"))("tenant", "add", "acme", "--roads", "straight")

    assert (run.code, run.out) == (2, "")
    assert f"the role {login} of DATABASE_URL" in run.err
    assert "Traceback" not in run.err


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize("role", [DatabaseRole.SUPERUSER, DatabaseRole.OWNER, DatabaseRole.MAINTENANCE])
def test_our_own_roles_but_the_apps_serve_nobody(own: OwnDatabase, role: DatabaseRole) -> None:
    """Who makes, migrates or backs up the database is not who serves from it."""
    run = _program(DATABASE_URL=own.url(role))("tenant", "add", "acme", "--roads", "straight")

    assert (run.code, run.out) == (2, "")
    assert f"the role {role} of DATABASE_URL" in run.err


@pytest.mark.usefixtures("strangers")
def test_a_role_that_policies_hold_serves(own: OwnDatabase) -> None:
    """A member of the app's role is as good as the app's role."""
    run = _program(DATABASE_URL=_as(own, "held:x"))("tenant", "add", "acme", "--roads", "straight")

    assert run.code == 0, run.err


def test_one_role_for_owner_and_app_is_refused(own: OwnDatabase) -> None:
    """Whether there is something to migrate or not, and however the URL names the role."""
    owner = own.url(DatabaseRole.OWNER)
    bare = owner.replace("geo_owner:", ":", 1)
    for url in (owner, f"{bare}?user=geo_owner"):
        run = _program(DATABASE_URL=url, DATABASE_OWNER_URL=owner)("db", "migrate")

        assert (run.code, run.out) == (2, "")
        assert "both name the role geo_owner" in run.err


@pytest.mark.parametrize(
    ("revision", "owner", "code", "told"),
    [
        ("nonsense", "geo_owner", 2, "There is no revision nonsense of the tables."),
        ("0004", "wrong", 3, "The database cannot be reached"),
        (
            "0004",
            "geo_maintenance",
            3,
            "The server refuses to change the tables, and nothing was changed: ",
        ),
    ],
)
def test_a_migration_that_cannot_be_done_is_told(
    own: OwnDatabase, revision: str, owner: str, code: int, told: str
) -> None:
    """A revision nobody made, a wrong password, a role without the privilege: a sentence, and nothing changed."""
    url = _as(own, "geo_owner:hunter2") if owner == "wrong" else own.url(DatabaseRole(owner))
    geo_engine = _program(DATABASE_URL=own.url(), DATABASE_OWNER_URL=url)

    run = geo_engine("db", "migrate", "--revision", revision)

    assert (run.code, run.out) == (code, "")
    assert told in run.err
    assert "Traceback" not in run.err
    assert "hunter2" not in run.err
    assert json.loads(geo_engine("db", "migrate").out) == {"revision": REVISION}


def test_tables_of_a_later_version_are_told(own: OwnDatabase) -> None:
    """An older program leaves them as they are."""
    with connected(own.cluster, database=own.name) as server:
        server.execute("update alembic_version set version_num = '9999'")

    run = _program(DATABASE_URL=own.url(), DATABASE_OWNER_URL=own.url(DatabaseRole.OWNER))("db", "migrate")

    assert (run.code, run.out) == (3, "")
    assert "The tables have revision 9999" in run.err


def test_migrations_at_once_wait_for_each_other(own: OwnDatabase) -> None:
    """Three that begin together on an empty database all end well, and the tables are made once."""
    variables = {"DATABASE_URL": own.url(), "DATABASE_OWNER_URL": own.url(DatabaseRole.OWNER)}
    geo_engine = _program(**variables)
    assert geo_engine("db", "migrate", "--revision", "base").code == 0

    with ThreadPoolExecutor(max_workers=3) as threads:
        runs = list(threads.map(lambda _: geo_engine("db", "migrate"), range(3)))

    assert [run.code for run in runs] == [0] * 3, [run.err for run in runs]
    assert {run.out.strip() for run in runs} == {json.dumps({"revision": REVISION})}


def test_another_server_is_provided_by_its_superuser(databases: Databases) -> None:
    """Provision gives roles, database and extensions by URLs alone, as often as wanted; what is unusable is told."""
    cluster = databases.cluster
    roles = {"URL": DatabaseRole.APP, "OWNER_URL": DatabaseRole.OWNER, "MAINTENANCE_URL": DatabaseRole.MAINTENANCE}
    urls = {f"DATABASE_{name}": cluster.url(role, database="provided") for name, role in roles.items()}
    superuser = cluster.url(DatabaseRole.SUPERUSER, database="postgres")
    geo_engine = _program(**urls, DATABASE_SUPERUSER_URL=superuser)

    try:
        runs = [geo_engine(*words) for words in (("db", "provision"), ("db", "provision"), ("db", "migrate"))]
        lacks = geo_engine("db", "up")
    finally:
        with connected(cluster, database="postgres") as server:
            server.execute("drop database if exists provided with (force)")
    wrong = _program(**urls | {"DATABASE_OWNER_URL": superuser}, DATABASE_SUPERUSER_URL=superuser)("db", "provision")

    assert [run.code for run in runs] == [0, 0, 0], [run.err for run in runs]
    assert (lacks.code, lacks.err) == (0, "")
    assert (wrong.code, wrong.out) == (2, "")
    assert "geo_owner" in wrong.err
