"""Databases of a test's own: clones of one that was migrated once, or of one that was also filled once."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
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
    """A throwaway cluster whose own database is migrated and serves as the template.

    Parameters
    ----------
    cluster
        A running one.
    """

    cluster: Cluster
    _server: psycopg.Connection
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _filled: dict[Callable[[Database], Any], tuple[str, Any]] = field(default_factory=dict)

    @contextmanager
    def clone(self, *, pool_size: int = 5, overflow: int = 5, template: str = DATABASE_NAME) -> Iterator[OwnDatabase]:
        """Give a fresh copy of the template, and drop it afterwards."""
        name = self._copy(template)
        app = self._pool(name, pool_size=pool_size, overflow=overflow)
        try:
            yield OwnDatabase(cluster=self.cluster, name=name, app=app)
        finally:
            app.close()
            self._server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    @contextmanager
    def clone_filled[T](self, fill: Callable[[Database], T]) -> Iterator[tuple[OwnDatabase, T]]:
        """Give a fresh copy of a database that was filled so, and what filling returned; it is filled only once."""
        if fill not in self._filled:
            name = self._copy(DATABASE_NAME)
            app = self._pool(name)
            try:
                self._filled[fill] = name, fill(app)
            finally:
                app.close()  # nobody may be connected to what is copied
        template, made = self._filled[fill]
        with self.clone(template=template) as own:
            yield own, made

    def _pool(self, name: str, *, pool_size: int = 5, overflow: int = 5) -> Database:
        return Database(self.cluster.url(DatabaseRole.APP, database=name), pool_size=pool_size, overflow=overflow)

    def _copy(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        # So small a database is copied three times as fast by its files as page by page through the log.
        statement = sql.SQL("create database {} owner geo_owner template {} strategy file_copy")
        self._server.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name


@contextmanager
def migrated_databases(folder: Path | None = None) -> Iterator[Databases]:
    """Give a throwaway cluster with a migrated template."""
    with throwaway_cluster(folder) as cluster:
        migrate_as_shipped(cluster.url(DatabaseRole.OWNER))
        with connected(cluster, database="postgres") as server:
            yield Databases(cluster=cluster, _server=server)
