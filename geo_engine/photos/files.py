"""Where the bytes of photos are kept: outside the database, by company and by what they hold."""

import hashlib
import logging
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import fsspec
from fsspec import AbstractFileSystem

from geo_engine.errors import InvalidInput, NotFound, Unavailable
from geo_engine.ids import TenantId
from geo_engine.system_errors import reason_of
from geo_engine.words import Message

_SHA256 = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)
_LOCAL = frozenset({"file", "local"})


class PhotoFileMissing(NotFound):
    """There is no file of such a hash: it was erased, or somebody took it away."""

    def __init__(self, sha256: str) -> None:
        super().__init__(Message("The file {sha256} of a photo is not there.", {"sha256": sha256}))
        self.sha256 = sha256


class PhotoFileDamaged(Unavailable):
    """A file does not hold what it held when it was kept."""

    def __init__(self, sha256: str) -> None:
        super().__init__(Message("The file {sha256} of a photo was changed since it was kept.", {"sha256": sha256}))
        self.sha256 = sha256


class PhotoPlaceUnavailable(Unavailable):
    """Where photos are kept cannot be reached."""

    def __init__(self, reason: Message | str) -> None:
        super().__init__(Message("Photos cannot be kept or read just now: {reason}", {"reason": reason}))


class PhotoFiles(Protocol):
    """Files by company and hash; no path leads from one company to another's."""

    def keep(self, tenant_id: TenantId, content: bytes) -> str:
        """Keep bytes, as a whole or not at all, and return their SHA-256 in hex; known ones stay as they are.

        Raises
        ------
        PhotoPlaceUnavailable
            When they cannot be kept.
        """

    def read(self, tenant_id: TenantId, sha256: str) -> bytes:
        """Return the bytes of a hash.

        Raises
        ------
        PhotoFileMissing, PhotoFileDamaged, PhotoPlaceUnavailable
            When they are not there, are others, or cannot be read.
        """

    def delete(self, tenant_id: TenantId, sha256: str) -> None:
        """Delete the bytes of a hash, if they are there.

        Raises
        ------
        PhotoPlaceUnavailable
            When they cannot be deleted.
        """


def open_photo_files(address: str | None, *, state_dir: Path) -> PhotoFiles:
    """Return where an installation keeps its photos.

    Parameters
    ----------
    address
        Such as ``s3://bucket/photos`` or ``file:///srv/photos``; a folder of the state folder unless given.

    Raises
    ------
    InvalidInput
        When nothing is known that keeps files at such an address.
    PhotoPlaceUnavailable
        When the package is missing that does.
    """
    if address is None:
        return _Folder(state_dir / "photos")
    protocol, _, place = address.rpartition("://")
    if protocol in _LOCAL or not protocol:
        return _Folder(Path(place))
    try:
        system, root = fsspec.core.url_to_fs(address)
    except ImportError as error:
        raise PhotoPlaceUnavailable(str(error)) from error
    except ValueError as error:
        raise InvalidInput(Message("Photos cannot be kept at {address}.", {"address": address})) from error
    return _Remote(system, root)


class _Folder:
    """A folder of this machine; its files and folders are this user's alone."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, tenant_id: TenantId, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(tenant_id, sha256)
        try:
            if not path.exists():
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write_for_good(path, content)
        except OSError as error:
            raise PhotoPlaceUnavailable(reason_of(error)) from error
        return sha256

    def read(self, tenant_id: TenantId, sha256: str) -> bytes:
        try:
            content = self._path(tenant_id, sha256).read_bytes()
        except FileNotFoundError as error:
            raise PhotoFileMissing(sha256) from error
        except OSError as error:
            raise PhotoPlaceUnavailable(reason_of(error)) from error
        return _verified(content, sha256)

    def delete(self, tenant_id: TenantId, sha256: str) -> None:
        try:
            self._path(tenant_id, sha256).unlink(missing_ok=True)
        except OSError as error:
            raise PhotoPlaceUnavailable(reason_of(error)) from error

    def _path(self, tenant_id: TenantId, sha256: str) -> Path:
        return self._root / _name(tenant_id, sha256)


class _Remote:
    """Anything that fsspec reaches; stores of objects take each as a whole."""

    def __init__(self, system: AbstractFileSystem, root: str) -> None:
        self._system, self._root = system, root.rstrip("/")

    def keep(self, tenant_id: TenantId, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(tenant_id, sha256)
        try:
            if not self._system.exists(path):
                self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
                self._system.pipe_file(path, content)
        except _errors() as error:
            raise _unanswered(error) from error
        return sha256

    def read(self, tenant_id: TenantId, sha256: str) -> bytes:
        try:
            content: bytes = self._system.cat_file(self._path(tenant_id, sha256))
        except FileNotFoundError as error:
            raise PhotoFileMissing(sha256) from error
        except _errors() as error:
            raise _unanswered(error) from error
        return _verified(content, sha256)

    def delete(self, tenant_id: TenantId, sha256: str) -> None:
        try:
            with suppress(FileNotFoundError):
                self._system.rm_file(self._path(tenant_id, sha256))
        except _errors() as error:
            raise _unanswered(error) from error

    def _path(self, tenant_id: TenantId, sha256: str) -> str:
        return f"{self._root}/{_name(tenant_id, sha256)}"


def _name(tenant_id: TenantId, sha256: str) -> str:
    """Return a path within the root: the company first, so that nothing of another is ever beside it."""
    if _SHA256.fullmatch(sha256) is None:
        raise PhotoFileMissing(sha256)
    return f"{tenant_id}/{sha256[:2]}/{sha256}"


def _verified(content: bytes, sha256: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise PhotoFileDamaged(sha256)
    return content


def _write_for_good(path: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole, also after a loss of power, or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unanswered(error: BaseException) -> PhotoPlaceUnavailable:
    """Return what is told of a store that fails; what it says itself is for whoever runs the installation."""
    _log.warning("Photos: %s", error)
    return PhotoPlaceUnavailable(Message("where they are kept does not answer as it should"))


def _errors() -> tuple[type[BaseException], ...]:
    """Return what a store may raise: the library that reaches S3 has errors that are no OSError."""
    s3 = sys.modules.get("botocore.exceptions")
    return (OSError,) if s3 is None else (OSError, s3.BotoCoreError)
