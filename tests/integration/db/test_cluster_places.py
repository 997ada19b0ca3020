"""Where a cluster's files lie, whoever starts it and wherever the clone is."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cluster import connected, reachable_folder, remove_cluster, throwaway_cluster

from geo_engine.db.cluster import Cluster

SYSTEM_HOME = Path("/var/lib/geo-engine")
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")

# Everything is imported before root's rights are given up: root's Python may lie where nobody else can read.
AS_NOBODY = """
import os, pwd, sys
from pathlib import Path
from geo_engine.db.cluster import Cluster
from geo_engine.errors import GeoEngineError
user = pwd.getpwnam("nobody")
os.setgroups([]); os.setgid(user.pw_gid); os.setuid(user.pw_uid)
try:
    print(getattr(Cluster(Path(sys.argv[1])), sys.argv[2])())
except GeoEngineError as error:
    print(error)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder into which any user may come."""
    with reachable_folder() as made:
        yield made


def _as_nobody(folder: Path, act: str) -> str:
    command = [sys.executable, "-c", AS_NOBODY, str(folder), act]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@only_root
def test_root_starts_it_as_somebody_else(folder: Path) -> None:
    """The server's files and process are an unprivileged user's, in the folder itself where that user can come."""
    with throwaway_cluster(folder) as cluster:
        status = cluster.status()
        process_uid = Path(f"/proc/{status.pid}").stat().st_uid

        assert status.data_dir == folder / "pg" / "data"
        assert status.data_dir.stat().st_uid == process_uid != 0
        assert (folder / "pg" / "cluster.json").stat().st_uid == 0


@only_root
def test_a_closed_folder_of_roots_leads_to_var_lib(folder: Path) -> None:
    """Where the server's user cannot come, data live in /var/lib/geo-engine, and move there when it is closed later."""
    with throwaway_cluster(folder) as cluster:
        with connected(cluster) as session:
            session.execute("create table kept as select 42 as answer")
        cluster.down()
        folder.chmod(0o700)

        status = cluster.up(durable=False)

        assert (folder / "pg").is_symlink()
        assert status.data_dir is not None
        assert status.data_dir.parent.parent == SYSTEM_HOME
        assert status.data_dir.samefile(folder / "pg" / "data")
        with connected(cluster) as session:
            assert session.execute("select answer from kept").fetchone() == (42,)
    assert not (folder / "pg").exists()


@only_root
def test_a_copied_clone_does_not_share_the_originals_data(folder: Path) -> None:
    """A link that was copied with its folder is replaced by a place of the copy's own."""
    folder.chmod(0o700)
    with throwaway_cluster(folder / "original") as original:
        shutil.copytree(folder / "original", folder / "copy", symlinks=True)
        with throwaway_cluster(folder / "copy") as copy:
            assert copy.status().data_dir != original.status().data_dir
            assert copy.status().port != original.status().port


@only_root
def test_an_ordinary_user_runs_it_in_a_closed_home(folder: Path) -> None:
    """Who is not root runs the server as oneself, in a 0700 folder too."""
    nobody = pwd.getpwnam("nobody")
    home = folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    try:
        said = _as_nobody(home, "up")
        status = Cluster(home).status()

        assert "is_running=True" in said
        assert status.data_dir == home / "pg" / "data"
        assert status.data_dir.stat().st_uid == nobody.pw_uid
        assert Path(f"/proc/{status.pid}").stat().st_uid == nobody.pw_uid
        assert _as_nobody(home, "down").strip() == "True"
    finally:
        remove_cluster(Cluster(home), home)


@only_root
def test_somebody_elses_cluster_is_refused_with_a_reason(folder: Path) -> None:
    """An ordinary user hears whose cluster it is instead of making a second one."""
    with throwaway_cluster(folder):
        for act in ("up", "down", "status"):
            assert "belongs to another user" in _as_nobody(folder, act)


def test_a_deep_folder_has_its_socket_elsewhere(folder: Path) -> None:
    """A path too long for a socket is no obstacle; the socket's folder is closed to others and goes with `down`."""
    with throwaway_cluster(folder / ("deep" * 30)) as cluster:
        with connected(cluster) as session:
            found = session.execute("show unix_socket_directories").fetchone()
        assert found is not None
        socket_dir = Path(found[0])

        assert socket_dir.parent == Path("/tmp")  # noqa: S108 - where it must be
        assert socket_dir.stat().st_mode & 0o777 == 0o700
        cluster.down()
        assert not socket_dir.exists()


def test_a_folder_that_somebody_prepared_is_not_trusted(folder: Path) -> None:
    """A link where the socket's folder was is left alone, and another folder is taken."""
    with throwaway_cluster(folder / ("deep" * 30)) as cluster:
        before = _socket_dir(cluster)
        cluster.down()
        before.symlink_to(folder)
        try:
            cluster.up(durable=False)

            assert _socket_dir(cluster) != before
            assert not list(folder.glob(".s.PGSQL*"))
        finally:
            before.unlink()


def _socket_dir(cluster: Cluster) -> Path:
    with connected(cluster) as session:
        found = session.execute("show unix_socket_directories").fetchone()
    assert found is not None
    return Path(found[0])
