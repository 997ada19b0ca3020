"""What lies in the folder of the private cluster: settings, log of the start, and what `cluster.json` remembers."""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo_engine.db.roles import DatabaseRole
from geo_engine.errors import Unavailable
from geo_engine.words import Message

_RECORD = "cluster.json"
_PASSWORD_BYTES = 24
_HASH_LETTERS = 16


class ClusterFilesError(Unavailable):
    """The cluster's files cannot be used as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """The operating system's user that the server runs as."""

    name: str
    uid: int
    gid: int

    def run_as(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess` run a program as this user, in a folder anyone may enter."""
        if self.uid == os.geteuid():
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.uid, "group": self.gid, "extra_groups": ()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFolder:
    """The folder of a cluster, free of symbolic links, and the user its server runs as.

    What we write lies in the folder itself; what the server writes lies in its ``data``, ``log`` and socket
    folder, which alone are the server user's.
    """

    path: Path
    user: ServerUser

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.path / "data"

    @property
    def log(self) -> Path:
        """Where the server keeps the messages of the last seven days."""
        return self.path / "log"

    def make_server_folder(self, path: Path) -> None:
        """Make a folder that only the server's user (and root) can enter, or leave it as it is."""
        path.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(path, self.user.uid, self.user.gid, follow_symlinks=False)

    def write(self, name: str, text: str, *, mode: int = 0o644) -> None:
        """Write a file of ours: whole or not at all, owned like the folder."""
        fresh = self.path / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            self._own_like_folder(file.fileno())
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path / name)

    def open_start_log(self) -> int:
        """Return a descriptor of an emptied file for what the server says before its own log is open."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
        descriptor = os.open(self.path / "start.log", flags, 0o600)
        self._own_like_folder(descriptor)
        return descriptor

    def last_words(self) -> str:
        """Return why the server ended, as it says in the newest of its logs."""
        logs = [self.path / "start.log", *self.log.glob("*.log")]
        logs = sorted((log for log in logs if log.exists()), key=lambda log: log.stat().st_mtime_ns)
        lines = [line for log in logs[-2:] for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
        fatal = [at for at, line in enumerate(lines) if "FATAL" in line or "PANIC" in line]
        if not fatal:
            return next(reversed(lines), "").strip()
        why = [line for line in lines[fatal[-1] + 1 : fatal[-1] + 3] if "DETAIL" in line or "HINT" in line]
        return " ".join(line.strip() for line in (lines[fatal[-1]], *why))

    def _own_like_folder(self, descriptor: int) -> None:
        if os.geteuid() == 0:
            owner = self.path.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRecord:
    """What is remembered of a cluster between two commands.

    Parameters
    ----------
    port
        Where it listens on 127.0.0.1; 0 before its first start.
    socket_dir
        The folder of its unix socket.
    passwords
        One a role.
    """

    port: int
    socket_dir: Path
    passwords: Mapping[DatabaseRole, str] = field(repr=False)


def somebody_elses(folder: Path) -> ClusterFilesError:
    """Return the error of a folder that this user may not read."""
    facts = {"folder": folder}
    return ClusterFilesError(
        Message("The database in {folder} belongs to another user; run this as that user or as root.", facts)
    )


def new_record() -> ClusterRecord:
    """Return the record of a cluster that does not exist yet, with random passwords."""
    passwords = {role: secrets.token_urlsafe(_PASSWORD_BYTES) for role in DatabaseRole}
    return ClusterRecord(port=0, socket_dir=Path(), passwords=passwords)


def find_record(folder: Path) -> ClusterRecord | None:
    """Return what `cluster.json` of the folder remembers, or None when there is none.

    Raises
    ------
    ClusterFilesError
        When it is damaged or somebody else's.
    """
    path = folder / _RECORD
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return ClusterRecord(
            port=int(document["port"]),
            socket_dir=Path(document["socket_dir"]),
            passwords={role: str(document["passwords"][role]) for role in DatabaseRole},
        )
    except FileNotFoundError:
        return None
    except PermissionError:
        raise somebody_elses(folder) from None
    except (ValueError, KeyError, TypeError):
        raise ClusterFilesError(
            Message("{path} is damaged; it holds the passwords of the database beside it.", {"path": path})
        ) from None


def save_record(folder: ClusterFolder, record: ClusterRecord) -> None:
    """Write `cluster.json`, which only the cluster's owner can read."""
    document = {
        "port": record.port,
        "socket_dir": str(record.socket_dir),
        "data_dir": str(folder.data),
        "os_user": folder.user.name,
        "passwords": dict(record.passwords),
    }
    folder.write(_RECORD, json.dumps(document, indent=1) + "\n", mode=0o600)


def short_hash(path: Path) -> str:
    """Return hexadecimal digits that stand for a path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:_HASH_LETTERS]
