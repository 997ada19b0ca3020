"""How the server of a private cluster is started, found again and stopped, whatever happened in between."""

import errno
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from geo_engine.db.cluster_files import ClusterFolder, short_hash
from geo_engine.db.cluster_tools import PostgresTools
from geo_engine.db.roles import DatabaseRole
from geo_engine.errors import Unavailable
from geo_engine.words import Message

# Below what Linux and macOS hand out to outgoing connections, so that a free port stays free.
_FIRST_PORT, _PORT_COUNT = 25_432, 4_000
_SERVER_NAMES = {"postgres", "postmaster"}
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_LOCALE = ["--locale=C.UTF-8"] if sys.platform == "linux" else ["--locale=en_US.UTF-8", "--lc-collate=C"]
_INITDB: list[str | Path] = [
    *("--username", DatabaseRole.SUPERUSER, "--auth", "scram-sha-256", "--data-checksums", "--no-instructions"),
    *("--encoding", "UTF8", "--locale-provider", "libc", *_LOCALE),
]
_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 60.0
_POLL_S = 0.05
_PWFILE = ".password."
_REASON = re.compile(r"error:|FATAL|PANIC|DETAIL|HINT")


class ServerStartError(Unavailable):
    """The server did not start; the message ends with what it said itself."""


class ServerStopError(Unavailable):
    """The server did not stop in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server, as its ``postmaster.pid`` describes it."""

    pid: int
    port: int
    is_ready: bool


def find_server(data: Path) -> Server | None:
    """Return the server running on a data directory, or None.

    A process that merely got the number of a server that was killed is not taken for it.
    """
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid, port = int(lines[0]), int(lines[3])
    except (OSError, ValueError, IndexError):
        return None
    if not _is_server(pid, data):
        return None
    return Server(pid=pid, port=port, is_ready=lines[7:8] == ["ready   "])


def choose_port(folder: Path, *, remembered: int, taken: frozenset[int] = frozenset()) -> int:
    """Return a free port: the remembered one, else the first free one from a number that depends on the folder.

    Raises
    ------
    Unavailable
        When none is free.
    """
    first = int(short_hash(folder), 16)
    wanted = (_FIRST_PORT + (first + step) % _PORT_COUNT for step in range(_PORT_COUNT))
    for port in (remembered, *wanted):
        if port and port not in taken and is_free(port):
            return port
    raise Unavailable(Message("No port is free for the database on this machine."))


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def make_data(folder: ClusterFolder, tools: PostgresTools, *, password: str, is_durable: bool) -> None:
    """Make the data directory; an attempt that was interrupted leaves nothing that could be taken for one.

    Raises
    ------
    ServerStartError
        When `initdb` fails.
    """
    for left in folder.path.glob("data.*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.path.glob(f"{_PWFILE}*"):
        left.unlink(missing_ok=True)
    fresh = folder.path / f"data.{secrets.token_hex(4)}"  # an interrupted initdb may still be writing into its own
    folder.make_server_folder(fresh)
    with _password_file(folder, password) as password_file:
        command: list[str | Path] = [tools.path("initdb"), "--pgdata", fresh, "--pwfile", password_file, *_INITDB]
        done = subprocess.run(
            [*command, *([] if is_durable else ["--no-sync"])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=_environment(),
            **folder.user.run_as(),
        )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        reason = " ".join(line.strip() for line in said if _REASON.search(line)) or next(reversed(said), "")
        raise ServerStartError(Message("The database cannot be made: {reason}", {"reason": reason}))
    fresh.rename(folder.data)


def start_server(folder: ClusterFolder, tools: PostgresTools) -> None:
    """Start the server with the settings in the folder and wait until it takes connections.

    It is in a session of its own and nobody's child, so that neither a Ctrl-C nor our end reaches it.

    Raises
    ------
    ServerStartError
        When it ends at once, or is not ready in time.
    """
    _discard_stale_lock(folder.data)
    settings = folder.path / "postgresql.conf"
    server: list[str | Path] = [tools.path("postgres"), "-D", folder.data, "-c", f"config_file={settings}"]
    log = folder.open_start_log()
    try:
        launched = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *server],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            check=True,
            start_new_session=True,
            env=_environment(),
            **folder.user.run_as(),
        )
    finally:
        os.close(log)
    wait_until_ready(folder, pid=int(launched.stdout))


def wait_until_ready(folder: ClusterFolder, *, pid: int) -> None:
    """Wait until the server takes connections.

    Raises
    ------
    ServerStartError
        When it ends before, or takes too long.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while _is_alive(pid):
        server = find_server(folder.data)
        if server is not None and server.is_ready:
            return
        if time.monotonic() > deadline:
            raise ServerStartError(Message("The database is still starting; try again in a while."))
        time.sleep(_POLL_S)
    raise ServerStartError(Message("The database does not start: {reason}", {"reason": folder.last_words()}))


def stop_server(data: Path) -> bool:
    """Stop the server of a data directory, ending its connections; return whether one was running.

    Raises
    ------
    ServerStopError
        When it has not stopped in time.
    """
    server = find_server(data)
    if server is None:
        return False
    os.kill(server.pid, signal.SIGINT)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while _is_alive(server.pid):
        if time.monotonic() > deadline:
            raise ServerStopError(Message("The database (process {pid}) does not stop.", {"pid": server.pid}))
        time.sleep(_POLL_S)
    return True


@contextmanager
def _password_file(folder: ClusterFolder, password: str) -> Iterator[Path]:
    """Give a file with the password that only the server's user can read, and remove it."""
    path = folder.path / f"{_PWFILE}{secrets.token_hex(4)}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if os.geteuid() == 0:
            os.fchown(descriptor, folder.user.uid, folder.user.gid)
        os.write(descriptor, password.encode())
        yield path
    finally:
        os.close(descriptor)
        path.unlink()


def _environment() -> dict[str, str]:
    """Return what a server may know of our environment: no PG* variable, no key, and English messages."""
    return {"LC_ALL": "C", **{name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}}


def _discard_stale_lock(data: Path) -> None:
    """Remove a killed server's ``postmaster.pid`` when its number is now another process's.

    PostgreSQL would take that process for its predecessor. Processes the killed server left behind still keep
    a second one out: they hold its shared memory.
    """
    lock = data / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError):
        pid = int(lock.read_text(encoding="utf-8").splitlines()[0])
        if not _is_server(pid, data):
            lock.unlink()


def _is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and is not yet collected by its parent does not."""
    with suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return state.rpartition(")")[2].split()[0] not in {"Z", "X"}
    return not Path("/proc/self").exists() and _ps(pid) != ""


def _is_server(pid: int, data: Path) -> bool:
    """Whether the process is the server of this data directory, in which a server always works."""
    if not Path("/proc/self").exists():
        return f"-D {data}" in _ps(pid)
    with suppress(OSError):
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
        return name in _SERVER_NAMES and Path(f"/proc/{pid}/cwd").samefile(data)
    return False


def _ps(pid: int) -> str:
    """Return a process's command line where there is no /proc (macOS)."""
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
