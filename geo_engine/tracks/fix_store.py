"""Reading fixes back: a device's, of a span, as columns."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from geo_engine.db.session import Session
from geo_engine.ids import DeviceId
from geo_engine.tracks.arrivals import COPY_HEAD, POSTGRES_EPOCH_US, copied_layout
from geo_engine.tracks.model import Flag, Track
from geo_engine.tracks.rows import FixRow

_READ = (
    ("tracked_at", ">i8"),
    ("received_at", ">i8"),
    ("geom", "V9,<f8,<f8"),
    ("accuracy_m", ">f4"),
    ("altitude_m", ">f4"),
    ("speed_mps", ">f4"),
    ("heading_deg", ">f4"),
    ("battery_percent", ">f4"),
    ("flags", ">i2"),
)
_FIGURES = ("accuracy_m", "altitude_m", "speed_mps", "heading_deg", "battery_percent")
_SELECTED = ", ".join(f"coalesce({name}, 'NaN')" if name in _FIGURES else name for name, _ in _READ)
# Read in the order that `Track.of` gives, which is how a derivation takes them.
FIXES_OF_DEVICE = f"""
select {_SELECTED} from fix
where device_id = %(device_id)s::uuid
    and tracked_at >= %(from_at)s::timestamptz and tracked_at < %(until_at)s::timestamptz
order by tracked_at, st_x(geom), st_y(geom), accuracy_m
"""  # noqa: S608 - names of ours
_COPY = f"copy ({FIXES_OF_DEVICE}) to stdout (format binary)"


def get_track(
    session: Session, device_id: DeviceId, *, from_at: datetime, until_at: datetime
) -> tuple[Track, NDArray[np.int64], NDArray[np.int16]]:
    """Return a device's fixes from a moment on until before another, when each was received, and its flags.

    The flags are those of its arrival, as bits of `Flag`.

    Notes
    -----
    O(n): about 2 µs a fix, most of it at the server.
    """
    driver: Any = session.connection().connection.driver_connection
    values = {"device_id": device_id, "from_at": from_at, "until_at": until_at}
    with driver.cursor() as cursor, cursor.copy(_COPY, values) as copy:
        content = b"".join(map(bytes, copy))
    layout = copied_layout(_READ)
    rows = np.frombuffer(
        content, dtype=layout, count=(len(content) - len(COPY_HEAD)) // layout.itemsize, offset=len(COPY_HEAD)
    )
    track = Track(
        times_us=rows["tracked_at"].astype(np.int64) + POSTGRES_EPOCH_US,
        lons_deg=rows["geom"]["f1"].astype(np.float64),
        lats_deg=rows["geom"]["f2"].astype(np.float64),
        accuracies_m=rows["accuracy_m"].astype(np.float64),
        altitudes_m=rows["altitude_m"].astype(np.float64),
        speeds_mps=rows["speed_mps"].astype(np.float64),
        headings_deg=rows["heading_deg"].astype(np.float64),
        batteries_percent=rows["battery_percent"].astype(np.float64),
        mocks=(rows["flags"] & Flag.MOCK) != 0,
    )
    return track, rows["received_at"].astype(np.int64) + POSTGRES_EPOCH_US, rows["flags"].astype(np.int16)


def count_fixes(session: Session, device_id: DeviceId, *, from_at: datetime, until_at: datetime) -> int:
    """Return how many fixes a device has from a moment on until before another."""
    row = FixRow
    within = (row.device_id == device_id, row.tracked_at >= from_at, row.tracked_at < until_at)
    return session.scalar(select(func.count()).where(*within)) or 0


def find_first(session: Session, device_id: DeviceId, *, from_at: datetime) -> datetime | None:
    """Return when the first fix of a device at a moment or later was; None when there is none."""
    row = FixRow
    return session.scalar(select(func.min(row.tracked_at)).where(row.device_id == device_id, row.tracked_at >= from_at))


def find_before(session: Session, device_id: DeviceId, *, until_at: datetime, count: int) -> datetime | None:
    """Return when the last fix but so many of a device before a moment was; None when there are not so many."""
    row = FixRow
    query = select(row.tracked_at).where(row.device_id == device_id, row.tracked_at < until_at)
    return session.scalar(query.order_by(row.tracked_at.desc()).offset(count).limit(1))


def release_sealed(session: Session) -> tuple[tuple[DeviceId, datetime], ...]:
    """Have the database release what a shift covers by now; return the devices, and the oldest fix of each."""
    found = session.connection().exec_driver_sql("select device_id, earliest_at from release_sealed_fixes()")
    return tuple((DeviceId(device_id), earliest_at) for device_id, earliest_at in found)
