"""`geo-engine up`: everything runs, what dies is healed, and nothing is left at the end."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from support.cluster import reachable_folder, remove_cluster
from support.outcomes import kill_server
from support.program import PROGRAM
from support.workers import is_alive, wait_for

from geo_engine.db.cluster import Cluster

START_S = 90.0  # making and migrating a database, on a busy machine
HEALED_S = 40.0


class Installation:
    """A running `geo-engine up`, watched from outside."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
        self.process = process
        self.folder = folder
        self.port = port

    def said(self) -> str:
        """Return what it has said on standard error."""
        return (self.folder / "errors").read_text(encoding="utf-8")

    def printed(self) -> str:
        """Return what it has printed on standard output."""
        return (self.folder / "printed").read_text(encoding="utf-8")

    def wait_until_ready(self) -> None:
        """Wait for the line on standard output."""
        wait_for(lambda: self.printed() or self.process.poll() is not None, "the address", within_s=START_S)
        assert self.printed(), self.said()

    def answers(self) -> bool:
        """Whether the pages say that they are well."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def child(self, command: str) -> int | None:
        """Return the process that runs a command for it; None when none does."""
        for pid in _children(self.process.pid):
            if command in Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0"):
                return pid
        return None

    def everything(self) -> set[int]:
        """Return the processes it has started, and those they have."""
        found, left = set[int](), [self.process.pid]
        while left:
            fresh = _children(left.pop()) - found
            found |= fresh
            left += fresh
        return found

    def kill_child(self, command: str) -> int:
        """End the process of a command as a crash would, and return the one that takes its place."""
        before = self.child(command)
        assert before is not None
        os.kill(before, signal.SIGKILL)
        return wait_for(lambda: ((now := self.child(command)) != before and now) or 0, f"another {command}")


def _children(pid: int) -> set[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return {int(child) for thread in threads for child in (thread / "children").read_text().split()}
    except FileNotFoundError:
        return set()


@pytest.fixture
def port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(port: int) -> Iterator[Callable[..., Installation]]:
    """Give what starts an installation with a private database of its own; its files are removed at the end."""
    with reachable_folder() as folder:
        started: list[Installation] = []

        def run(*options: str) -> Installation:
            environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
            environment |= {"GEO_ENGINE_STATE_DIR": str(folder), "GEO_ENGINE_CACHE_DIR": str(folder / "cache")}
            command = [str(PROGRAM), "--lang", "en", "up", "--port", str(port), *options]
            with (folder / "printed").open("wb") as printed, (folder / "errors").open("wb") as errors:
                process = subprocess.Popen(command, env=environment, stdout=printed, stderr=errors)
            started.append(Installation(process, folder, port))
            return started[-1]

        try:
            yield run
        finally:
            for one in started:
                one.process.kill()
                one.process.wait()
            remove_cluster(Cluster(folder), folder)


def test_everything_runs_is_healed_and_ends(start: Callable[..., Installation], port: int) -> None:
    """The address is printed when the pages answer; killed children are replaced; SIGTERM leaves nothing running."""
    up = start()
    up.wait_until_ready()
    printed, answered = json.loads(up.printed()), up.answers()

    cluster = Cluster(up.folder)
    died = cluster.status().pid
    kill_server(cluster)
    wait_for(
        lambda: (now := cluster.status()).is_running and now.pid != died, "the database to run again", within_s=HEALED_S
    )
    replaced = {command: up.kill_child(command) for command in ("serve", "worker")}
    wait_for(up.answers, "the pages to answer again", within_s=HEALED_S)
    wait_for(lambda: up.said().count("Starting worker") >= 4, "both lanes to work again", within_s=HEALED_S)
    processes = up.everything()
    up.process.terminate()
    code = up.process.wait(timeout=20)

    assert (printed, answered) == ({"address": f"http://127.0.0.1:{port}/"}, True)
    assert set(replaced.values()) <= processes
    assert len(re.findall(r"ended \(signal 9\); it is started again in 1 s", up.said())) == 2
    assert code == 0, up.said()
    assert not any(map(is_alive, processes))
    assert not up.answers()
    assert Cluster(up.folder).status().is_running is False


def test_a_database_that_ran_before_is_left_running(start: Callable[..., Installation]) -> None:
    """What was not started here is not stopped here; a kill of `up` itself takes its children along."""
    with private_database(start) as (cluster, up):
        up.wait_until_ready()
        processes = up.everything()
        up.process.kill()

        wait_for(lambda: not any(map(is_alive, processes)), "the children to end")
        assert cluster.status().is_running


def test_a_port_in_use_is_told_before_anything_is_started(start: Callable[..., Installation], port: int) -> None:
    """Whoever has the port keeps it: exit 3, one sentence, no database made."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        up = start()

        assert up.process.wait(timeout=30) == 3
    assert up.said().strip() == f"Port {port} of 127.0.0.1 is in use. Choose another: --port"
    assert up.printed() == ""
    assert not (up.folder / "pg").exists()


@contextmanager
def private_database(start: Callable[..., Installation]) -> Iterator[tuple[Cluster, Installation]]:
    """Give the running database of an installation that was started with `--keep-db`, and the next installation."""
    first = start("--keep-db")
    first.wait_until_ready()
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(timeout=20) == 0
    cluster = Cluster(first.folder)
    assert cluster.status().is_running
    yield cluster, start()
