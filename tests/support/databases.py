"""Databases of a test's own: clones of one that was migrated once."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import sql

from geo_engine.db.cluster import Cluster
from geo_engine.db.migrate import migrate
from geo_engine.db.roles import DATABASE_NAME, DatabaseRole
from geo_engine.db.session import Database
from support.cluster import connected, throwaway_cluster


@dataclass(frozen=True, kw_only=True)
class OwnDatabase:
    """A database of one test.

    Parameters
    ----------
    app
        The pool of the app role, through which everything of the product goes.
    """

    cluster: Cluster
    name: str
    app: Database

    def url(self, role: DatabaseRole = DatabaseRole.APP) -> str:
        """Return where a role finds it."""
        return self.cluster.url(role, database=self.name)


def migrate_as_shipped(url: str, revision: str = "head") -> None:
    """Migrate a database as `geo-engine db migrate` does."""
    migrate(
        url,
        app_role=DatabaseRole.APP.value,
        maintenance_role=DatabaseRole.MAINTENANCE.value,
        revision=revision,
    )


@dataclass(frozen=True, kw_only=True)
class Databases:
    """A throwaway cluster whose own database is migrated and serves as the template."""

    cluster: Cluster
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def clone(self, *, pool_size: int = 5, overflow: int = 5, template: str = DATABASE_NAME) -> Iterator[OwnDatabase]:
        """Give a fresh copy of the template, and drop it afterwards."""
        name = f"test_{next(self._numbers)}"
        with connected(self.cluster, database="postgres") as server:
            statement = sql.SQL("create database {} owner geo_owner template {}")
            server.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
            app = Database(self.cluster.url(DatabaseRole.APP, database=name), pool_size=pool_size, overflow=overflow)
            try:
                yield OwnDatabase(cluster=self.cluster, name=name, app=app)
            finally:
                app.close()
                server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def migrated_databases(folder: Path | None = None) -> Iterator[Databases]:
    """Give a throwaway cluster with a migrated template."""
    with throwaway_cluster(folder) as cluster:
        migrate_as_shipped(cluster.url(DatabaseRole.OWNER))
        yield Databases(cluster=cluster)
