"""What OSRM adds to the contract: islands, large tables in a child process, and matching of tracks."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m, length_m
from geo_engine.roads.graph import RoadGraph
from geo_engine.roads.osrm import LARGEST_TABLE_HERE, OsrmRouter

TOWN = [Position(10.0, 50.0), Position(10.024, 50.024), Position(10.012, 50.0051)]
ISLAND = [Position(10.2, 50.0), Position(10.202, 50.002)]
AT_NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_an_island_has_no_path_to_the_town_but_has_paths_of_its_own(island_router: OsrmRouter) -> None:
    """Nobody is moved over the water to find a road."""
    matrix = island_router.matrix([TOWN[0], ISLAND[0], TOWN[1], ISLAND[1]])

    is_apart = [[False, True, False, True], [True, False, True, False]] * 2
    assert np.isnan(matrix.durations_s).tolist() == is_apart
    assert np.isnan(matrix.distances_m).tolist() == is_apart
    assert matrix.durations_s[1, 3] > 0.0


def test_a_lone_island_place_is_only_at_itself(island_router: OsrmRouter) -> None:
    """The diagonal stays zero when everything else is out of reach."""
    matrix = island_router.matrix([*TOWN, ISLAND[0]])

    assert matrix.durations_s[3, 3] == 0.0
    assert np.isnan(matrix.durations_s[3, :3]).all()
    assert np.isfinite(matrix.durations_s[:3, :3]).all()


def test_a_leg_over_water_is_empty_and_the_others_still_come(island_router: OsrmRouter) -> None:
    """No straight line stands in for a missing road."""
    path = island_router.path([TOWN[0], TOWN[1], ISLAND[0], ISLAND[1], ISLAND[1]])

    assert [len(leg) > 1 for leg in path.legs] == [True, False, True, True]
    assert np.isnan(path.durations_s).tolist() == [False, True, False, False]
    assert np.isnan(path.distances_m).tolist() == [False, True, False, False]
    assert path.distances_m[3] == 0.0


def test_a_place_far_from_every_road_is_snapped_and_measured(island_router: OsrmRouter) -> None:
    """How far is for the caller to judge; there is an answer at any distance."""
    far = Position(10.1, 50.0)

    (snap,) = island_router.nearest([far])

    assert snap.distance_m == pytest.approx(geodesic_m(far, snap.position), rel=0.005)
    assert snap.road_name == "Street"


def test_detached_car_parks_cost_no_path_in_monaco(monaco_router: OsrmRouter, monaco_places: list[Position]) -> None:
    """Small networks within reach of the main one are never a reason for “no path”."""
    matrix = monaco_router.matrix(monaco_places)

    assert np.isfinite(matrix.durations_s).all()


def test_a_large_table_equals_its_small_ones(monaco_router: OsrmRouter, monaco_places: list[Position]) -> None:
    """The child process answers as this process does."""
    assert len(monaco_places) > LARGEST_TABLE_HERE

    large = monaco_router.matrix(monaco_places)

    small = monaco_router.matrix(monaco_places[:20])
    assert np.array_equal(large.durations_s[:20, :20], small.durations_s)
    assert np.array_equal(large.distances_m[:20, :20], small.distances_m)


def test_threads_share_a_router(monaco_router: OsrmRouter, monaco_places: list[Position]) -> None:
    """Tables asked for at once are not mixed up."""
    orders = [monaco_places, monaco_places[::-1]] * 3

    with ThreadPoolExecutor(4) as pool:
        matrices = list(pool.map(monaco_router.matrix, orders))

    assert all(np.array_equal(matrix.durations_s, matrices[0].durations_s) for matrix in matrices[::2])
    assert np.array_equal(matrices[1].durations_s, matrices[0].durations_s[::-1, ::-1])


def child_pids() -> list[int]:
    """Return the table processes this process has started."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return [pid for pid in map(int, children) if b"osrm_table" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_killed_child_is_unavailable_and_the_next_table_works(
    monaco_graph: RoadGraph, monaco_places: list[Position]
) -> None:
    """The error says so once; trying again helps."""
    already = child_pids()
    with OsrmRouter(monaco_graph) as router:
        expected = router.matrix(monaco_places)
        (pid,) = [pid for pid in child_pids() if pid not in already]
        os.kill(pid, signal.SIGKILL)

        with pytest.raises(Unavailable, match="process computing travel times ended: exit -9"):
            router.matrix(monaco_places)

        assert np.array_equal(router.matrix(monaco_places).durations_s, expected.durations_s)


def test_closing_ends_the_child(monaco_graph: RoadGraph, monaco_places: list[Position]) -> None:
    """No process outlives its router, and closing twice is harmless."""
    already = child_pids()
    router = OsrmRouter(monaco_graph)
    router.matrix(monaco_places)

    router.close()
    router.close()

    assert child_pids() == already


def test_a_forgotten_router_ends_its_child(monaco_graph: RoadGraph, monaco_places: list[Position]) -> None:
    """Without `close` the child ends with the router."""
    already = child_pids()

    OsrmRouter(monaco_graph).matrix(monaco_places)

    assert child_pids() == already


def test_a_graph_lost_between_tables_says_why(
    monaco_graph: RoadGraph, monaco_places: list[Position], tmp_path: Path
) -> None:
    """The child's last words reach the caller."""
    for file in monaco_graph.folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    with OsrmRouter(replace(monaco_graph, base=tmp_path / monaco_graph.base.name)) as router:
        (tmp_path / "roads.osrm.hsgr").unlink()

        with pytest.raises(Unavailable, match="cannot be opened"):
            router.matrix(monaco_places)


