"""Tracks that fit a company's roads only in another reference system are told of."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from support.chinese_town import street_places, write_town

from geo_engine.geometry import LonLat, Position
from geo_engine.geometry.crs import Crs, array_from_wgs84
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.straight import StraightRouter
from geo_engine.tracks.crs_hints import crs_sentence, find_crs_hint
from geo_engine.tracks.model import Fix, Track
from geo_engine.words import Language

STARTED_AT = datetime(2026, 11, 27, 1, tzinfo=UTC)
DRIVE = street_places()[:250]


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OsrmRouter]:
    """Give the roads of the made-up town."""
    folder = tmp_path_factory.mktemp("town")
    with OsrmRouter(build_graph(write_town(folder / "town.osm.pbf"), cache_dir=folder)) as router:
        yield router


def _track(lonlats: Sequence[LonLat], crs: Crs, *, every_s: int = 6) -> Track:
    """Return a drive whose phone wrote it in a system."""
    written = array_from_wgs84(np.array(lonlats), crs=crs).tolist()
    times = [STARTED_AT + timedelta(seconds=every_s * number) for number in range(len(written))]
    return Track.of(
        [Fix(device=None, tracked_at=at, position=Position(*lonlat)) for at, lonlat in zip(times, written, strict=True)]
    )


def test_a_phone_that_writes_gcj02_is_told_of(router: OsrmRouter) -> None:
    """A drive off all streets that lies on them as GCJ-02 is named so, with its figures, in both languages."""
    found = find_crs_hint([_track(DRIVE, Crs.GCJ02)], declared=Crs.WGS84, router=router)

    assert found is not None
    assert found.likely is Crs.GCJ02
    sentence = crs_sentence(found)
    assert f"{found.nearer_count} of {found.count} driven fixes would lie nearer" in sentence.render(Language.EN)
    assert "GCJ-02" in sentence.render(Language.ZH_CN)


def test_what_is_in_order_or_tells_nothing_is_left_in_peace(router: OsrmRouter) -> None:
    """A drive on the streets, a shifted walk, and a shifted drive of a company without roads are not doubted."""
    shifted = _track(DRIVE, Crs.GCJ02)

    assert find_crs_hint([_track(DRIVE, Crs.WGS84)], declared=Crs.WGS84, router=router) is None
    assert find_crs_hint([_track(DRIVE, Crs.GCJ02, every_s=60)], declared=Crs.WGS84, router=router) is None
    assert find_crs_hint([shifted], declared=Crs.WGS84, router=StraightRouter()) is None
    assert find_crs_hint([], declared=Crs.WGS84, router=router) is None
