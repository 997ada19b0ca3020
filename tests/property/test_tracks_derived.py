"""Laws of what is derived from fixes, tried on random tracks with everything wrong that phones get wrong."""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.messy_traces import batches, messy_track, sparse_track
from support.traces import DRIVE, Phone, Rest, course, seen, taken

from geo_engine.geometry import Position
from geo_engine.tracks.derived import Derived, derive
from geo_engine.tracks.flags import usable_indices
from geo_engine.tracks.model import Fix, Stop, Track, Trip, to_microseconds, to_moment
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.running import Flagged, LateFix, Rows, RunningState, advance, open_rows, start
from geo_engine.tracks.running_json import pack, unpack

SEEDS = st.integers(0, 2**32 - 1)
PARTING = timedelta(seconds=DeriveParams().trips.parting_s)
MOST_TOUCHED_PER_FIX = 60
MOST_TOUCHED_AT_ONCE = 12_000


def messy(seed: int, hours: float = 1.0) -> tuple[Track, np.random.Generator]:
    """Return a random track, and what to draw on with."""
    generator = np.random.default_rng(seed)
    return messy_track(generator, hours=hours), generator


def ran(pieces: Iterable[Track]) -> tuple[RunningState, Rows, list[int]]:
    """Return where a running derivation has come to, all rows it gave, and what it touched for each piece."""
    state, touched = start(), list[int]()
    flags, stops, trips, gaps = [], [], [], []
    for piece in pieces:
        state, update = advance(state, piece)
        flags += update.final.flags
        stops += update.final.stops
        trips += update.final.trips
        gaps += update.final.gaps
        touched.append(update.touched_count)
    return state, Rows(flags=tuple(flags), stops=tuple(stops), trips=tuple(trips), gaps=tuple(gaps)), touched


def assert_same(final: Rows, still_open: Rows, derived: Derived, track: Track) -> None:
    """Compare what was final and what is open with what a whole track says."""
    flagged = sorted((*final.flags, *still_open.flags))
    columns = (track.times_us.tolist(), track.lons_deg.tolist(), track.lats_deg.tolist(), derived.flags.tolist())
    assert flagged == sorted(Flagged(*row) for row in zip(*columns, strict=True))
    assert (*final.stops, *still_open.stops) == derived.stops
    assert (*final.trips, *still_open.trips) == derived.trips
    assert (*final.gaps, *still_open.gaps) == derived.gaps


@settings(max_examples=12)
@given(seed=SEEDS)
def test_the_running_derivation_comes_to_the_same_rows(seed: int) -> None:
    """However fixes are batched, and after each batch, final and open rows are those of the whole track so far."""
    track, generator = messy(seed)
    pieces = batches(track, generator)
    looked_at = int(generator.integers(1, len(pieces) + 1))

    for count in (looked_at, len(pieces)):
        state, final, _ = ran(pieces[:count])
        so_far = taken(track, slice(0, sum(len(piece) for piece in pieces[:count])))
        assert_same(final, open_rows(state), derive(so_far), so_far)


@settings(max_examples=25)
@given(seed=SEEDS)
def test_the_running_derivation_comes_to_the_same_rows_where_looks_are_rare(seed: int) -> None:
    """So it does with gaps, accuracies and speeds about every threshold, and from the restart on as well."""
    generator = np.random.default_rng(seed)
    track = sparse_track(generator, count=150)

    state, final, _ = ran(batches(track, generator))

    whole = derive(track)
    assert_same(final, open_rows(state), whole, track)
    if state.restart_us is not None and state.final_until_us is not None:
        again = derive(taken(track, track.times_us >= state.restart_us))
        assert later_than(state.final_until_us, again.stops) == later_than(state.final_until_us, whole.stops)


@settings(max_examples=4)
@given(seed=SEEDS)
def test_a_state_goes_through_json(seed: int) -> None:
    """A state that was written and read goes on as if it had not been; one of other parameters is not read."""
    track, generator = messy(seed)
    pieces = batches(track, generator)
    half = len(pieces) // 2
    state, _, _ = ran(pieces[:half])

    packed = json.loads(json.dumps(pack(state), allow_nan=False))
    read = unpack(packed, DeriveParams())

    assert read is not None
    assert pack(read) == packed
    for piece in pieces[half:]:
        state, kept = advance(state, piece)
        read, update = advance(read, piece)
        assert update.final == kept.final
    assert open_rows(read) == open_rows(state)
    assert unpack({**packed, "params": "others"}, DeriveParams()) is None


