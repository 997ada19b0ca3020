"""Connections of the driver's own, kept by those who write much: statements sent together, plans made once, COPY.

A `Database` gives transactions for everything else: this is where each microsecond is spent a thousand times a second.
What the driver does beside libpq, for cursors, rows and types, costs a commit more than all that we do: statements go
through `psycopg.pq` here, and only what opens, copies and adapts is the driver's.
"""

import re
import select
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from typing import cast

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

from geo_engine.db.base import TENANT_SETTING
from geo_engine.db.connecting import connection_arguments
from geo_engine.db.refusals import RowConflict, ValueRefused, as_told
from geo_engine.errors import GeoEngineError
from geo_engine.ids import TenantId

_BIND = f"select set_config('{TENANT_SETTING}', %(tenant)s::text, true)"
# What is asked here is asked for other devices each time: a plan that knows their ids is not worth making.
_PLANS = {"plan_cache_mode": "force_generic_plan"}
type _Prepared = tuple[bytes, tuple[int, ...]]
"""A statement, and of which types its values are."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")

DRIVER_ERROR = psycopg.Error
"""What the driver raises of all that goes wrong."""


class Answer:
    """What a statement gave, in binary form; there when the statements it was sent with are answered."""

    __slots__ = ("prepared", "result")

    def __init__(self, prepared: _Prepared | None = None) -> None:
        self.prepared = prepared
        self.result: PGresult | None = None

    def row(self) -> tuple[bytes | None, ...]:
        """Return its only row as the server sent it; raise `LookupError` where there is none, or another."""
        result = cast("PGresult", self.result)
        if result.ntuples != 1:
            raise LookupError
        return tuple(result.get_value(0, number) for number in range(result.nfields))


class Wire:
    """A connection, in a transaction which sees and writes rows of the tenant it is bound to.

    Notes
    -----
    A statement is prepared when it is first sent; afterwards only its name and values are.
    """

    __slots__ = ("_adapting", "_connection", "_name_count", "_names", "_said", "_said_or_taken", "_unanswered")

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._adapting = Transformer.from_context(connection)
        self._names: dict[_Prepared, bytes] = {}
        self._name_count = 0
        self._unanswered: list[Answer] | None = None
        self._said, self._said_or_taken = select.poll(), select.poll()
        self._said.register(connection.fileno(), select.POLLIN)
        self._said_or_taken.register(connection.fileno(), select.POLLIN | select.POLLOUT)

    def bind(self, tenant_id: TenantId) -> None:
        """Bind the transaction from here on: what many companies' devices report goes into one commit.

        What was done before stays with the tenants it was done for.
        """
        self.run(_BIND, {"tenant": str(tenant_id)})

    def run(self, statement: str, values: Mapping[str, object]) -> Answer:
        """Send a statement; alone, if not within `together`."""
        if self._unanswered is not None:
            return self._send(self._unanswered, statement, values)
        with self.together():
            return self.run(statement, values)

    def copy(self, statement: str, content: bytes) -> None:
        """Send the content that a COPY of this statement takes."""
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(content)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Give a span within which statements are sent one behind the other; their answers are there at its end."""
        server = self._connection.pgconn
        self._unanswered = []
        is_idle = server.transaction_status == TransactionStatus.IDLE
        server.enter_pipeline_mode()
        try:
            if is_idle:
                self.run("begin", {})
            yield
        except BaseException:
            with suppress(psycopg.Error):  # what is raised came first
                self._receive()
            raise
        else:
            self._receive()
        finally:
            self._unanswered = None

    def commit(self) -> None:
        """Commit now, with what is sent together: the transaction's own commit at its end has nothing left to do."""
        self.run("commit", {})

    def end(self) -> None:
        """Commit what was not committed."""
        self._connection.commit()

    def take_back(self) -> None:
        """Leave nothing of a transaction that was not committed."""
        self._connection.rollback()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def is_quiet(self) -> bool:
        """Return whether the server has said nothing since: unasked it speaks when it ends, and hardly ever else."""
        return not self._connection.closed and not self._said.poll(0)

    def _send(self, unanswered: list[Answer], statement: str, values: Mapping[str, object]) -> Answer:
        query, names = _numbered(statement)
        adapting, server = self._adapting, self._connection.pgconn
        sent = adapting.dump_sequence([values[name] for name in names], [PyFormat.AUTO] * len(names))
        prepared = query, adapting.types or ()
        name = self._names.get(prepared)
        if name is None:
            self._name_count += 1
            name = self._names[prepared] = f"s{self._name_count}".encode()
            server.send_prepare(name, *prepared)
            unanswered.append(Answer(prepared))
        server.send_query_prepared(name, sent, adapting.formats, Format.BINARY)
        unanswered.append(Answer())
        return unanswered[-1]

    def _receive(self) -> None:
        """Have all that was sent answered, and raise what went wrong."""
        server = self._connection.pgconn
        server.pipeline_sync()
        failed = None
        for answer in self._unanswered or ():
            answer.result = self._next_result()
            if answer.result.status == ExecStatus.FATAL_ERROR:  # one at most: what comes behind it is not tried
                failed = answer.result
            if failed is not None and answer.prepared is not None:
                del self._names[answer.prepared]
            server.get_result()  # the end of this statement's
        self._next_result()  # of the sync
        server.exit_pipeline_mode()
        if failed is not None:
            raise error_from_result(failed)

    def _next_result(self) -> PGresult:
        server = self._connection.pgconn
        while server.flush():
            self._said_or_taken.poll()
            server.consume_input()
        while server.is_busy():
            self._said.poll()
            server.consume_input()
        result = server.get_result()
        if result is None:
            raise psycopg.OperationalError
        return result


