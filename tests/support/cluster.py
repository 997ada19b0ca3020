"""A private cluster of a test's own: made in seconds, gone without a trace."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from geo_engine.db.cluster import Cluster
from geo_engine.db.roles import DATABASE_NAME, DatabaseRole

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a name that nobody guesses is made in it
_ROOM_BYTES = 6 * 2**30
"""Of three sessions with a gigabyte of log and data each, twice."""


@contextmanager
def throwaway_cluster(folder: Path | None = None) -> Iterator[Cluster]:
    """Give a running cluster whose state lies in `folder`, or in one that its server can reach; then remove it."""
    with reachable_folder(memory_with_room()) as made:
        cluster = Cluster(folder or made)
        try:
            cluster.up(durable=False)
            yield cluster
        finally:
            remove_cluster(cluster, folder or made)


@contextmanager
def reachable_folder(within: Path | None = None) -> Iterator[Path]:
    """Give an empty folder into which any user may come, unlike pytest's own, among the temporary ones or `within`."""
    folder = Path(tempfile.mkdtemp(prefix="geo-engine-test-", dir=within))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder)


def memory_with_room() -> Path | None:
    """Return where files lie in memory: a clone is a thousand of them, made, copied and removed for each test.

    Benchmarks keep theirs on the disk, as they measure what waits for it.
    """
    if "PYTEST_VERSION" not in os.environ:
        return None
    try:
        found = os.statvfs(_MEMORY)
    except FileNotFoundError:
        return None
    return _MEMORY if found.f_bavail * found.f_frsize > _ROOM_BYTES else None


def remove_cluster(cluster: Cluster, folder: Path) -> None:
    """Stop a cluster and remove its files, wherever they are."""
    cluster.down()
    shutil.rmtree(os.path.realpath(folder / "pg"), ignore_errors=True)


def connected(
    cluster: Cluster, role: DatabaseRole = DatabaseRole.SUPERUSER, database: str = DATABASE_NAME
) -> psycopg.Connection:
    """Return a connection in which each statement is a transaction of its own; `with` closes it."""
    return psycopg.connect(cluster.url(role, database=database), autocommit=True, connect_timeout=10)
