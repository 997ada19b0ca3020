"""How a device's trajectory follows what is derived: hours that nothing has changed are left as they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geo_engine.db.session import Session
from geo_engine.ids import DeviceId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.advancing import A_MOMENT, EVER
from geo_engine.tracks.derived_store import list_spans
from geo_engine.tracks.fix_store import find_before, get_track
from geo_engine.tracks.flags import flag_fixes, usable_indices
from geo_engine.tracks.model import Flag, Gap, Stop, Track, select_fixes, to_microseconds, to_moment
from geo_engine.tracks.trajectories import TrajectoryPiece, cut_trajectory
from geo_engine.tracks.trajectory_store import renew_pieces

_AN_HOUR = timedelta(hours=1)
_VERDICT_COUNT = 10
_VERDICT_SPAN = timedelta(minutes=5)
"""A verdict on a fix depends on so many usable ones before it, and on those of so long."""
_FIRST_LOOK, _NEXT_LOOKS = 40, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Fixes up to before `until_at` say where a device was from `from_at` on; before, nothing is otherwise for them."""

    from_at: datetime
    until_at: datetime


def renew_trajectory(session: Session, device_id: DeviceId, parts: Iterable[Part]) -> None:
    """Have the pieces follow what is derived of a device, part by part; what is otherwise begins with the first."""
    pieces: list[TrajectoryPiece] = []
    hours_at: list[datetime] = []
    for part in parts:
        track, flags, hour_at = _read_back(session, device_id, part)
        pieces = [one for one in pieces if one.started_at < hour_at]
        pieces += [one for one in _cut(session, device_id, track, flags) if one.started_at >= hour_at]
        hours_at.append(hour_at)
    if hours_at:
        renew_pieces(session, device_id, pieces, from_at=hours_at[0])


def _cut(session: Session, device_id: DeviceId, track: Track, flags: NDArray[np.uint16]) -> list[TrajectoryPiece]:
    if not len(track):
        return []
    first_at, last_at = (to_moment(int(track.times_us[index])) for index in (0, -1))
    spans = list_spans(session, device_id, TimeSpan(start_at=first_at, end_at=last_at + A_MOMENT))
    stops = [one for one in spans if isinstance(one, Stop)]
    return cut_trajectory(track, flags, stops=stops, gaps=[one for one in spans if isinstance(one, Gap)])


def _read_back(session: Session, device_id: DeviceId, part: Part) -> tuple[Track, NDArray[np.uint16], datetime]:
    """Return fixes with their flags, and the hour from which on they say where the device was.

    It is the hour of the last usable fix before a moment, so that what is between that one and the next is in it.
    """
    count, from_at = _FIRST_LOOK, part.from_at
    while True:
        back_at = find_before(session, device_id, until_at=from_at, count=count)
        hour_at = EVER if back_at is None else _hour(min(back_at, from_at - _VERDICT_SPAN))
        first_at = find_before(session, device_id, until_at=hour_at, count=count)
        read_from = EVER if first_at is None else min(first_at, hour_at - _VERDICT_SPAN)
        track, flags = _read(session, device_id, from_at=read_from, until_at=part.until_at)
        seen_us = track.times_us[usable_indices(flags)]
        before_us = seen_us[seen_us < to_microseconds(from_at)]
        if read_from == EVER and not len(before_us):
            return track, flags, EVER
        if len(before_us):
            hour_at = _hour(to_moment(int(before_us[-1])))
            if read_from == EVER or np.count_nonzero(before_us < to_microseconds(hour_at)) >= _VERDICT_COUNT:
                return track, flags, hour_at
        count *= _NEXT_LOOKS


def _read(
    session: Session, device_id: DeviceId, *, from_at: datetime, until_at: datetime
) -> tuple[Track, NDArray[np.uint16]]:
    track, _, arrived = get_track(session, device_id, from_at=from_at, until_at=until_at)
    honest = select_fixes(track, (arrived & Flag.FUTURE) == 0)
    return honest, flag_fixes(honest)


def _hour(moment: datetime) -> datetime:
    return moment - (moment - EVER) % _AN_HOUR
