"""Workers of the queue in processes of their own, watched from outside, and one in a hurry."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import Database
from geo_engine.jobs import registered_tasks
from geo_engine.photos.files import open_photo_files
from geo_engine.queue.worker import Rhythm, run_worker
from geo_engine.settings import read_settings
from support.program import LoadedProcess

HURRIED = Rhythm(
    beat_every_s=0.3, stalled_after_s=1.5, sweep_every_s=0.2, poll_every_s=0.3, try_again_s=0.2, open_within_s=2.0
)


class WorkerProcess:
    """A running worker; what it logs goes to a file."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        addresses: dict[DatabaseRole, str],
        log: Path,
        cache_dir: Path | None = None,
    ) -> None:
        names = {DatabaseRole.APP: "DATABASE_URL", DatabaseRole.OWNER: "DATABASE_OWNER_URL"}
        environment = {**os.environ, **{names[role]: address for role, address in addresses.items()}}
        if cache_dir is not None:
            environment["GEO_ENGINE_CACHE_DIR"] = str(cache_dir)
        self._log = log
        with log.open("ab") as file:
            self._process = _started(command, file, folder=log.parent, environment=environment)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def ended(self, *, within_s: float = 20.0) -> int:
        """Return the exit code, waiting for the end."""
        return self._process.wait(timeout=within_s)

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.wait()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def said(self) -> str:
        """Return its log."""
        return self._log.read_text(encoding="utf-8")

    def solvers(self) -> set[int]:
        """Return the processes it has started and that live."""
        threads = Path(f"/proc/{self._process.pid}/task")
        return {int(child) for thread in threads.iterdir() for child in (thread / "children").read_text().split()}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have its solvers, each of which takes a whole processor, stand still meanwhile; it works on as it did."""
        solvers = self.solvers()
        for solver in solvers:
            os.kill(solver, signal.SIGSTOP)
        try:
            yield
        finally:
            for solver in solvers:
                os.kill(solver, signal.SIGCONT)


def _started(
    command: Sequence[str | Path], file: IO[bytes], *, folder: Path, environment: dict[str, str]
) -> LoadedProcess | subprocess.Popen[bytes]:
    if not command:
        return LoadedProcess(["worker"], out=file, err=file, folder=folder, environment=environment, main=main)
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment, cwd=folder)


@contextmanager
def running_worker(
    addresses: dict[DatabaseRole, str], log: Path, *command: str | Path, cache_dir: Path | None = None
) -> Iterator[WorkerProcess]:
    """Give a worker in a hurry, or the one a command starts; it is killed at the end if it still runs."""
    worker = WorkerProcess(command, addresses=addresses, log=log, cache_dir=cache_dir)
    try:
        yield worker
    finally:
        worker.kill()


def wait_for[T](look: Callable[[], T], what: str, *, within_s: float = 30.0) -> T:
    """Return what `look` sees as soon as that is something."""
    give_up_at_s = time.monotonic() + within_s
    while time.monotonic() < give_up_at_s:
        if seen := look():
            return seen
        time.sleep(0.05)
    raise AssertionError(f"waited {within_s:.0f} s in vain for {what}")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # it may end between opening and reading
        return False
    return state != "Z"


def main() -> None:
    """Work as `geo-engine worker` does, but notice everything sooner."""
    logging.basicConfig(level=logging.INFO)
    settings = read_settings()
    database = Database(settings.database_url or "", pool_size=2)
    photos = open_photo_files("memory://photos", state_dir=settings.state_dir)
    tasks = registered_tasks(database, cache_dir=settings.cache_dir, photos=photos)
    run_worker(settings.database_url or "", tasks, concurrency=1, rhythm=HURRIED)
