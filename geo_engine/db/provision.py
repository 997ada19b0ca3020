"""What only a superuser can provide: roles, a database of the owner's, extensions, and one function's leakproofness."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from geo_engine.db.refusals import DatabaseUnavailable
from geo_engine.db.roles import DatabaseRole
from geo_engine.errors import Unavailable
from geo_engine.words import Message

EXTENSIONS = ("postgis", "btree_gist")
LEAST_SERVER_VERSION = 150_000
_log = logging.getLogger(__name__)
_CONNECT_TIMEOUT_S = 10
_OVERLAP_FUNCTION = """
    select p.oid::regprocedure::text, p.proleakproof
    from pg_operator o join pg_proc p on p.oid = o.oprcode join pg_type t on t.oid = o.oprleft
    where o.oprname = '&&' and t.typname = 'geometry' and o.oprright = o.oprleft
"""
_LEAKPROOF_WITHOUT_POSTGIS = "alter function geometry_overlaps(geometry, geometry) leakproof"
# PostGIS keeps statistics of all rows of a column, and whoever may call these functions reads them past every policy:
# where anybody's places lie, and how many.
_TELLING_FUNCTIONS = """
    select p.oid::regprocedure::text
    from pg_proc p join pg_depend d on d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e'
    join pg_extension e on e.oid = d.refobjid and e.extname = 'postgis'
    where has_function_privilege('public', p.oid, 'execute') and (p.prosecdef or p.proname in (
        '_postgis_stats', '_postgis_index_extent', '_postgis_selectivity', '_postgis_join_selectivity'))
    order by 1