def test_files_in_the_current_folder_are_not_run(
    monaco_graph: RoadGraph, monaco_places: list[Position], tmp_path: Path
) -> None:
    """The child imports installed code only, whatever lies where the user works."""
    (tmp_path / "numpy.py").write_text("raise SystemExit('run from the current folder')", encoding="utf-8")

    with chdir(tmp_path), OsrmRouter(monaco_graph) as router:
        matrix = router.matrix(monaco_places)

    assert np.isfinite(matrix.durations_s).all()


def test_a_long_path_is_asked_for_in_parts(island_router: OsrmRouter) -> None:
    """More places than one question holds give all their legs, in order."""
    places = [Position(10.0 + 0.001 * (index % 25), 50.0 + 0.001 * (index % 24)) for index in range(250)]

    path = island_router.path(places)

    assert len(path.legs) == 249
    assert path.durations_s[98:100] == island_router.path(places[98:101]).durations_s


def drive(count: int) -> list[Position]:
    """Return fixes every 20 m along the town's southern street, 3 m off it."""
    return [Position(10.0 + 0.00028 * index, 50.00003) for index in range(count)]


def test_a_track_beside_a_street_is_put_on_it(island_router: OsrmRouter) -> None:
    """One piece, along the street, as long as the drive."""
    track = drive(80)

    matched = island_router.match(track)

    assert len(matched.pieces) == 1
    assert matched.distance_m == pytest.approx(geodesic_m(track[0], track[-1]), rel=0.01)
    assert all(place is not None and place.lat == pytest.approx(50.0) for place in matched.matched_positions)
    assert matched.confidences[0] > 0.8


def test_a_long_track_is_matched_in_parts_and_joined(island_router: OsrmRouter) -> None:
    """The same drive up and down the street is one piece, however many parts it took."""
    up_and_down = (drive(85) + drive(85)[-2:0:-1]) * 3

    matched = island_router.match(up_and_down)

    assert len(up_and_down) > 400
    assert len(matched.pieces) == 1
    assert None not in matched.matched_positions
    assert matched.distance_m == pytest.approx(6 * geodesic_m(up_and_down[0], drive(85)[-1]), rel=0.02)


def test_times_and_accuracies_are_used(island_router: OsrmRouter) -> None:
    """A fix of bad accuracy far off the street is matched only when its accuracy says it may be."""
    track = drive(20)
    track[10] = Position(track[10].lon, 50.0004)
    tracked_at = [AT_NINE + timedelta(seconds=2 * index) for index in range(20)]

    strict = island_router.match(track, tracked_at=tracked_at, accuracies_m=[5.0] * 20)
    lenient = island_router.match(track, tracked_at=tracked_at, accuracies_m=[5.0] * 10 + [50.0] + [5.0] * 9)

    assert strict.matched_positions[10] is None
    assert lenient.matched_positions[10] is not None


def test_a_track_nowhere_near_a_road_matches_nothing(island_router: OsrmRouter) -> None:
    """Every position is an outlier, and there is no piece."""
    matched = island_router.match([Position(10.1, 50.1), Position(10.1001, 50.1)])

    assert (matched.pieces, matched.distance_m) == ((), 0.0)
    assert matched.matched_positions == (None, None)


def test_the_legs_of_a_match_lead_from_each_position_to_the_next(island_router: OsrmRouter) -> None:
    """Each begins and ends where both positions were put, and is as long as its line; so through a joint of parts."""
    round_the_block = [*drive(40), *(Position(10.011, 50.0 + 0.00028 * index) for index in range(4, 80))]

    (piece,) = island_router.match(round_the_block).pieces

    assert len(piece.indices) == len(round_the_block) > 100
    assert len(piece.legs) == len(piece.durations_s) == len(piece.distances_m) == len(piece.snapped) - 1
    for number, leg in enumerate(piece.legs):
        assert length_m((leg[0], piece.snapped[number])) < 1.0
        assert length_m((leg[-1], piece.snapped[number + 1])) < 1.0
        assert piece.distances_m[number] == pytest.approx(length_m(leg), rel=0.01, abs=0.5)


def test_parts_that_meet_off_the_roads_keep_what_each_has(island_router: OsrmRouter) -> None:
    """Where the positions two parts share fit no road, both ends of the track are still matched."""
    track = drive(85) + drive(85)[::-1]
    for index in range(85, 115):
        track[index] = Position(track[index].lon, 49.9)

    put = island_router.match(track).matched_positions

    assert None not in put[:85] + put[115:]
    assert set(put[85:115]) == {None}


def test_positions_of_one_second_are_matched(island_router: OsrmRouter) -> None:
    """A device may report several times a second; whole seconds between them are not needed."""
    track = drive(20)

    matched = island_router.match(track, tracked_at=[AT_NINE + timedelta(milliseconds=400 * i) for i in range(20)])

    assert None not in matched.matched_positions
    assert len(matched.pieces) == 1


def test_a_silence_does_not_split_a_match(island_router: OsrmRouter) -> None:
    """Phones that report every few minutes still give one piece."""
    track = drive(80)[::20]

    matched = island_router.match(track, tracked_at=[AT_NINE + timedelta(minutes=3 * i) for i in range(len(track))])

    assert len(matched.pieces) == 1


def test_sequences_of_other_lengths_are_refused(island_router: OsrmRouter) -> None:
    """A time or accuracy too few is the caller's mistake, and said so."""
    with pytest.raises(InvalidInput, match="3 positions came with 2"):
        island_router.match(drive(3), accuracies_m=[5.0, 5.0])


def test_times_that_go_back_are_refused(island_router: OsrmRouter) -> None:
    """A track is in the order of its times."""
    with pytest.raises(InvalidInput, match="must not go back"):
        island_router.match(drive(2), tracked_at=[AT_NINE, AT_NINE - timedelta(seconds=5)])
