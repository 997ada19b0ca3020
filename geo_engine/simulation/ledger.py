"""What was acknowledged and what was true, written aside as it happens, for whoever compares it with the server."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from geo_engine.simulation.devices import Device
from geo_engine.simulation.truth import Truth
from geo_engine.tracks import Fix
from geo_engine.tracks.model import to_moment

_WAY_EVERY_S = 5


class Ledger:
    """The fixes that a server acknowledged, one JSON object a line; what was written is on the disk.

    Parameters
    ----------
    path
        A new file; or an older one, to be continued.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, entries: Sequence[tuple[Device, Fix]]) -> None:
        """Write acknowledged fixes, as their protocol says them, and return once the disk has them."""
        self._file.write(b"".join(_entry(device, fix) for device, fix in entries))
        self._file.flush()
        os.fsync(self._file.fileno())


class TruthFiles:
    """What was true, in a folder: `stays.jsonl`, and `ways.geojsonl` with a feature a line.

    Each way has the place of its worker at every fifth second, and the moments of them as `times`.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._stays = (folder / "stays.jsonl").open("w", encoding="utf-8")
        self._ways = (folder / "ways.geojsonl").open("w", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stays.close()
        self._ways.close()

    def write(self, worker: str, truth: Truth) -> None:
        """Write what a worker's day really was."""
        for stay in truth.stays:
            facts = {
                "worker": worker,
                "started_at": stay.started_at.isoformat(),
                "ended_at": stay.ended_at.isoformat(),
                "lon": round(stay.position.lon, 7),
                "lat": round(stay.position.lat, 7),
            }
            self._stays.write(json.dumps(facts, ensure_ascii=False) + "\n")
        self._ways.write(json.dumps(_way(worker, truth), ensure_ascii=False) + "\n")


def _entry(device: Device, fix: Fix) -> bytes:
    facts = {
        "device": device.name,
        "worker": device.worker_id,
        "tracked_at": fix.tracked_at.isoformat(),
        "lon": fix.position.lon,
        "lat": fix.position.lat,
    }
    return json.dumps(facts, ensure_ascii=False).encode() + b"\n"


def _way(worker: str, truth: Truth) -> dict[str, object]:
    shown = slice(None, None, _WAY_EVERY_S)
    lons_deg, lats_deg = truth.lons_deg[shown].round(7).tolist(), truth.lats_deg[shown].round(7).tolist()
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": list(zip(lons_deg, lats_deg, strict=True))},
        "properties": {
            "worker": worker,
            "times": [to_moment(time_us).isoformat() for time_us in truth.times_us[shown].tolist()],
        },
    }
