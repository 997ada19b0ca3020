"""Where the bytes of photos are kept."""

import errno
import hashlib
import os
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.ids import TenantId
from geo_engine.photos.files import (
    PhotoFileDamaged,
    PhotoFileMissing,
    PhotoFiles,
    PhotoPlaceUnavailable,
    open_photo_files,
)
from geo_engine.words import Language

ONE, OTHER = TenantId(uuid.UUID(int=1)), TenantId(uuid.UUID(int=2))
CONTENT = b"a photo"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=[lambda _: None, lambda folder: f"memory://{folder.name}", lambda folder: f"file://{folder}"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoFiles:
    """Give files in the state folder, at an address, and in a folder that an address names."""
    address: Callable[[Path], str | None] = request.param
    return open_photo_files(address(tmp_path), state_dir=tmp_path)


def test_what_is_kept_is_read(files: PhotoFiles) -> None:
    """By its hash, as often as it is kept."""
    assert files.keep(ONE, CONTENT) == SHA256
    assert files.keep(ONE, CONTENT) == SHA256

    assert files.read(ONE, SHA256) == CONTENT


def test_nobody_reaches_what_another_company_keeps(files: PhotoFiles) -> None:
    """Knowing the hash is not enough, and a hash is no path."""
    files.keep(ONE, CONTENT)

    for sha256 in (SHA256, f"../{ONE}/{SHA256[:2]}/{SHA256}", "", SHA256.upper()):
        with pytest.raises(PhotoFileMissing):
            files.read(OTHER, sha256)


def test_what_is_deleted_is_gone(files: PhotoFiles) -> None:
    """Of that company only; deleting again does nothing."""
    files.keep(ONE, CONTENT)
    files.keep(OTHER, CONTENT)

    files.delete(ONE, SHA256)
    files.delete(ONE, SHA256)

    with pytest.raises(PhotoFileMissing):
        files.read(ONE, SHA256)
    assert files.read(OTHER, SHA256) == CONTENT


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    """Whoever changed it: what is read has the hash that was asked for."""
    files = open_photo_files(None, state_dir=tmp_path)
    files.keep(ONE, CONTENT)
    (tmp_path / "photos" / str(ONE) / SHA256[:2] / SHA256).write_bytes(b"another")

    with pytest.raises(PhotoFileDamaged):
        files.read(ONE, SHA256)


def test_files_are_this_users_alone_and_whole(tmp_path: Path) -> None:
    """The company is first in the path, the hash is the name, and nothing unfinished lies beside it."""
    open_photo_files(None, state_dir=tmp_path).keep(ONE, CONTENT)

    found = [path for path in (tmp_path / "photos").rglob("*") if path.is_file()]

    assert [path.relative_to(tmp_path / "photos").as_posix() for path in found] == [f"{ONE}/{SHA256[:2]}/{SHA256}"]
    assert found[0].stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Such as one below a file; reading there finds nothing to trust either."""
    (tmp_path / "photos").write_text("in the way")
    files = open_photo_files(None, state_dir=tmp_path)

    for act in (lambda: files.keep(ONE, CONTENT), lambda: files.read(ONE, SHA256), lambda: files.delete(ONE, SHA256)):
        with pytest.raises(PhotoPlaceUnavailable):
            act()


def test_what_the_system_refuses_is_told_in_the_language_of_the_reader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not in the system's own."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(PhotoPlaceUnavailable) as refused:
        open_photo_files(None, state_dir=tmp_path).keep(ONE, CONTENT)

    assert refused.value.render(Language.ZH_CN) == "暂时无法保存或读取照片：磁盘空间不足"


def test_an_address_whose_package_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Something needed is missing, and it is said what."""
    monkeypatch.setitem(sys.modules, "s3fs", None)

    with pytest.raises(PhotoPlaceUnavailable, match="s3fs"):
        open_photo_files("s3://bucket/photos", state_dir=tmp_path)


def test_an_address_of_nothing_known_is_refused(tmp_path: Path) -> None:
    """A mistake in the settings is no reason to keep photos somewhere else."""
    with pytest.raises(InvalidInput, match="nonsense://x"):
        open_photo_files("nonsense://x", state_dir=tmp_path)
