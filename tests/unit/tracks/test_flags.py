"""Which fixes are doubtful: each for its own reason, and none because of a bad neighbour."""

from dataclasses import replace

import numpy as np
import pytest
from support.traces import DRIVE, Move, Phone, Rest, course, seen, taken

from geo_engine.tracks.flags import flag_each, flag_fixes
from geo_engine.tracks.model import MICROSECONDS_PER_S, Flag, Track

_A_DAY_US = 86_400 * MICROSECONDS_PER_S


def drive(*, every_s: int = 5) -> Track:
    """Return a drive under an open sky, about 300 s long."""
    generator = np.random.default_rng(4)
    return seen(course(DRIVE, generator=generator), Phone(every_s=every_s), generator=generator)


def flagged(track: Track, flag: Flag, received_us: np.ndarray | None = None) -> list[int]:
    """Return which fixes have a flag."""
    return np.flatnonzero(flag_fixes(track, received_us=received_us) & flag.value).tolist()


def moved(track: Track, chosen: slice, *, degrees: float) -> Track:
    """Return a track with some fixes elsewhere, to the north."""
    changed = taken(track, slice(None))
    changed.lats_deg[chosen] += degrees
    return changed


def test_nothing_is_wrong_with_a_good_track() -> None:
    """A drive and a stay under an open sky have no flag at all."""
    generator = np.random.default_rng(1)
    track = seen(course((*DRIVE, Rest(lasting_s=600)), generator=generator), Phone(), generator=generator)

    assert not flag_fixes(track).any()


def test_what_was_said_before_is_a_duplicate() -> None:
    """The second fix of one moment and place is, whatever stands between them; another place at that moment is not."""
    track = drive()
    again = taken(track, np.array([0, 1, 2, 3, 3, 3, 4]))
    again.lons_deg[4] += 1e-4

    assert flagged(again, Flag.DUPLICATE) == [5]


def test_a_fix_later_than_its_reception_is_from_the_future() -> None:
    """Clocks may differ by two minutes; what is later is flagged, and does not make its twin a duplicate."""
    track = taken(drive(), np.array([0, 1, 2, 2]))
    received_us = track.times_us + np.array([0, -90, -150, 5], dtype=np.int64) * MICROSECONDS_PER_S

    assert flagged(track, Flag.FUTURE, received_us) == [2]
    assert flagged(track, Flag.DUPLICATE, received_us) == []


def test_a_fix_of_last_month_is_stale_and_counts_all_the_same() -> None:
    """Late data go on record as stale, and derive the same as timely ones."""
    track = drive()
    received_us = track.times_us + 40 * _A_DAY_US

    assert flagged(track, Flag.STALE, received_us) == list(range(len(track)))
    assert not np.any(flag_fixes(track, received_us=received_us) & ~np.uint16(Flag.STALE.value))


def test_what_is_said_on_arrival_is_what_is_said_of_the_day() -> None:
    """A fix by itself is doubtful for the same reasons and to the same limits, alone or not."""
    track = drive()
    track.accuracies_m[3:6] = 250.0, 350.0, np.nan
    track.lons_deg[8] = track.lats_deg[8] = 0.0
    track.mocks[9] = True
    lag_s = np.resize([5, -90, -150, 40 * 86_400], len(track))
    received_us = track.times_us + lag_s * MICROSECONDS_PER_S
    by_itself = Flag.FUTURE | Flag.STALE | Flag.INACCURATE | Flag.ZERO | Flag.MOCK
    shuffled = np.random.default_rng(3).permutation(len(track))

    arrived = flag_each(taken(track, shuffled), received_us=received_us[shuffled])

    whole = flag_fixes(track, received_us=received_us) & np.uint16(by_itself.value)
    assert arrived.tolist() == whole[shuffled].tolist()
    assert set(arrived.tolist()) == {0, *by_itself}


def test_only_a_useless_accuracy_is_inaccurate() -> None:
    """A fix of 150 m tells where somebody stays, one of 2 km does not; an unknown accuracy is not a bad one."""
    track = drive()
    track.accuracies_m[3:6] = 150.0, 2_000.0, np.nan

    assert flagged(track, Flag.INACCURATE) == [4]


