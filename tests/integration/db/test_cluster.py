"""The private cluster: one server, its data safe whatever happens to it, and nobody else's touched."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from support.cluster import connected, reachable_folder, throwaway_cluster

from geo_engine.db.cluster import Cluster, ClusterDownError
from geo_engine.db.cluster_process import ServerStartError
from geo_engine.db.roles import DatabaseRole

SYSTEM_PORT = 5432
UP = """
import sys
from pathlib import Path
from geo_engine.db.cluster import Cluster
Cluster(Path(sys.argv[1])).up()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a cluster with one row in a table, for tests that stop and kill its server."""
    with throwaway_cluster() as made:
        with connected(made) as session:
            session.execute("create table kept as select 42 as answer")
        yield made


@pytest.fixture
def running(cluster: Cluster) -> Cluster:
    """Give the cluster running, however the test before left it."""
    cluster.up(durable=False)
    return cluster


def _pid(cluster: Cluster) -> int:
    pid = cluster.status().pid
    assert pid is not None
    return pid


def _data_dir(cluster: Cluster) -> Path:
    data_dir = cluster.status().data_dir
    assert data_dir is not None
    return data_dir


def _answer(cluster: Cluster) -> int:
    with connected(cluster) as session:
        found = session.execute("select answer from kept").fetchone()
    assert found is not None
    return int(found[0])


def test_up_twice_is_one_server(running: Cluster) -> None:
    """A running server is used again: same process, same port."""
    before = running.status()

    after = running.up(durable=False)

    assert after == before
    assert after.is_running


def test_two_ups_at_once_are_one_server(running: Cluster) -> None:
    """Whoever comes second waits for the first and finds its server."""
    running.down()

    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: running.up(durable=False), range(2))

    assert first == second
    assert first.is_running


def test_the_server_is_a_child_of_no_command_and_of_no_terminal(running: Cluster) -> None:
    """Neither our end nor a Ctrl-C in our terminal reaches it."""
    pid = _pid(running)

    assert os.getsid(pid) != os.getsid(0)
    assert os.getpgid(pid) != os.getpgid(0)
    assert f"PPid:\t{os.getpid()}\n" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")


def test_data_survive_a_killed_server(running: Cluster) -> None:
    """After `kill -9` the next up finds every committed row, under the same port."""
    port = running.status().port

    os.kill(_pid(running), signal.SIGKILL)
    started = running.up(durable=False)

    assert _answer(running) == 42
    assert started.port == port


def test_a_process_that_got_the_number_of_a_dead_server_is_not_taken_for_it(running: Cluster) -> None:
    """After a reboot the old process number may belong to anybody, even to a process of the server's user."""
    data = _data_dir(running)
    lock = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    running.down()
    owner = data.stat()
    identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": ()} if os.geteuid() == 0 else {}
    with subprocess.Popen([shutil.which("sleep") or "", "60"], cwd="/", **identity) as stranger:
        (data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lock[1:], ""]), encoding="utf-8")
        os.chown(data / "postmaster.pid", owner.st_uid, owner.st_gid)

        is_running_before = running.status().is_running
        running.up(durable=False)

        assert not is_running_before
        assert _answer(running) == 42
        assert stranger.poll() is None
        stranger.kill()


def test_an_interrupted_making_is_begun_again() -> None:
    """Killed while the data directory is made, the next up makes it anew; nothing half made is used or left."""
    with reachable_folder() as folder:
        command = [sys.executable, "-c", UP, str(folder)]
        with subprocess.Popen(command, start_new_session=True) as making:
            while not (list(folder.glob("pg/data.*")) and list(folder.glob("pg/.password.*"))):
                assert making.poll() is None
                time.sleep(0.01)
            os.killpg(making.pid, signal.SIGKILL)

        with throwaway_cluster(folder) as cluster:
            assert cluster.status().is_running
            assert not [*folder.glob("pg/data.*"), *folder.glob("pg/.password.*")]


def test_a_server_that_does_not_start_says_why_in_full(running: Cluster) -> None:
    """Data that everybody may read are refused, with the server's own word on what they should be."""
    running.down()
    data = _data_dir(running)
    data.chmod(0o755)
    try:
        with pytest.raises(ServerStartError) as refused:
            running.up(durable=False)
    finally:
        data.chmod(0o700)

    assert "has invalid permissions" in str(refused.value)
    assert "0700" in str(refused.value)


def test_a_port_taken_meanwhile_is_left_to_whoever_took_it(running: Cluster) -> None:
    """The server goes to another port, and the URL says so."""
    port = running.status().port
    assert port is not None
    running.down()
    with socket.create_server(("127.0.0.1", port)):
        started = running.up(durable=False)

    assert started.port != port
    assert f":{started.port}/" in running.url(DatabaseRole.APP)
    assert _answer(running) == 42


def test_a_stopped_cluster_has_no_address(running: Cluster) -> None:
    """Stopping twice does nothing the second time; who asks for the URL hears what to do."""
    assert running.down()
    assert not running.down()

    assert not running.status().is_running
    with pytest.raises(ClusterDownError, match="geo-engine db up"):
        running.url(DatabaseRole.APP)


def test_it_listens_to_this_machine_only_and_never_on_the_systems_port(running: Cluster) -> None:
    """The server is on 127.0.0.1 alone and its port is not 5432."""
    with connected(running) as session:
        listens = session.execute("select current_setting('listen_addresses'), current_setting('port')").fetchone()

    assert listens == ("127.0.0.1", str(running.status().port))
    assert running.status().port != SYSTEM_PORT


def test_nobody_comes_in_without_a_password(running: Cluster) -> None:
    """Neither over TCP nor over the socket, whoever the operating system says one is."""
    port = running.status().port
    with connected(running) as session:
        found = session.execute("show unix_socket_directories").fetchone()
    assert found is not None

    for host in ("127.0.0.1", found[0]):
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(host=host, port=port, user=DatabaseRole.SUPERUSER, dbname="postgres")


def test_passwords_are_in_one_file_that_only_its_owner_reads(running: Cluster) -> None:
    """`cluster.json` is 0600; no other file, status or log has a password of it."""
    folder = _data_dir(running).parent
    record = folder / "cluster.json"
    passwords = json.loads(record.read_text(encoding="utf-8"))["passwords"].values()
    logs = [*folder.glob("log/*"), folder / "start.log", folder / "postgresql.conf", folder / "pg_hba.conf"]

    said = "".join(path.read_text(encoding="utf-8") for path in logs) + repr(running.status()) + repr(vars(running))

    assert record.stat().st_mode & 0o777 == 0o600
    assert len(set(passwords)) == len(DatabaseRole)
    assert not any(password in said for password in passwords)


def test_settings_are_for_good_unless_the_cluster_is_thrown_away(running: Cluster) -> None:
    """Only an explicit wish gives up durability; times are UTC and text is UTF-8 either way."""
    asked = "select current_setting('fsync'), current_setting('timezone'), current_setting('server_encoding')"
    with connected(running) as session:
        thrown_away = session.execute(asked).fetchone()
    running.down()
    running.up()
    with connected(running) as session:
        kept = session.execute(asked).fetchone()
    running.down()

    assert thrown_away == ("off", "UTC", "UTF8")
    assert kept == ("on", "UTC", "UTF8")
