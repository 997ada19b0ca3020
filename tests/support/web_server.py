"""The pages as people reach them: a server of ours in a process of its own, over a database with a company."""

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geo_engine.db.roles import DatabaseRole
from geo_engine.words import Language
from support.databases import OwnDatabase
from support.program import PROGRAM, LoadedProcess

_LONGEST_START_S = 120.0  # the first one loads for three seconds of a processor, of which a busy machine gives little


class WebServer:
    """A running server.

    Parameters
    ----------
    origin
        Scheme, host and port.

    Attributes
    ----------
    sessions, languages
        By company and login, the cookies of who has signed in here, and the language they chose last.
    """

    def __init__(self, environment: dict[str, str], port: int, log: Path, *options: str) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._words = [PROGRAM.name, "serve", "--port", str(port), *options]
        self._environment = environment
        self._log = log
        self.sessions: dict[tuple[str, str], list[Any]] = {}
        self.languages: dict[tuple[str, str], Language] = {}
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as file:
            self._process = LoadedProcess(self._words, out=file, err=file, environment=self._environment)
        give_up_at_s = time.monotonic() + _LONGEST_START_S
        while not self._answers():
            assert time.monotonic() < give_up_at_s, self._log.read_text(encoding="utf-8")
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        """The first of its processes."""
        return self._process.pid

    def kill(self) -> None:
        """End it as a crash does; `start` starts it again."""
        self._process.kill()
        self._process.wait(timeout=20)

    def stop(self) -> None:
        """End it as its service manager does."""
        self._process.terminate()
        self._process.wait(timeout=20)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/health", timeout=2) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError):
            return False


def served_environment(own: OwnDatabase, folder: Path, *, cache_dir: Path | None = None) -> dict[str, str]:
    """Return what a server, a worker and the command line of an installation find in their environment."""
    return {
        **os.environ,
        "DATABASE_URL": own.url(DatabaseRole.APP),
        "DATABASE_OWNER_URL": own.url(DatabaseRole.OWNER),
        "GEO_ENGINE_CACHE_DIR": str(cache_dir or folder / "cache"),
        "GEO_ENGINE_STATE_DIR": str(folder / "state"),
    }


@contextmanager
def running_server(own: OwnDatabase, folder: Path, *options: str, cache_dir: Path | None = None) -> Iterator[WebServer]:
    """Give a server on a free port, with options of `geo-engine serve`, and road graphs of its own or of others."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = served_environment(own, folder, cache_dir=cache_dir)
    server = WebServer(environment, port, folder / "web.log", *options)
    try:
        yield server
    finally:
        server.stop()
