"""Who was inside of a fence that was changed, drawn or taken away meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from support.traces import MORNING, ORIGIN_LAT, ORIGIN_LON, Move, Phone, Rest, course, seen

from geo_engine.geofences import Circle, Geofence, Schedule, Transition, TransitionKind
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.transitions import detect_transitions
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId, SiteId
from geo_engine.timespan import ClockWindow
from geo_engine.tracks import Track
from geo_engine.tracks.derived import Derived, derive
from geo_engine.tracks.model import select_fixes, to_microseconds

ENTER, DWELL, EXIT = TransitionKind.ENTER, TransitionKind.DWELL, TransitionKind.EXIT
THERE = Move(east_m=2000, north_m=0, speed_mps=10)
CAME_S, LEFT_S = 790, 2010
"""When the worker crosses the edge of a circle of 100 m around the stay, seconds since the morning."""


def version(number: int, from_s: int | None, until_s: int | None, *, east_m: float = 2000, **rest: object) -> Geofence:
    """Return a version of a circle of 100 m; it is around the stay unless said otherwise."""
    return Geofence(
        id=GeofenceId("f"),
        name="f",
        shape=Circle(centre=Position(ORIGIN_LON + east_m / 83_880.0, ORIGIN_LAT), radius_m=100.0),
        version=number,
        valid_from=None if from_s is None else at(from_s),
        valid_until=None if until_s is None else at(until_s),
        **rest,  # type: ignore[arg-type]
    )


def at(seconds: float) -> datetime:
    """Return a moment of the morning."""
    return MORNING + timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def visit() -> tuple[Track, Derived]:
    """Return the track of a worker who drives to a place, stays for twenty minutes and drives on."""
    generator = np.random.default_rng(4)
    parts = (Rest(lasting_s=600), THERE, Rest(lasting_s=1200), THERE, Rest(lasting_s=600))
    track = seen(course(parts, generator=generator), Phone(), generator=generator)
    return track, derive(track)


def told(visit: tuple[Track, Derived], *fences: Geofence) -> list[tuple[TransitionKind, int, int]]:
    """Return what happened by which version, and at which second."""
    track, derived = visit
    found: Sequence[Transition] = detect_transitions(
        track, derived.flags, derived.stops, FenceIndex(fences), zone=ZoneInfo("UTC")
    )
    return [(one.kind, one.fence_version, round((one.at - MORNING).total_seconds())) for one in found]


@pytest.mark.parametrize("other_m", [2000, 2040], ids=["same", "moved by 40 m"])
def test_a_change_of_the_outline_during_a_stay_is_no_visit_more_or_less(
    visit: tuple[Track, Derived], other_m: float
) -> None:
    """The worker came by the old outline and left by the new one."""
    (enter, dwell, leave) = told(visit, version(1, None, 1500), version(2, 1500, None, east_m=other_m))

    assert [enter[:2], dwell[:2], leave[:2]] == [(ENTER, 1), (DWELL, 1), (EXIT, 2)]
    assert enter[2] == pytest.approx(CAME_S, abs=12)
    assert leave[2] == pytest.approx(LEFT_S + (other_m - 2000) / 10, abs=12)


def test_whom_a_new_outline_leaves_out_leaves_as_it_changes(visit: tuple[Track, Derived]) -> None:
    """The edge moved, at a moment that is known; the other way round the worker comes then."""
    away, here = version(1, None, 1500, east_m=5000), version(2, 1500, None)

    came, left = told(visit, away, here), told(visit, version(1, None, 1500), version(2, 1500, None, east_m=5000))

    assert came[0] == (ENTER, 2, 1500)
    assert came[1] == (DWELL, 2, 1680)
    assert left[-1] == (EXIT, 2, 1500)


def test_a_fence_counts_from_when_it_is_drawn_until_it_is_taken_away(visit: tuple[Track, Derived]) -> None:
    """Who is there comes when it is drawn, and leaves when it is gone; drawn again, that is another visit."""
    drawn, gone, again = told(visit, version(1, 1000, None)), told(visit, version(1, None, 1600)), told(
        visit, version(1, None, 1200), version(2, 1400, None)
    )  # fmt: skip

    assert drawn[0] == (ENTER, 1, 1000)
    assert gone[-1] == (EXIT, 1, 1600)
    assert [one[0] for one in again] == [ENTER, DWELL, EXIT, ENTER, DWELL, EXIT]
    assert (again[2][2], again[3][2]) == (1200, 1400)


@pytest.mark.parametrize("now_s", [700, 1100, 1500, 2300], ids=["on its way", "just there", "there", "gone"])
def test_what_a_fence_becomes_now_changes_nothing_that_was(visit: tuple[Track, Derived], now_s: int) -> None:
    """Moved, drawn anew or taken away after the last fix: told is what was told, whoever is there still is."""
    so_far = select_fixes(visit[0], np.flatnonzero(visit[0].times_us <= to_microseconds(at(now_s))))
    known = so_far, derive(so_far)
    before = told(known, version(1, None, None))

    away = told(known, version(1, None, now_s + 1), version(2, now_s + 1, None, east_m=5000))
    drawn = told(known, version(1, None, now_s + 1), replace(version(7, now_s + 1, None), id=GeofenceId("drawn")))
    removed = told(known, version(1, None, now_s + 1))

    assert away == drawn == removed == before
    assert len(before) == {700: 0, 1100: 2, 1500: 2, 2300: 3}[now_s]


def test_hours_that_change_are_those_of_the_version_of_the_moment(visit: tuple[Track, Derived]) -> None:
    """Hours that follow each other across a change are one."""

    def hours(from_s: int, until_s: int) -> Schedule:
        window = ClockWindow(earliest_s=8 * 3600 + from_s, latest_s=8 * 3600 + until_s)
        return Schedule(windows=(window,))

    early, late = version(1, None, 1500, schedule=hours(900, 1800)), version(2, 1500, None, schedule=hours(0, 1920))

    assert told(visit, early, late) == [(ENTER, 1, 900), (DWELL, 1, 1080), (EXIT, 2, 1920)]


@pytest.mark.parametrize("change_s", range(800, 2001, 60))
def test_no_dwell_is_lost_at_whichever_moment_a_fence_is_changed(visit: tuple[Track, Derived], change_s: int) -> None:
    """Nor is a moment told otherwise than of one fence."""
    whole, parts = (
        told(visit, version(1, None, None)),
        told(visit, version(1, None, change_s), version(2, change_s, None)),
    )

    assert [(kind, at_s) for kind, _, at_s in parts] == [(kind, at_s) for kind, _, at_s in whole]


def test_a_fence_drawn_for_a_site_takes_the_place_of_its_own(visit: tuple[Track, Derived]) -> None:
    """The worker who is there meanwhile makes one visit; two fences that a site has at once are two."""
    own = version(1, None, 1500, site_id=SiteId("S"), is_automatic=True)
    drawn = replace(version(1, 1500, None, site_id=SiteId("S")), id=GeofenceId("drawn"), version=7)

    assert [one[:2] for one in told(visit, own, drawn)] == [(ENTER, 1), (DWELL, 1), (EXIT, 7)]
    assert len(told(visit, replace(own, valid_until=None), drawn)) == 6
