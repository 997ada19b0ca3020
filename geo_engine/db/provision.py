"""What only a superuser can provide: roles, a database of the owner's, extensions, and one function's leakproofness."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql

from geo_engine.db.roles import DatabaseRole
from geo_engine.errors import Unavailable
from geo_engine.words import Message

EXTENSIONS = ("postgis", "btree_gist")
_CONNECT_TIMEOUT_S = 10
_OVERLAP_FUNCTION = """
    select p.oid::regprocedure::text, p.proleakproof
    from pg_operator o join pg_proc p on p.oid = o.oprcode
    where o.oprname = '&&' and o.oprleft = to_regtype('geometry') and o.oprright = to_regtype('geometry')
"""
_ATTRIBUTES = {
    DatabaseRole.OWNER: "nobypassrls",
    DatabaseRole.APP: "nobypassrls",
    DatabaseRole.MAINTENANCE: "bypassrls",
}
# Concurrent provisions of one server would meet in the same rows of its catalog.
_LOCK_KEY = 7_346_153


class DatabaseUnreachableError(Unavailable):
    """A database server cannot be reached or does not let us in."""


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
    DatabaseUnreachableError
        When the server cannot be reached.
    """
    with connect(superuser_url) as server:
        server.execute("select pg_advisory_lock(%s)", [_LOCK_KEY])
        for role, bypass in _ATTRIBUTES.items():
            _provide_role(server, role, bypass, passwords[role])
        _provide_database(server, database)
        with connect(superuser_url, database=database) as inside:
            _provide_inside(inside)


@contextmanager
def connect(url: str, *, database: str | None = None) -> Iterator[psycopg.Connection]:
    """Give a connection in which each statement is a transaction of its own, to another database if one is named.

    Raises
    ------
    DatabaseUnreachableError
        When the server cannot be reached or does not let us in; no password is in the message.
    """
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S, dbname=database)
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise DatabaseUnreachableError(
            Message("The database cannot be reached: {reason}", {"reason": reason})
        ) from None
    with connection:
        yield connection


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
    for statement in _leakproof_statements(inside):
        inside.execute(statement)


def _leakproof_statements(inside: psycopg.Connection) -> list[str]:
    """Return what makes the function behind ``&&`` of geometries leakproof, unless it is."""
    found = inside.execute(_OVERLAP_FUNCTION).fetchall()
    return [f"alter function {function} leakproof" for function, is_leakproof in found if not is_leakproof]


def _exists(connection: psycopg.Connection, query: str, *values: str) -> bool:
    return connection.execute(query, values).fetchone() is not None
