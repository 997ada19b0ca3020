"""What pages are drawn with, served by ourselves: nothing comes from another host."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Response, abort, send_from_directory, url_for

from geo_engine import reports

_OURS = Path(__file__).parent / "static"
_MAP = Path(reports.__file__).parent / "assets"
_LEAFLET = _MAP / "node_modules" / "leaflet" / "dist"
_CLUSTER = _MAP / "node_modules" / "leaflet.markercluster" / "dist"
_FOLDERS: Mapping[str, Path] = {"web": _OURS, "map": _MAP, "leaflet": _LEAFLET, "cluster": _CLUSTER}
_KINDS = frozenset({".js", ".css", ".png", ".svg", ".webmanifest"})
_FOR_EVER = 365 * 86_400

assets = Blueprint("assets", __name__)


def _version() -> str:
    """Return a name for the assets as they are, so that a browser may keep them for ever."""
    digest = hashlib.sha256()
    for folder in _FOLDERS.values():
        for path in sorted(folder.glob("*.*")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


VERSION = _version()


def asset_url(folder: str, name: str) -> str:
    """Return where an asset is found; the modules beside it are found beside it."""
    return url_for("assets.send", version=VERSION, folder=folder, name=name)


@assets.get("/assets/<version>/<folder>/<path:name>")
def send(version: str, folder: str, name: str) -> Response:
    """Send an asset; an older version's address is answered with this version's, not to be kept."""
    if folder not in _FOLDERS or Path(name).suffix not in _KINDS or "node_modules" in Path(name).parts:
        abort(404)
    response = send_from_directory(_FOLDERS[folder], name, max_age=_FOR_EVER if version == VERSION else 0)
    if version == VERSION:
        response.cache_control.immutable = True
    return response
