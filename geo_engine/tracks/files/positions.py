"""What the positions of JSON documents tell, and the reference systems that they may be in."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo_engine.errors import InvalidInput
from geo_engine.tracks.files.cells import Cells, read_texts
from geo_engine.tracks.files.columns import GEOMETRY, ColumnNames
from geo_engine.tracks.files.texts import is_known, json_numbers
from geo_engine.tracks.model import Track
from geo_engine.words import Message

_AMOUNTS = {
    "accuracy_m": "accuracies_m",
    "speed_mps": "speeds_mps",
    "heading_deg": "headings_deg",
    "battery_percent": "batteries_percent",
}
_WGS84_NAMES = ("CRS84", "CRS84h", "4326", "4979")


def position_cells(positions: Sequence[object]) -> dict[str, Cells]:
    """Return the numbers of positions as columns of `GEOMETRY`, longitude first, as RFC 7946 §3.1.1 has them."""
    depth = max((len(position) for position in positions if isinstance(position, list)), default=0)
    return {
        name: [position[at] if isinstance(position, list) and len(position) > at else None for position in positions]
        for at, name in enumerate(GEOMETRY)
        if at < max(depth, 2)
    }


def require_wgs84(file: str, document: object) -> None:
    """Refuse a document whose ``crs`` is another than WGS 84, as GeoJSON of 2008 and MF-JSON may name one.

    Raises
    ------
    InvalidInput
        When it is.
    """
    crs = document.get("crs") if isinstance(document, dict) else None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str((properties.get("name") or properties.get("href") or "") if isinstance(properties, dict) else "")
    if name and not name.endswith(_WGS84_NAMES):
        facts = {"file": file, "crs": name}
        raise InvalidInput(Message("{file} is in the reference system {crs}; only WGS 84 is read.", facts))


def told_device(properties: Mapping[str, Any], names: ColumnNames) -> str | None:
    """Return what properties say of the device; None when nothing."""
    told = (value for name, value in properties.items() if (column := names.find(name)) and column.name == "device")
    return read_texts([next(told, None)])[0] or None


def told_name(properties: Mapping[str, Any]) -> str:
    """Return what properties say of the name; empty when nothing."""
    return read_texts([properties.get("name")])[0]


def position_numbers(track: Track) -> list[list[float]]:
    """Return the positions of a track as JSON has them, longitude first; with altitudes when all are known."""
    axes = [track.lons_deg, track.lats_deg, *([track.altitudes_m] if _has_altitudes(track) else [])]
    numbers: list[list[float]] = np.column_stack(axes).tolist()
    return numbers


def told_amounts(track: Track) -> dict[str, Sequence[object]]:
    """Return what is known of the fixes beside their time and position, None where it is not, by our names."""
    told: dict[str, Sequence[object]] = {
        name: json_numbers(getattr(track, column))
        for name, column in _AMOUNTS.items()
        if is_known(getattr(track, column))
    }
    if not _has_altitudes(track) and is_known(track.altitudes_m):
        told["altitude_m"] = json_numbers(track.altitudes_m)
    if track.mocks.any():
        told["is_mock"] = track.mocks.tolist()
    return told


def _has_altitudes(track: Track) -> bool:
    return not bool(np.isnan(track.altitudes_m).any())
