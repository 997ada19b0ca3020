"""The private PostGIS of an installation: made, started, found again and stopped by us, the system's untouched."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from geo_engine.db.cluster_files import (
    ClusterFolder,
    ClusterRecord,
    find_record,
    new_record,
    save_record,
    somebody_elses,
)
from geo_engine.db.cluster_places import (
    clear_socket_dir,
    locate_folder,
    place_folder,
    place_socket_dir,
    remove_socket_dir,
)
from geo_engine.db.cluster_process import (
    ServerStartError,
    choose_port,
    find_server,
    is_free,
    make_data,
    start_server,
    stop_server,
    wait_until_ready,
)
from geo_engine.db.cluster_settings import ACCESS_RULES, server_settings
from geo_engine.db.cluster_tools import PostgresTools, find_tools
from geo_engine.db.provision import provision
from geo_engine.db.roles import DATABASE_NAME, DatabaseRole
from geo_engine.errors import Unavailable
from geo_engine.words import Message

type StepListener = Callable[[Message], None]

_LOCK_TIMEOUT_S = 180.0
_LOCK_POLL_S = 0.1
_LEFTOVERS_TIMEOUT_S = 20.0
_LEFTOVERS_POLL_S = 0.5


class ClusterDownError(Unavailable):
    """There is no private database, or it does not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """What can be seen of a cluster without signing in.

    Parameters
    ----------
    is_running
        Whether its server takes connections.
    data_dir, major
        Where the data lie and the version of PostgreSQL that made them; None before the first start.
    port, pid
        Of the running server.
    """

    is_running: bool
    data_dir: Path | None
    major: int | None
    port: int | None
    pid: int | None


class Cluster:
    """The private cluster of one state directory.

    Parameters
    ----------
    state_dir
        Its files lie in ``pg`` of this folder.
    postgres_bin
        The folder of PostgreSQL's programs; found unless given.
    """

    def __init__(self, state_dir: Path, *, postgres_bin: Path | None = None) -> None:
        self._state_dir = state_dir.absolute()
        self._postgres_bin = postgres_bin

    def up(self, *, durable: bool = True, on_step: StepListener = lambda _: None) -> ClusterStatus:
        """Make the cluster if there is none, start it if it does not run, and provide roles and extensions.

        Parameters
        ----------
        durable
            Whether data survive a crash of the machine; a cluster for tests need not and is faster.
        on_step
            Is told what takes a while, before it begins.

        Raises
        ------
        Unavailable
            When no PostgreSQL with PostGIS is installed, or the server does not start.
        """
        with self._locked():
            folder = place_folder(self._state_dir)
            record = find_record(folder.path) or new_record()
            server = find_server(folder.data)
            if server is None:
                record = self._start(folder, record, durable=durable, on_step=on_step)
            else:
                wait_until_ready(folder, pid=server.pid)
            maintenance_database = _url(record, DatabaseRole.SUPERUSER, database="postgres")
            provision(maintenance_database, database=DATABASE_NAME, passwords=record.passwords)
        return self.status()

    def down(self) -> bool:
        """Stop the server, ending its connections; return whether it ran.

        Raises
        ------
        Unavailable
            When it is somebody else's, or does not stop in time.
        """
        if locate_folder(self._state_dir) is None:
            return False
        with self._locked():
            folder = locate_folder(self._state_dir)
            record = None if folder is None else find_record(folder.path)
            if folder is None or record is None:
                return False
            was_running = stop_server(folder.data)
            remove_socket_dir(record.socket_dir)
            return was_running

    def status(self) -> ClusterStatus:
        """Return what the cluster is like now.

        Raises
        ------
        Unavailable
            When it is somebody else's.
        """
        folder = locate_folder(self._state_dir)
        if folder is None:
            return ClusterStatus(is_running=False, data_dir=None, major=None, port=None, pid=None)
        server = find_server(folder.data)
        return ClusterStatus(
            is_running=server is not None and server.is_ready,
            data_dir=folder.data,
            major=_data_major(folder),
            port=None if server is None else server.port,
            pid=None if server is None else server.pid,
        )

    def url(self, role: DatabaseRole, *, database: str = DATABASE_NAME) -> str:
        """Return where and as whom to connect to the running server; it holds the role's password.

        Raises
        ------
        ClusterDownError
            When the cluster does not run.
        ClusterFilesError
            When it is somebody else's.
        """
        folder = locate_folder(self._state_dir)
        server = None if folder is None else find_server(folder.data)
        record = None if folder is None else find_record(folder.path)
        if server is None or record is None:
            raise ClusterDownError(Message("The database does not run. Start it: geo-engine db up"))
        return _url(replace(record, port=server.port), role, database=database)

    def _start(
        self, folder: ClusterFolder, record: ClusterRecord, *, durable: bool, on_step: StepListener
    ) -> ClusterRecord:
        tools = find_tools(bin_dir=self._postgres_bin, major=_data_major(folder))
        if not folder.data.exists():
            on_step(Message("Making the database in {folder}", {"folder": folder.path}))
            save_record(folder, record)
            make_data(folder, tools, password=record.passwords[DatabaseRole.SUPERUSER], is_durable=durable)
        on_step(Message("Starting the database"))
        record = replace(record, socket_dir=place_socket_dir(folder, record.socket_dir))
        folder.make_server_folder(folder.log)
        folder.write("pg_hba.conf", ACCESS_RULES)
        return _start_on_free_port(folder, record, tools, durable=durable)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep every other command from starting or stopping this cluster meanwhile."""
        self._state_dir.mkdir(parents=True, exist_ok=True)
        try:
            lock = os.open(self._state_dir / "pg.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except PermissionError:
            raise somebody_elses(self._state_dir / "pg") from None
        try:
            _wait_for(lock)
            yield
        finally:
            os.close(lock)


def _wait_for(lock: int) -> None:
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Unavailable(Message("Another command is still starting or stopping the database.")) from None
            time.sleep(_LOCK_POLL_S)
        else:
            return


def _start_on_free_port(
    folder: ClusterFolder, record: ClusterRecord, tools: PostgresTools, *, durable: bool
) -> ClusterRecord:
    """Start the server, on another port when somebody takes the chosen one first."""
    taken: set[int] = set()
    deadline = time.monotonic() + _LEFTOVERS_TIMEOUT_S
    while True:
        record = replace(record, port=choose_port(folder.path, remembered=record.port, taken=frozenset(taken)))
        settings = server_settings(
            port=record.port,
            socket_dir=record.socket_dir,
            log_dir=folder.log,
            access_rules=folder.path / "pg_hba.conf",
            is_durable=durable,
        )
        folder.write("postgresql.conf", settings)
        save_record(folder, record)
        clear_socket_dir(record.socket_dir)
        try:
            start_server(folder, tools)
        except ServerStartError:
            if not is_free(record.port):
                taken.add(record.port)
            elif "shared memory block" in folder.last_words() and time.monotonic() < deadline:
                time.sleep(_LEFTOVERS_POLL_S)  # processes of a killed server are still ending
            else:
                raise
        else:
            return record


def _data_major(folder: ClusterFolder) -> int | None:
    try:
        return int((folder.data / "PG_VERSION").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _url(record: ClusterRecord, role: DatabaseRole, *, database: str) -> str:
    password = quote(record.passwords[role], safe="")
    return f"postgresql://{role}:{password}@127.0.0.1:{record.port}/{quote(database, safe='')}"
