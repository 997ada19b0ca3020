"""Photographs for measurements: taken out of packages by name and version, each once, into a folder of the cache.

Which, and under which licence, says ``photo_pictures.json``; all were looked at, and what is drawn, or shows another
one of them again, was left out. None of them is in the repository or used by the suite of tests.
"""

import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from geo_engine.settings import read_settings

_LIST = Path(__file__).with_suffix(".json")
_FOLDER = read_settings().cache_dir / "photo-pictures"
_PATIENCE_S = 600


def picture_paths() -> list[Path]:
    """Return the photographs, after fetching the packages that are not there yet."""
    listed = json.loads(_LIST.read_text(encoding="utf-8"))["packages"]
    return [path for name, package in listed.items() for path in _paths(name, package)]


def same_scenes(paths: Sequence[Path]) -> set[frozenset[int]]:
    """Return which of the photographs, by their numbers, show the same scene on different occasions or sides."""
    listed = json.loads(_LIST.read_text(encoding="utf-8"))["same_scene"]
    number = {ending: _number(paths, ending) for pair in listed for ending in pair}
    return {frozenset(number[ending] for ending in pair) for pair in listed}


def read_picture(path: Path, longest_px: int) -> Image.Image:
    """Return a photograph in RGB, at most so long."""
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((longest_px, longest_px))
    return picture


def _number(paths: Sequence[Path], ending: str) -> int:
    return next(number for number, path in enumerate(paths) if path.as_posix().endswith(ending))


def _paths(name: str, package: dict[str, object]) -> Iterator[Path]:
    folder = _FOLDER / f"{name.replace('/', '-')}-{package['version']}".replace(":", "-")
    files: list[str] = package["files"]  # type: ignore[assignment]
    if not all((folder / file).is_file() for file in files):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"fetching {name} {package['version']}", file=sys.stderr)
        _FETCH[str(package["registry"])](name, str(package["version"]), folder)
    return (folder / file for file in files)


def _fetch_npm(name: str, version: str, folder: Path) -> None:
    _run(["npm", "pack", "--silent", f"{name}@{version}"], folder)
    for archive in folder.glob("*.tgz"):
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        archive.unlink()
    for inner in next(folder.iterdir()).iterdir():
        inner.rename(folder / inner.name)


def _fetch_pypi(name: str, version: str, folder: Path) -> None:
    uv = shutil.which("uv") or str(Path(__file__).parents[2] / ".local" / "uv" / "bin" / "uv")
    _run([uv, "pip", "install", "--quiet", "--no-deps", "--target", ".", f"{name}=={version}"], folder)


def _fetch_debian(name: str, version: str, folder: Path) -> None:
    _run(["apt-get", "download", "-qq", f"{name}={version}"], folder)
    for archive in folder.glob("*.deb"):
        _run(["dpkg-deb", "-x", archive.name, "."], folder)
        archive.unlink()


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, timeout=_PATIENCE_S, stdout=subprocess.DEVNULL)


_FETCH = {"npm": _fetch_npm, "pypi": _fetch_pypi, "debian": _fetch_debian}
