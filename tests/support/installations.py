"""`geo-engine up` in a process of its own, with a private database, watched from outside."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from geo_engine.db.cluster import Cluster
from support.cluster import reachable_folder, remove_cluster
from support.program import PROGRAM
from support.workers import wait_for

START_S = 90.0  # making and migrating a database, on a busy machine


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
    except (FileNotFoundError, ProcessLookupError):  # it may end between opening and reading
        return set()


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def installations(port: int) -> Iterator[Callable[..., Installation]]:
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
