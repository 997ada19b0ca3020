"""What holds of presences whatever the sightings, fences, hours and versions are."""

from dataclasses import replace
from datetime import timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from geo_engine.geofences import Circle, Corridor, Geofence, Polygon, Schedule, TransitionKind
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.model import Shape
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.presences import find_presences
from geo_engine.geofences.sightings import Sightings, split_stays
from geo_engine.geofences.transitions import detect_presences, transitions_of
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId
from geo_engine.timespan import ClockWindow
from geo_engine.tracks.model import to_moment

SHANGHAI = ZoneInfo("Asia/Shanghai")
PARAMS = TransitionParams()
START_US = 1_773_129_600_000_000
S_US = 1_000_000
FAR_NORTH, DATE_LINE, TOWN = (15.0, 89.999), (180.0, -17.0), (116.4, 39.9)


def random_sightings(generator: np.random.Generator, place: tuple[float, float], devices: int = 3) -> Sightings:
    """Return sightings of every kind about a place: stays that touch, fixes at one moment, exact and vague ones."""
    counts = generator.integers(1, 60, devices)
    total = int(counts.sum())
    stays = generator.random(total) < 0.2
    gaps_s = generator.choice((0, 1, 15, 60, 600, 7200), total)
    lasts_s = np.where(stays, generator.choice((0, 60, 900, 20_000), total), 0)
    ended_us = START_US + S_US * np.concatenate([np.cumsum(part) for part in _split(gaps_s + lasts_s, counts)])
    paces_m = generator.choice((0.0, 5.0, 40.0, 300.0), (total, 1)) * generator.normal(0.0, 1.0, (total, 2))
    places_m = np.concatenate([np.cumsum(part, axis=0) for part in _split(paces_m, counts)])
    wide = max(np.cos(np.radians(place[1])), 1e-4)
    return Sightings(
        devices=np.repeat(np.arange(devices), counts),
        started_us=ended_us - S_US * lasts_s,
        ended_us=ended_us,
        lons_deg=(place[0] + places_m[:, 0] / 111_195.0 / wide + 180.0) % 360.0 - 180.0,
        lats_deg=np.clip(place[1] + places_m[:, 1] / 111_195.0, -90.0, 90.0),
        sigmas_m=np.exp(generator.uniform(np.log(3.3), np.log(70.0), total)),
        stays=stays,
    )


def _split(column: np.ndarray, counts: np.ndarray) -> list[np.ndarray]:
    return np.split(column, np.cumsum(counts)[:-1])


def random_fences(generator: np.random.Generator, place: tuple[float, float]) -> list[Geofence]:
    """Return fences of each shape about a place, some with hours, some in versions that follow each other or do not."""
    found = []
    for number in range(24):
        moments = [to_moment(START_US + int(at) * S_US) for at in np.sort(generator.integers(0, 90_000, 3))]
        bounds = [None, *moments][: int(generator.integers(1, 5))]
        hours = Schedule(windows=(ClockWindow(earliest_s=8 * 3600, latest_s=33 * 3600),), weekdays=frozenset({1, 2, 4}))
        for version, since in enumerate(bounds, start=1):
            is_last = version == len(bounds)
            fence = Geofence(
                id=GeofenceId(str(number)),
                name="n",
                shape=_shape(generator, place),
                schedule=hours if generator.random() < 0.3 else Schedule(),
                version=version,
                valid_from=since,
                valid_until=None if is_last else bounds[version],
            )
            if generator.random() < 0.85:
                found.append(fence)
    return found


def _shape(generator: np.random.Generator, place: tuple[float, float]) -> Shape:
    lat = float(np.clip(place[1] + generator.normal(0.0, 0.004), -89.9, 89.9))
    lon = float((place[0] + generator.normal(0.0, 0.004) + 180.0) % 360.0 - 180.0)
    size_m = float(np.exp(generator.uniform(np.log(10.0), np.log(30_000.0))))
    if generator.random() < 0.4:
        return Circle(centre=Position(lon, lat), radius_m=size_m)
    lon = float(np.clip(lon, -179.5, 179.5))
    size_deg = min(size_m / 111_195.0, 0.05)
    if generator.random() < 0.5:
        ways = shapely.LineString([(lon, lat), (lon + size_deg, lat), (lon + size_deg, lat - size_deg)])
        return Corridor(lines=shapely.MultiLineString([ways]), width_m=20.0)
    area = shapely.box(lon, lat - size_deg, lon + size_deg, lat)
    hole = shapely.box(lon + size_deg / 4, lat - size_deg / 2, lon + size_deg / 2, lat - size_deg / 4)
    return Polygon(areas=shapely.MultiPolygon([area - hole]))