@settings(max_examples=8)
@given(seed=SEEDS)
def test_fixes_read_again_from_the_restart_give_all_that_is_not_final(seed: int) -> None:
    """Deriving from `restart_us` on, the rows that end after `final_until_us` are those of the whole track."""
    track, generator = messy(seed, hours=2.0)
    pieces = batches(track, generator)
    pieces = pieces[: int(generator.integers(1, len(pieces) + 1))]
    state, _, _ = ran(pieces)
    so_far = taken(track, slice(0, sum(len(piece) for piece in pieces)))
    if state.restart_us is None:
        return

    whole = derive(so_far)
    again = derive(taken(so_far, so_far.times_us >= state.restart_us))

    final_until_us = state.final_until_us or 0

    assert later_than(final_until_us, again.stops) == later_than(final_until_us, whole.stops)
    assert later_than(final_until_us, again.trips) == later_than(final_until_us, whole.trips)


@settings(max_examples=5)
@given(seed=SEEDS)
def test_each_fix_is_looked_at_a_bounded_number_of_times(seed: int) -> None:
    """What an update touches does not grow with the track, and over a track it is so much per fix."""
    track, generator = messy(seed, hours=3.0)
    pieces = [piece for piece in batches(track, generator) if len(piece)]

    _, _, touched = ran(pieces)

    assert sum(touched) <= MOST_TOUCHED_PER_FIX * len(track) + MOST_TOUCHED_AT_ONCE
    assert all(
        count <= MOST_TOUCHED_AT_ONCE + MOST_TOUCHED_PER_FIX * len(piece)
        for count, piece in zip(touched, pieces, strict=True)
    )


@settings(max_examples=12)
@given(seed=SEEDS)
def test_stops_are_disjoint_and_each_usable_fix_is_in_a_row(seed: int) -> None:
    """Stops and trips take turns without overlap, parted by long silences only, and count each usable fix once.

    In no row is what was seen at one moment alone, between two long silences or an end of the track.
    """
    track, _ = messy(seed)

    derived = derive(track)

    rows = sorted((*derived.stops, *derived.trips), key=lambda row: row.started_at)
    assert all(row.started_at < row.ended_at for row in rows)
    for before, after in pairwise(rows):
        if before.ended_at == after.started_at:
            assert isinstance(before, Stop) != isinstance(after, Stop)
        else:
            assert after.started_at - before.ended_at > PARTING
    seen = [to_moment(us) for us in track.times_us[usable_indices(derived.flags)].tolist()]
    outside = [at for at in seen if not any(row.started_at <= at <= row.ended_at for row in rows)]
    assert sum(row.fix_count for row in rows) + len(outside) == len(seen)
    moments = sorted(set(seen) | {at for row in rows for at in (row.started_at, row.ended_at)})
    for at in set(outside):
        index = moments.index(at)
        assert all(b - a > PARTING for a, b in pairwise(moments[max(index - 1, 0) : index + 2]))


@settings(max_examples=12)
@given(seed=SEEDS)
def test_no_trip_goes_on_over_a_long_silence(seed: int) -> None:
    """From its begin through its fixes to its end nothing of a trip is unseen for longer than an hour."""
    track, _ = messy(seed)

    derived = derive(track)

    seen = [to_moment(us) for us in track.times_us[usable_indices(derived.flags)].tolist()]
    for trip in derived.trips:
        within = [at for at in seen if trip.started_at < at < trip.ended_at]
        assert all(b - a <= PARTING for a, b in pairwise([trip.started_at, *within, trip.ended_at]))


@settings(max_examples=8)
@given(seed=SEEDS)
def test_neither_order_nor_repetition_of_fixes_matters(seed: int) -> None:
    """The same fixes in any order, some of them twice, give the same stops, trips and gaps."""
    track, generator = messy(seed, hours=0.7)
    fixes = fixes_of(track)
    again = [*fixes, *(fixes[k] for k in generator.integers(0, len(fixes), 5))]
    generator.shuffle(again)

    one, other = derive(Track.of(fixes)), derive(Track.of(again))

    assert (one.stops, one.trips, one.gaps) == (other.stops, other.trips, other.gaps)


