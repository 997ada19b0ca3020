"""Where a device was as a function of time, cut into pieces that a database can index."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from numpy.typing import NDArray
from support.walks import AT_EIGHT, gapped_walks, track_of, usable

from geo_engine.geometry import Position
from geo_engine.tracks.model import UNUSABLE, Flag, Gap, Stop, Track, to_microseconds, to_moment
from geo_engine.tracks.timed_lines import timed_columns, timed_ewkb
from geo_engine.tracks.trajectories import TrajectoryPiece, cut_trajectory

HOUR_US = 3_600_000_000


def minutes(count: float) -> timedelta:
    """Return so many minutes."""
    return timedelta(minutes=count)


def gap(from_min: float, until_min: float) -> Gap:
    """Return a gap some minutes after eight."""
    return Gap(started_at=AT_EIGHT + minutes(from_min), ended_at=AT_EIGHT + minutes(until_min))


@settings(max_examples=80)
@given(walk=gapped_walks())
def test_pieces_hold_every_usable_fix_and_nothing_in_gaps(
    walk: tuple[Track, NDArray[np.uint16], list[Gap]],
) -> None:
    """Each fix is a vertex; what is added is boundaries of hours and the 180th meridian alone."""
    track, flags, gaps = walk
    is_usable = (flags & UNUSABLE) == 0

    pieces = cut_trajectory(track, flags, gaps=gaps)

    held = {vertex for piece in pieces for vertex in vertices(piece)}
    fixes = set(zip(track.times_us, track.lons_deg, track.lats_deg, strict=True))
    usable_fixes = set(
        zip(track.times_us[is_usable], track.lons_deg[is_usable], track.lats_deg[is_usable], strict=True)
    )
    assert {rounded(fix) for fix in usable_fixes} <= {rounded(vertex) for vertex in held}
    added = {rounded(vertex) for vertex in held} - {rounded(fix) for fix in fixes}
    assert all(time_us % HOUR_US == 0 or abs(lon) == 180.0 for time_us, lon, _ in added)
    for silence in gaps:
        began_us, ended_us = to_microseconds(silence.started_at), to_microseconds(silence.ended_at)
        assert not any(piece.times_us[0] < ended_us and began_us < piece.times_us[-1] for piece in pieces)


def vertices(piece: TrajectoryPiece) -> list[tuple[int, float, float]]:
    """Return moments and places of a piece."""
    return list(zip(piece.times_us.tolist(), piece.lons_deg.tolist(), piece.lats_deg.tolist(), strict=True))


def rounded(vertex: tuple[int, float, float]) -> tuple[int, float, float]:
    """Return a vertex to the nanodegree: turning round the earth costs the last bits."""
    return int(vertex[0]), round(float(vertex[1]), 9), round(float(vertex[2]), 9)


@settings(max_examples=80)
@given(walk=gapped_walks())
def test_each_piece_is_of_one_hour_and_one_side_and_goes_on_where_the_last_ended(
    walk: tuple[Track, NDArray[np.uint16], list[Gap]],
) -> None:
    """Pieces are in order, at least two vertices long, and share their boundaries where no gap is."""
    track, flags, gaps = walk

    pieces = cut_trajectory(track, flags, gaps=gaps)

    for piece in pieces:
        assert len(piece.times_us) >= 2
        assert (np.diff(piece.times_us) >= 0).all()
        assert (piece.times_us[-1] - 1) // HOUR_US <= piece.times_us[0] // HOUR_US
        assert np.abs(piece.lons_deg).max() <= 180.0
        assert np.ptp(piece.lons_deg) < 180.0
    breaks = 0
    for one, other in pairwise(pieces):
        is_shared = one.times_us[-1] == other.times_us[0]
        breaks += not is_shared
        if is_shared:
            turn = (other.lons_deg[0] - one.lons_deg[-1]) / 360.0
            assert turn == pytest.approx(round(turn), abs=1e-9)
    assert breaks <= len(gaps)


@settings(max_examples=40)
@given(walk=gapped_walks())
def test_pieces_come_back_from_the_database_as_they_were(
    walk: tuple[Track, NDArray[np.uint16], list[Gap]],
) -> None:
    """To the microsecond and the last bit of a degree."""
    for piece in cut_trajectory(walk[0], walk[1], gaps=walk[2]):
        line = shapely.from_wkb(timed_ewkb(piece.columns))
        times_us, lons_deg, lats_deg = timed_columns(line)
        again = TrajectoryPiece(times_us=times_us, lons_deg=lons_deg, lats_deg=lats_deg)

        assert (line.geom_type, line.has_m, line.has_z, shapely.get_srid(line)) == ("LineString", True, False, 4326)
        assert vertices(again) == vertices(piece)


def test_a_drive_over_the_full_hour_is_cut_there() -> None:
    """At nine it was half way between the fixes of 8:50 and 9:10, in both pieces."""
    drive = track_of([3000.0, 4200.0], [7.40, 7.42], [43.70, 43.72])

    before, after = cut_trajectory(drive, usable(drive))

    nine_us = to_microseconds(AT_EIGHT) + HOUR_US
    assert vertices(before)[-1] == vertices(after)[0] == (nine_us, pytest.approx(7.41), pytest.approx(43.71))


def test_a_lone_fix_is_a_piece() -> None:
    """It is there twice, as a line needs two points."""
    lone = track_of([60.0], [7.4], [43.7])

    (piece,) = cut_trajectory(lone, usable(lone))

    assert vertices(piece) == [vertices(piece)[0]] * 2
    assert piece.started_at == piece.ended_at == AT_EIGHT + minutes(1)


def test_no_line_leads_over_a_gap() -> None:
    """What is between is nobody's knowledge."""
    drive = track_of([0.0, 60.0, 1800.0, 1860.0], [7.40, 7.41, 7.45, 7.46], np.full(4, 43.7))

    pieces = cut_trajectory(drive, usable(drive), gaps=[gap(1, 30)])

    assert [(piece.started_at, piece.ended_at) for piece in pieces] == [
        (AT_EIGHT, AT_EIGHT + minutes(1)),
        (AT_EIGHT + minutes(30), AT_EIGHT + minutes(31)),
    ]