@pytest.mark.parametrize("place", [TOWN, DATE_LINE, FAR_NORTH], ids=["town", "date line", "pole"])
@pytest.mark.parametrize("seed", range(4))
def test_presences_are_disjoint_and_their_moments_are_in_order(seed: int, place: tuple[float, float]) -> None:
    """Enter ≤ dwell ≤ exit, earliest ≤ at ≤ latest, one after the other, and surer than not."""
    generator = np.random.default_rng(seed)
    index, sightings = FenceIndex(random_fences(generator, place)), random_sightings(generator, place)

    found = detect_presences(index, sightings, zone=SHANGHAI)

    assert found
    for one in found:
        crossings = [one.entered] if one.left is None else [one.entered, one.left]
        assert all(at.earliest_us <= at.at_us <= at.latest_us for at in crossings)
        assert one.entered.at_us <= one.seen_until_us
        assert one.left is None or one.seen_until_us <= one.left.at_us
        told = list(transitions_of(index, one, PARAMS))
        assert [told.at for told in told] == sorted(told.at for told in told)
        assert told[0].kind is TransitionKind.ENTER
        assert all(0.5 < one.probability <= 1.0 for one in told)
    ids = [index.fences[one.fence].id for one in found]
    pairs = sorted(zip(ids, found, strict=True), key=lambda one: (one[0], one[1].device, one[1].entered.at_us))
    for _, of_one in groupby(pairs, key=lambda one: (one[0], one[1].device)):
        for (_, earlier), (_, later) in pairwise(of_one):
            assert earlier.left is not None
            assert earlier.left.at_us <= later.entered.at_us


@pytest.mark.parametrize("seed", range(4))
def test_a_stay_in_parts_is_the_stay(seed: int) -> None:
    """At whichever moments stays are parted, the same is found."""
    generator = np.random.default_rng(seed)
    fences = [replace(one, id=GeofenceId(str(n)), valid_from=None, valid_until=None)
              for n, one in enumerate(random_fences(generator, TOWN))]  # fmt: skip
    index, whole = FenceIndex(fences), random_sightings(generator, TOWN)

    parted = split_stays(whole, np.sort(START_US + S_US * generator.integers(0, 90_000, 40)))

    assert len(parted) > len(whole)
    assert find_presences(index, parted, PARAMS) == find_presences(index, whole, PARAMS)


@pytest.mark.parametrize("seed", range(4))
def test_equal_versions_side_by_side_are_one_fence(seed: int) -> None:
    """A change that changes nothing makes no visit two, and none shorter."""
    generator = np.random.default_rng(seed)
    single = [one for one in random_fences(generator, TOWN) if one.version == 1]
    wholes = [replace(one, valid_from=None, valid_until=None) for one in single]
    sightings = random_sightings(generator, TOWN)
    changes = [to_moment(START_US + S_US * int(at)) for at in np.sort(generator.integers(0, 60_000, len(wholes)))]
    parts = [
        part
        for one, at in zip(wholes, changes, strict=True)
        for part in (replace(one, valid_until=at), replace(one, version=2, valid_from=at))
    ]

    found, expected = (
        [
            (fences[one.fence].id, one.device, one.entered, one.seen_until_us, one.left, one.evidence)
            for one in detect_presences(FenceIndex(fences), sightings, zone=SHANGHAI)
        ]
        for fences in (parts, wholes)
    )

    assert expected
    assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_what_ended_before_the_first_fix_gives_nothing() -> None:
    """Nor does what begins after the last."""
    generator = np.random.default_rng(5)
    fences = [replace(one, id=GeofenceId(str(n))) for n, one in enumerate(random_fences(generator, TOWN))]
    sightings = random_sightings(generator, TOWN)
    first, last = to_moment(int(sightings.started_us.min())), to_moment(int(sightings.ended_us.max()))

    before = [replace(one, valid_from=None, valid_until=first) for one in fences]
    behind = [replace(one, valid_from=last + timedelta(seconds=1), valid_until=None) for one in fences]

    assert detect_presences(
        FenceIndex([replace(one, valid_from=None, valid_until=None) for one in fences]), sightings, zone=SHANGHAI
    )
    assert detect_presences(FenceIndex(before), sightings, zone=SHANGHAI) == []
    assert detect_presences(FenceIndex(behind), sightings, zone=SHANGHAI) == []
