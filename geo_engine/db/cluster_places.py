"""Where on this machine a cluster's files may lie so that the user its server runs as can reach them."""

import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from geo_engine.db.cluster_files import ClusterFilesError, ClusterFolder, ServerUser, find_record, short_hash
from geo_engine.words import Message

SYSTEM_HOME = Path("/var/lib/geo-engine")
_SHORT_LIVED = Path("/tmp")  # noqa: S108 - short enough for a socket; who owns a folder in it is checked
_SOCKET_DIR_BYTES = 90
_SERVER_USERS = ("postgres", "nobody")
_MADE_FOR = "made-for"


def locate_folder(state_dir: Path) -> ClusterFolder | None:
    """Return the cluster's folder if it holds a database; changes nothing.

    Raises
    ------
    ClusterFilesError
        When it is somebody else's, or what was remembered of it is lost.
    """
    path = Path(os.path.realpath(state_dir / "pg"))
    record = find_record(path)
    try:
        owner_uid = (path / "data").stat().st_uid
    except (FileNotFoundError, NotADirectoryError):
        return None
    if record is None:
        facts = {"folder": path, "file": "cluster.json"}
        raise ClusterFilesError(
            Message("{folder} holds a database, but {file} with its passwords is gone; put it back.", facts)
        )
    return ClusterFolder(path=path, user=_user(owner_uid))


def place_folder(state_dir: Path) -> ClusterFolder:
    """Return the cluster's folder, made where the server's user can reach it.

    Started by root, the server runs as an unprivileged user. Where that user cannot come, such as a clone
    below /root, the folder is made in (or moved to) /var/lib/geo-engine, and ``pg`` is a symbolic link to it.

    Raises
    ------
    ClusterFilesError
        When the folder is somebody else's, or there is no user to run the server.
    """
    link = state_dir / "pg"
    if link.is_symlink() and (not link.exists() or _is_anothers(link)):
        link.unlink()
    before = locate_folder(state_dir)
    if os.geteuid() != 0:
        link.mkdir(mode=0o700, parents=True, exist_ok=True)
        return before or ClusterFolder(path=Path(os.path.realpath(link)), user=_user(os.geteuid()))
    link.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder = ClusterFolder(path=Path(os.path.realpath(link)), user=before.user if before else _unprivileged_user())
    return folder if _can_enter(folder.user, folder.path) else _move_to_system_home(link, folder.user)


def place_socket_dir(folder: ClusterFolder, remembered: Path) -> Path:
    """Return the folder of the unix socket, made: short, plain in its letters, and entered by nobody else.

    Parameters
    ----------
    folder
        The cluster's folder; the socket lies in it when its path is short.
    remembered
        The folder used before.
    """
    inside = folder.path / "run"
    if len(os.fsencode(inside)) <= _SOCKET_DIR_BYTES and re.fullmatch(r"[\w./+-]+", str(inside), re.ASCII):
        folder.make_server_folder(inside)
        return inside
    chosen = remembered if remembered.parent == _SHORT_LIVED else _SHORT_LIVED / f"geo-engine-{short_hash(folder.path)}"
    with suppress(FileExistsError):
        chosen.mkdir(mode=0o700)
    if not _is_ours(chosen, folder.user):
        chosen = Path(tempfile.mkdtemp(prefix="geo-engine-", dir=_SHORT_LIVED))
    folder.make_server_folder(chosen)
    return chosen


def clear_socket_dir(folder: Path) -> None:
    """Remove what a killed server left in its socket folder."""
    for left in folder.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def remove_socket_dir(folder: Path) -> None:
    """Remove a socket folder that lies outside the cluster's own."""
    if folder.parent == _SHORT_LIVED and folder.name.startswith("geo-engine-"):
        with suppress(OSError):
            folder.rmdir()


def _is_ours(folder: Path, user: ServerUser) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid in {os.geteuid(), user.uid} and not found.st_mode & 0o077


def _move_to_system_home(link: Path, user: ServerUser) -> ClusterFolder:
    """Move the folder to where any user can reach it, and leave a symbolic link."""
    place = Path(os.path.realpath(link.parent)) / link.name
    home = SYSTEM_HOME / short_hash(place)
    SYSTEM_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    if (link / "data").exists():
        if home.exists():
            facts = {"path": link, "other": home}
            raise ClusterFilesError(Message("Both {path} and {other} hold a database; move one away.", facts))
        subprocess.run(["mv", "--", link, home], check=True)  # noqa: S607 - keeps owners across file systems
    else:
        shutil.rmtree(link)
        home.mkdir(mode=0o755, exist_ok=True)
    home.chmod(0o755)
    (home / _MADE_FOR).write_text(f"{place}\n", encoding="utf-8")
    link.symlink_to(home)
    return ClusterFolder(path=home, user=user)


def _is_anothers(link: Path) -> bool:
    """Whether the link was copied together with its checkout, whose own link still leads to the same folder."""
    made_for = link / _MADE_FOR
    if not made_for.exists():
        return False
    original = Path(made_for.read_text(encoding="utf-8").strip())
    own = Path(os.path.realpath(link.parent)) / link.name
    return original != own and original.is_symlink() and original.resolve() == link.resolve()


def _can_enter(user: ServerUser, path: Path) -> bool:
    done = subprocess.run(["test", "-x", path], check=False, **user.run_as())  # noqa: S607 - POSIX
    return done.returncode == 0


def _unprivileged_user() -> ServerUser:
    for name in _SERVER_USERS:
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return ServerUser(name=name, uid=found.pw_uid, gid=found.pw_gid)
    raise ClusterFilesError(Message("PostgreSQL refuses to run as root, and there is no user postgres or nobody."))


def _user(uid: int) -> ServerUser:
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        return ServerUser(name=str(uid), uid=uid, gid=os.getegid())
    return ServerUser(name=found.pw_name, uid=uid, gid=found.pw_gid)