def test_in_a_stop_the_device_is_at_its_place() -> None:
    """Neither jitter nor the silence of a parked phone matters there."""
    track = track_of([0.0, 600.0, 660.0, 3000.0, 3300.0], [7.4, 7.5, 7.5003, 7.4998, 7.6], np.full(5, 43.7))
    stop = Stop(
        started_at=AT_EIGHT + minutes(10),
        ended_at=AT_EIGHT + minutes(50),
        position=Position(7.5, 43.7001),
        radius_m=30.0,
        fix_count=3,
    )

    (piece,) = cut_trajectory(track, usable(track), stops=[stop], gaps=[gap(11, 50)])

    assert piece.lons_deg.tolist() == [7.4, 7.5, 7.5, 7.6]
    assert piece.lats_deg.tolist() == [43.7, 43.7001, 43.7001, 43.7]


def test_nobody_is_at_two_stops_at_once() -> None:
    """A stop that is said to begin before the last has ended begins with its end."""
    one, other = (
        Stop(
            started_at=AT_EIGHT + minutes(started),
            ended_at=AT_EIGHT + minutes(ended),
            position=Position(lon, 43.7),
            radius_m=30.0,
            fix_count=3,
        )
        for lon, started, ended in ((7.4, 0, 30), (7.5, 28, 50))
    )
    nothing = track_of([], [], [])

    (piece,) = cut_trajectory(nothing, usable(nothing), stops=[one, other])

    assert piece.lons_deg.tolist() == [7.4, 7.4, 7.5, 7.5]
    assert [to_moment(time_us) for time_us in piece.times_us.tolist()] == [
        AT_EIGHT + minutes(at) for at in (0, 30, 30, 50)
    ]


def test_a_ship_over_the_180th_meridian_is_cut_there() -> None:
    """Each piece stays on its side; both meet on the line at one moment."""
    ship = track_of([0.0, 100.0], [179.9, -179.7], [10.0, 10.4])

    west, east = cut_trajectory(ship, usable(ship))

    met_us = to_microseconds(AT_EIGHT) + 25_000_000
    assert vertices(west)[-1] == (met_us, pytest.approx(180.0), pytest.approx(10.1))
    assert vertices(east)[0] == (met_us, pytest.approx(-180.0), pytest.approx(10.1))


def test_unusable_fixes_are_on_no_piece() -> None:
    """A flagged jump is not where the device was."""
    track = track_of([0.0, 10.0, 20.0], [7.4, 9.0, 7.41], np.full(3, 43.7))

    (piece,) = cut_trajectory(track, np.array([0, Flag.JUMP, 0], dtype=np.uint16))

    assert piece.lons_deg.tolist() == [7.4, 7.41]