def test_nobody_is_at_zero() -> None:
    """Longitude and latitude 0 is where broken receivers are; one of them alone is a place."""
    track = drive()
    track.lons_deg[5] = track.lats_deg[5] = 0.0
    equator = replace(track, lats_deg=track.lats_deg - 41.15)

    assert flagged(track, Flag.ZERO) == [5]
    assert flagged(equator, Flag.ZERO) == []


def test_what_the_device_made_up_is_on_record() -> None:
    """A mocked fix is flagged as such, and keeps counting."""
    track = drive()
    track.mocks[7] = True

    assert flagged(track, Flag.MOCK) == [7]


def test_a_receiver_that_stands_still_at_speed_is_frozen() -> None:
    """The same coordinates for a minute at 9 m/s are none, but for the first; parked fixes that jitter are fine."""
    track = drive()
    track.lons_deg[10:30] = track.lons_deg[10]
    track.lats_deg[10:30] = track.lats_deg[10]
    track.speeds_mps[10:30] = 9.0
    parked = taken(track, slice(None))
    parked.speeds_mps[10:30] = np.abs(np.random.default_rng(1).normal(0.0, 1.0, 20))

    assert flagged(track, Flag.FROZEN) == list(range(11, 30))
    assert flagged(parked, Flag.FROZEN) == []


@pytest.mark.parametrize("bad", [slice(20, 21), slice(20, 23), slice(0, 1), slice(0, 2), slice(-1, None)], ids=str)
def test_only_the_bad_fixes_jump(bad: slice) -> None:
    """One or several bad fixes in a row are flagged, at the ends too, and no good one beside them is."""
    track = moved(drive(), bad, degrees=0.05)

    assert flagged(track, Flag.JUMP) == np.arange(len(track))[bad].tolist()


def test_bad_fixes_that_disagree_all_jump() -> None:
    """Bad fixes in a row, each elsewhere, are all left out; none of them drags a good one along."""
    track = drive()
    for fix in range(20, 24):
        track = moved(track, slice(fix, fix + 1), degrees=0.03 * (fix - 21.5))

    assert flagged(track, Flag.JUMP) == [20, 21, 22, 23]


def test_a_spike_within_what_a_car_can_drive_jumps() -> None:
    """Half a kilometre out and back on the spot within twenty seconds is no drive."""
    track = moved(drive(every_s=10), slice(12, 13), degrees=0.006)

    assert flagged(track, Flag.JUMP) == [12]


def test_a_turn_at_a_dead_end_is_no_jump() -> None:
    """Who drives into a street and comes back out has been there."""
    generator = np.random.default_rng(1)
    parts = (Move(east_m=600, north_m=0, speed_mps=12), Move(east_m=-600, north_m=0, speed_mps=12))
    track = seen(course(parts, generator=generator), Phone(every_s=10), generator=generator)

    assert flagged(track, Flag.JUMP) == []


@pytest.mark.parametrize("silent_s", [30, 7_200])
def test_who_was_carried_away_keeps_both_ends(silent_s: int) -> None:
    """An aeroplane after a silence, or another phone under the same name for good, is no jump on either side."""
    track = moved(drive(), slice(30, None), degrees=12.0)
    track.times_us[30:] += silent_s * MICROSECONDS_PER_S

    assert flagged(track, Flag.JUMP) == []


def test_poor_fixes_do_not_jump() -> None:
    """A fix 250 m off that says it is 150 m off has told the truth."""
    track = moved(drive(), slice(20, 21), degrees=0.0023)
    track.accuracies_m[20] = 150.0

    assert flagged(track, Flag.JUMP) == []


def test_two_phones_under_one_name_do_not_wipe_each_other_out() -> None:
    """Of fixes that come in turn from two places, one of the two is kept as a whole."""
    track = moved(drive(), slice(None, None, 2), degrees=0.5)

    jumps = flagged(track, Flag.JUMP)

    assert jumps in (list(range(0, len(track), 2)), list(range(1, len(track), 2)))


def test_an_empty_track_has_no_flags() -> None:
    """No fix, no flag, no error."""
    assert flag_fixes(taken(drive(), slice(0, 0))).shape == (0,)