"""
_SILENCE_WITHOUT_POSTGIS = (
    "revoke execute on function _postgis_stats, _postgis_index_extent, _postgis_selectivity, "
    "_postgis_join_selectivity, st_estimatedextent(text, text), st_estimatedextent(text, text, text), "
    "st_estimatedextent(text, text, text, boolean) from public"
)
_ATTRIBUTES = {
    DatabaseRole.OWNER: "nobypassrls",
    DatabaseRole.APP: "nobypassrls",
    DatabaseRole.MAINTENANCE: "bypassrls",
}
# Concurrent provisions of one server would meet in the same rows of its catalog.
_LOCK_KEY = 7_346_153


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """Something a database of another server lacks and only its administrator can provide.

    Parameters
    ----------
    lack
        What is missing, and what follows from it.
    statement
        What the administrator runs in that database.
    is_required
        Whether nothing works without it; otherwise something is slower or less guarded.
    """

    lack: Message
    statement: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerVersions:
    """What answers at an address; `postgis` is None where the extension is missing."""

    postgres: str
    postgis: str | None


def provision(superuser_url: str, *, database: str, passwords: Mapping[DatabaseRole, str]) -> None:
    """Provide roles, the database and what it needs, where they are missing; what exists is kept.

    Parameters
    ----------
    superuser_url
        Any existing database of the server, as its superuser.
    database
        The name of the database to provide.
    passwords
        Of the owner, the app and maintenance; they are set again each time, and never sent in clear.

    Raises
    ------
    DatabaseUnavailable
        When the server cannot be reached.
    """
    with connect(superuser_url) as server:
        server.execute("select pg_advisory_lock(%s)", [_LOCK_KEY])
        for role, bypass in _ATTRIBUTES.items():
            _provide_role(server, role, bypass, passwords[role])
        _provide_database(server, database)
        with connect(superuser_url, database=database) as inside:
            _provide_inside(inside)


def missing_provisions(app_url: str) -> tuple[Provision, ...]:
    """Return what a database that we did not provide lacks, asked as the app's role.

    Raises
    ------
    DatabaseUnavailable
        When the server cannot be reached.
    Unavailable
        When it is too old for any statement to help.
    """
    with connect(app_url) as inside:
        if inside.info.server_version < LEAST_SERVER_VERSION:
            facts = {"version": inside.info.parameter_status("server_version"), "least": LEAST_SERVER_VERSION // 10_000}
            raise Unavailable(Message("The server is PostgreSQL {version}; {least} or newer is needed.", facts))
        return (
            *_missing_extensions(inside),
            *_missing_leakproofness(inside),
            *_missing_silence(inside),
            *_missing_restraint(inside),
        )


def server_versions(url: str) -> ServerVersions:
    """Return what answers at an address.

    Raises
    ------
    DatabaseUnavailable
        When nothing does.
    """
    with connect(url) as inside:
        found = inside.execute("select extversion from pg_extension where extname = 'postgis'").fetchone()
        postgres = (inside.info.parameter_status("server_version") or "").split()[0]
    return ServerVersions(postgres=postgres, postgis=None if found is None else found[0])


@contextmanager
def connect(url: str, *, database: str | None = None) -> Iterator[psycopg.Connection]:
    """Give a connection in which each statement is a transaction of its own, to another database if one is named.

    Raises
    ------
    DatabaseUnavailable
        When the server cannot be reached, does not let us in, or ends meanwhile; no password is in the message.
    """
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S, dbname=database)
    except psycopg.OperationalError as error:
        raise _unavailable(error) from None
    with connection:
        try:
            yield connection
        except psycopg.OperationalError as error:
            if connection.broken:
                raise _unavailable(error) from None
            raise


def _unavailable(error: psycopg.OperationalError) -> DatabaseUnavailable:
    _log.error("%s", " ".join(str(error).split()))
    return DatabaseUnavailable()


def _provide_role(server: psycopg.Connection, role: DatabaseRole, bypass: str, password: str) -> None:
    name = sql.Identifier(role)
    if not _exists(server, "select from pg_roles where rolname = %s", role):
        server.execute(sql.SQL("create role {}").format(name))
    verifier = server.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    attributes = sql.SQL(f"login nosuperuser nocreatedb nocreaterole noreplication {bypass}")
    server.execute(sql.SQL("alter role {} {} password {}").format(name, attributes, sql.Literal(verifier)))


def _provide_database(server: psycopg.Connection, database: str) -> None:
    name, owner = sql.Identifier(database), sql.Identifier(DatabaseRole.OWNER)
    if not _exists(server, "select from pg_database where datname = %s", database):
        server.execute(sql.SQL("create database {} owner {} template template0 encoding 'UTF8'").format(name, owner))
    server.execute(sql.SQL("revoke connect, temporary on database {} from public").format(name))
    for role in (DatabaseRole.APP, DatabaseRole.MAINTENANCE):
        granted = sql.SQL("grant connect, temporary on database {} to {}")
        server.execute(granted.format(name, sql.Identifier(role)))


def _provide_inside(inside: psycopg.Connection) -> None:
    inside.execute("revoke create on schema public from public")
    for extension in EXTENSIONS:
        inside.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))
    for statement in (*_leakproof_statements(inside), *_silencing_statements(inside)):
        inside.execute(statement)


def _leakproof_statements(inside: psycopg.Connection) -> list[str]:
    """Return what makes the function behind ``&&`` of geometries leakproof, unless it is."""
    found = inside.execute(_OVERLAP_FUNCTION).fetchall()
    return [f"alter function {function} leakproof" for function, is_leakproof in found if not is_leakproof]


def _silencing_statements(inside: psycopg.Connection) -> list[str]:
    """Return what takes the functions that tell of all rows away from everybody, unless it is done."""
    functions = [name for (name,) in inside.execute(_TELLING_FUNCTIONS)]
    return [f"revoke execute on function {', '.join(functions)} from public"] if functions else []


def _missing_extensions(inside: psycopg.Connection) -> Iterator[Provision]:
    for extension in EXTENSIONS:
        if not _exists(inside, "select from pg_extension where extname = %s", extension):
            yield Provision(
                lack=Message("The extension {extension} is missing.", {"extension": extension}),
                statement=f"create extension {extension};",
                is_required=True,
            )


def _missing_leakproofness(inside: psycopg.Connection) -> Iterator[Provision]:
    has_geometry = bool(inside.execute(_OVERLAP_FUNCTION).fetchall())
    statements = _leakproof_statements(inside) if has_geometry else [_LEAKPROOF_WITHOUT_POSTGIS]
    for statement in statements:
        yield Provision(
            lack=Message(
                "The function behind “&&” of geometries is not leakproof: where rows are kept apart by tenant no "
                "spatial index serves, and what asks for an area of the map reads every row of the tenant."
            ),
            statement=f"{statement};",
            is_required=False,
        )


def _missing_silence(inside: psycopg.Connection) -> Iterator[Provision]:
    has_geometry = bool(inside.execute(_OVERLAP_FUNCTION).fetchall())
    statements = _silencing_statements(inside) if has_geometry else [_SILENCE_WITHOUT_POSTGIS]
    for statement in statements:
        yield Provision(
            lack=Message(
                "Anybody may ask PostGIS for its statistics of all rows: a query that got in could learn where the "
                "places of all tenants lie, though not what they are."
            ),
            statement=f"{statement};",
            is_required=False,
        )


def _missing_restraint(inside: psycopg.Connection) -> Iterator[Provision]:
    found = inside.execute("select rolname from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)")
    for (name,) in found:
        yield Provision(
            lack=Message(
                "The role {role} of DATABASE_URL is above row-level security: tenants would see each other.",
                {"role": name},
            ),
            # Another role, never less of this one: it may be the only superuser there is.
            statement="create role geo_app login password '…';  -- and name it in DATABASE_URL",
            is_required=True,
        )


def _exists(connection: psycopg.Connection, query: str, *values: str) -> bool:
    return connection.execute(query, values).fetchone() is not None
