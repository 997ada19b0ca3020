"""Connections of the driver's own, kept by those who write much: statements sent together, plans made once, COPY.

A `Database` gives transactions for everything else: this is where each microsecond is spent a thousand times a second.
"""

import select
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import psycopg

from geo_engine.db.base import TENANT_SETTING
from geo_engine.db.connecting import connection_arguments
from geo_engine.db.refusals import RowConflict, ValueRefused, as_told
from geo_engine.errors import GeoEngineError
from geo_engine.ids import TenantId

_BIND = f"select set_config('{TENANT_SETTING}', %s, true)"
# What is asked here is asked for other devices each time: a plan that knows their ids is not worth making.
_PLANS = {"plan_cache_mode": "force_generic_plan"}

DRIVER_ERROR = psycopg.Error
"""What the driver raises of all that goes wrong."""


class Answer:
    """What a statement gave, in binary form."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        self._cursor = cursor

    def row(self) -> tuple[Any, ...]:
        """Return its only row."""
        (row,) = self._cursor.fetchall()
        return row

    def raw_row(self) -> tuple[bytes | None, ...]:
        """Return its only row as the server sent it."""
        result = cast("psycopg.pq.abc.PGresult", self._cursor.pgresult)
        return tuple(result.get_value(0, number) for number in range(result.nfields))


class Wire:
    """A connection in a transaction, which sees and writes rows of the tenant it is bound to."""

    __slots__ = ("_connection",)

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def bind(self, tenant_id: TenantId) -> None:
        """Bind the transaction from here on: what many companies' devices report goes into one commit.

        What was done before stays with the tenants it was done for.
        """
        self._connection.execute(_BIND, (str(tenant_id),))

    def run(self, statement: str, values: Mapping[str, object]) -> Answer:
        """Send a statement."""
        return Answer(self._connection.execute(statement, values, binary=True))

    def copy(self, statement: str, content: bytes) -> None:
        """Send the content that a COPY of this statement takes."""
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(content)

    def together(self) -> AbstractContextManager[object]:
        """Give a span within which statements are sent one behind the other; their answers are there at its end."""
        return self._connection.pipeline()

    def commit(self) -> None:
        """Commit now: the transaction's own commit at its end has nothing left to do."""
        self._connection.commit()


class Wires:
    """The connections of one role, each opened when all others are in use.

    Parameters
    ----------
    address
        A ``postgresql://`` address.
    at_first
        A statement that each new connection begins with, such as one that makes a table of its own.

    Notes
    -----
    A kept connection that the server has ended is noticed without asking it: there is something to be read on it. One
    that was lost otherwise is noticed by the first statement, and that transaction fails.
    """

    def __init__(self, address: str, *, at_first: str) -> None:
        self._address = address
        self._at_first = at_first
        self._idle: list[psycopg.Connection] = []

    @contextmanager
    def transaction(self) -> Iterator[Wire]:
        """Give a transaction that is bound to no tenant yet; it commits at the end.

        Raises
        ------
        DatabaseUnavailable, DatabaseTooSlow, RowConflict, ValueRefused
            As `Database.bound`.
        """
        with _telling():
            connection = self._take()
            try:
                yield Wire(connection)
                connection.commit()
            finally:
                self._put_back(connection)

    def close(self) -> None:
        """Close the connections that are not in use."""
        while (connection := self._pop()) is not None:
            connection.close()

    def _take(self) -> psycopg.Connection:
        while (connection := self._pop()) is not None:
            if _is_quiet(connection):
                return connection
            connection.close()
        return self._open()

    def _pop(self) -> psycopg.Connection | None:
        try:  # whether there is one may change until it is taken
            return self._idle.pop()
        except IndexError:
            return None

    def _open(self) -> psycopg.Connection:
        connection = psycopg.connect(self._address, autocommit=True, **connection_arguments(settings=_PLANS))  # type: ignore[arg-type]
        try:
            connection.prepare_threshold = 0
            connection.execute(self._at_first)
            connection.autocommit = False
        except psycopg.Error:
            connection.close()
            raise
        return connection

    def _put_back(self, connection: psycopg.Connection) -> None:
        """Keep a connection for the next transaction, of this one nothing is left on it."""
        try:
            connection.rollback()
        except psycopg.Error:
            connection.close()
        else:
            self._idle.append(connection)


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        told = told_of(error)
        if told is None:
            raise
        raise told from error
    except UnicodeEncodeError as error:  # half a character: the driver writes UTF-8
        raise ValueRefused from error


def told_of(error: psycopg.Error) -> GeoEngineError | None:
    """Return what to tell of something that the driver raised; None when it is a defect of ours."""
    if isinstance(error, psycopg.IntegrityError):
        return RowConflict(error.diag.constraint_name or "")
    # Without a code of the server's there was nobody to give one.
    return as_told(error.sqlstate, is_broken=error.sqlstate is None and isinstance(error, psycopg.OperationalError))


def _is_quiet(connection: psycopg.Connection) -> bool:
    """Return whether the server has said nothing since: it speaks unasked only when it ends."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