@settings(max_examples=5)
@given(seed=SEEDS, days=st.integers(-3_000, 3_000))
def test_nothing_depends_on_the_date(seed: int, days: int) -> None:
    """Days later or earlier the same fixes give the same rows, days later or earlier."""
    track, _ = messy(seed, hours=0.7)
    shift = timedelta(days=days)
    moved = taken(track, slice(None))
    moved.times_us[:] += round(shift.total_seconds()) * 1_000_000

    here, there = derive(track), derive(moved)

    assert np.array_equal(here.flags, there.flags)
    assert [(stop.started_at + shift, stop.position) for stop in here.stops] == [
        (stop.started_at, stop.position) for stop in there.stops
    ]


@pytest.mark.parametrize(("lon", "lat"), [(180.0, 0.0), (-180.0, 65.0), (10.0, 89.5)], ids=["180°", "Bering", "pole"])
def test_nothing_depends_on_where_on_earth(lon: float, lat: float) -> None:
    """On the 180th meridian and near the pole a day has the same stops and ways as in Porto."""
    generator = np.random.default_rng(1)
    parts = (*DRIVE, Rest(lasting_s=900), *DRIVE, Rest(lasting_s=1200), *DRIVE)
    track = seen(course(parts, generator=generator), Phone(), generator=generator)
    there = taken(track, slice(None))
    stretch = np.cos(np.radians(41.15)) / np.cos(np.radians(lat + (track.lats_deg - 41.15)))
    there.lons_deg[:] = (lon + (track.lons_deg + 8.61) * stretch + 180.0) % 360.0 - 180.0
    there.lats_deg[:] = lat + (track.lats_deg - 41.15)

    here, found = derive(track), derive(there)

    # Near the pole the way is a little longer than in Porto, and with it how long it takes from one stop to the next.
    assert _ends_s(found.stops) == pytest.approx(_ends_s(here.stops), abs=0.5)
    assert [trip.distance_m for trip in found.trips] == pytest.approx(
        [trip.distance_m for trip in here.trips], rel=0.02
    )


def test_a_late_fix_is_not_for_the_running_derivation() -> None:
    """A fix that is not later than all before is refused by its moment, and the state stays as it was."""
    track, _ = messy(1)
    state, _ = advance(start(), taken(track, slice(0, 20)))
    before = pack(state)

    with pytest.raises(LateFix) as refused:
        advance(state, taken(track, slice(19, 30)))

    assert refused.value.time_us == track.times_us[19]
    assert pack(state) == before


def test_a_fix_from_the_future_mutes_nothing() -> None:
    """A clock a day ahead does not make later fixes late, and leaves no trace in what is derived."""
    generator = np.random.default_rng(1)
    track = seen(course((*DRIVE, Rest(lasting_s=900), *DRIVE), generator=generator), Phone(), generator=generator)
    received_us = track.times_us.copy()
    ahead = taken(track, slice(30, 31))
    ahead.times_us[:] += 86_400_000_000

    state, _ = advance(start(), taken(track, slice(0, 30)), received_us=received_us[:30])
    state, update = advance(state, ahead, received_us=received_us[30:31])
    state, _ = advance(state, taken(track, slice(31, None)), received_us=received_us[31:])

    assert [flagged.flags for flagged in update.final.flags] == [2]
    assert len(open_rows(state).stops) == 1


def later_than[R: (Stop, Trip)](until_us: int, rows: Sequence[R]) -> list[R]:
    """Return the rows that end after a moment."""
    return [row for row in rows if to_microseconds(row.ended_at) > until_us]


def fixes_of(track: Track) -> list[Fix]:
    """Return a track as fixes."""
    return [
        Fix(
            device=None,
            tracked_at=to_moment(int(track.times_us[k])),
            position=Position(float(track.lons_deg[k]), float(track.lats_deg[k])),
            accuracy_m=None if np.isnan(track.accuracies_m[k]) else float(track.accuracies_m[k]),
            speed_mps=None if np.isnan(track.speeds_mps[k]) else float(track.speeds_mps[k]),
            is_mock=bool(track.mocks[k]),
        )
        for k in range(len(track))
    ]


def _ends_s(stops: Iterable[Stop]) -> list[float]:
    return [moment.timestamp() for stop in stops for moment in (stop.started_at, stop.ended_at)]