@cache
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement as the server has it, with numbers for the names of its values, and these by number."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${numbers.setdefault(found[1], len(numbers) + 1)}" if found[1] else "%"

    return _PLACEHOLDER.sub(number, statement).encode(), tuple(numbers)


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
    that was lost otherwise is noticed by the first statement, and that transaction fails. One on which something failed
    that no value explains is not kept: tables may have changed under its statements, or a pooler dropped them.
    """

    def __init__(self, address: str, *, at_first: str) -> None:
        self._address = address
        self._at_first = at_first
        self._idle: list[Wire] = []

    @contextmanager
    def transaction(self) -> Iterator[Wire]:
        """Give a transaction that is bound to no tenant yet; it commits at the end.

        Raises
        ------
        DatabaseUnavailable, DatabaseTooSlow, RowConflict, ValueRefused
            As `Database.bound`.
        """
        with _telling():
            wire = self._take()
            try:
                yield wire
                wire.end()
            except psycopg.Error as error:
                if told_of(error) is None:
                    wire.close()  # what it has prepared may be what is wrong
                raise
            finally:
                self._put_back(wire)

    def close(self) -> None:
        """Close the connections that are not in use."""
        while (wire := self._pop()) is not None:
            wire.close()

    def _take(self) -> Wire:
        while (wire := self._pop()) is not None:
            if wire.is_quiet():
                return wire
            wire.close()
        return self._open()

    def _pop(self) -> Wire | None:
        try:  # whether there is one may change until it is taken
            return self._idle.pop()
        except IndexError:
            return None

    def _open(self) -> Wire:
        connection = psycopg.connect(self._address, autocommit=True, **connection_arguments(settings=_PLANS))  # type: ignore[arg-type]
        try:
            connection.execute(self._at_first)
            connection.autocommit = False
        except psycopg.Error:
            connection.close()
            raise
        return Wire(connection)

    def _put_back(self, wire: Wire) -> None:
        """Keep a connection for the next transaction, of this one nothing is left on it."""
        try:
            wire.take_back()
        except psycopg.Error:
            wire.close()
        else:
            self._idle.append(wire)


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
