"""How a command reaches one company's rows."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from geo_engine.db.addresses import database_address
from geo_engine.db.revision import require_revision
from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import Database, Session
from geo_engine.ids import TenantId
from geo_engine.settings import Settings, read_settings
from geo_engine.tenancy.service import get_tenant_id

tenant_argument = click.argument("code", metavar="TENANT")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTenant:
    """One company of the installation."""

    database: Database
    tenant_id: TenantId
    settings: Settings

    def transaction(self) -> AbstractContextManager[Session]:
        """Give a transaction bound to the company."""
        return self.database.bound(self.tenant_id)


@contextmanager
def open_database(*, pool_size: int = 2) -> Iterator[Database]:
    """Give the database as the app role, its tables being those of this version."""
    address = database_address(read_settings(), DatabaseRole.APP)
    require_revision(address)
    database = Database(address, pool_size=pool_size)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def open_tenant(code: str) -> Iterator[OpenTenant]:
    """Give the company with a code.

    Raises
    ------
    TenantNotFound
        When there is none.
    """
    with open_database() as database:
        yield OpenTenant(database=database, tenant_id=get_tenant_id(database, code), settings=read_settings())


def now() -> datetime:
    """Return the moment, by this machine's clock."""
    return datetime.now(UTC)
