"""Transactions: each is bound to one tenant, or to none and then sees nothing of any."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from geo_engine.db.base import TENANT_SETTING
from geo_engine.db.connecting import connection_arguments
from geo_engine.db.refusals import DatabaseTooSlow, DatabaseUnavailable, RowConflict, ValueRefused, as_told
from geo_engine.db.wire import DRIVER_ERROR, Wires, told_of
from geo_engine.ids import TenantId

__all__ = [
    "Database",
    "DatabaseTooSlow",
    "DatabaseUnavailable",
    "RowConflict",
    "Session",
    "ValueRefused",
    "bound_tenant",
]

_DRIVER = "postgresql+psycopg"
# What the driver refuses to send has no code of the server's; it is told like what the server refuses to keep.
_DATA_EXCEPTION = "22000"


class Database:
    """The pool of connections of one role.

    Parameters
    ----------
    address
        A ``postgresql://`` address.
    pool_size
        Connections kept; as many again may be opened for a moment.
    overflow
        How many more; by default as many again.

    Notes
    -----
    A broken pooled connection is found before it is used (a ping of about 0.1 ms each time).
    """

    def __init__(self, address: str, *, pool_size: int = 5, overflow: int | None = None) -> None:
        self._address = address
        self._wires: dict[str, Wires] = {}
        self.engine: Engine = create_engine(
            make_url(address).set(drivername=_DRIVER),
            pool_size=pool_size,
            max_overflow=pool_size if overflow is None else overflow,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=connection_arguments(),
        )

    @contextmanager
    def bound(self, tenant_id: TenantId) -> Iterator[Session]:
        """Give a transaction that sees and writes rows of one tenant only; it commits at the end.

        Raises
        ------
        DatabaseUnavailable
            When there is no connection, it breaks, or the server asks to try again.
        DatabaseTooSlow
            When a statement takes longer than a minute.
        RowConflict
            When a row contradicts a unique or foreign key.
        ValueRefused
            When a value is out of range, or a text cannot be kept.
        """
        with self._transaction(str(tenant_id)) as session:
            session.info[TENANT_SETTING] = tenant_id
            yield session

    @contextmanager
    def unbound(self) -> Iterator[Session]:
        """Give a transaction that is bound to no tenant: it reaches directories and the queue, no tenant's rows.

        Raises
        ------
        DatabaseUnavailable, DatabaseTooSlow, RowConflict, ValueRefused
            As `bound`.
        """
        with self._transaction("") as session:
            yield session

    @contextmanager
    def _transaction(self, binding: str) -> Iterator[Session]:
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                # The third argument ends the binding with the transaction: nothing is left on the pooled connection.
                # Unbound ones are bound to nobody as well, so that what somebody left there all the same has no effect.
                session.execute(select(func.set_config(TENANT_SETTING, binding, True)))  # noqa: FBT003
                yield session
        except IntegrityError as error:
            raise RowConflict(_constraint(error)) from error
        except PoolTimeoutError as error:
            raise DatabaseUnavailable from error
        except DBAPIError as error:
            told = as_told(_sqlstate(error), is_broken=error.connection_invalidated or error.statement is None)
            if told is None:
                raise
            raise told from error
        except DRIVER_ERROR as error:  # of what a store asks of the driver itself, such as a COPY
            told = told_of(error)
            if told is None:
                raise
            raise told from error
        except UnicodeEncodeError as error:  # half a character: the driver writes UTF-8
            raise ValueRefused from error

    def wires(self, *, at_first: str) -> Wires:
        """Return connections beside the pool, for what is written much; the same ones for the same first statement."""
        return self._wires.setdefault(at_first, Wires(self._address, at_first=at_first))

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()
        for wires in self._wires.values():
            wires.close()


def bound_tenant(session: Session) -> TenantId:
    """Return the tenant a transaction is bound to.

    Raises
    ------
    LookupError
        When it is bound to none: a defect of the caller.
    """
    tenant_id = session.info.get(TENANT_SETTING)
    if tenant_id is None:
        raise LookupError("the transaction is bound to no tenant")
    return TenantId(UUID(str(tenant_id)))


def _sqlstate(error: DBAPIError) -> str | None:
    """Return the code of what went wrong; opening, pinging and ending a transaction have no statement."""
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is None and isinstance(error, DataError):
        return _DATA_EXCEPTION
    return sqlstate


def _constraint(error: IntegrityError) -> str:
    diagnostics = getattr(error.orig, "diag", None)
    return str(getattr(diagnostics, "constraint_name", None) or "")
