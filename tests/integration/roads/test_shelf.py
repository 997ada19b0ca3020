"""The graphs that the pages keep open."""

import weakref
from pathlib import Path

import pytest

from geo_engine.geometry import Position
from geo_engine.ids import GraphKey
from geo_engine.roads import RoadChoice
from geo_engine.roads.graph import RoadGraph
from geo_engine.settings import Settings
from web.roads import RoadShelf

CHOICES = [RoadChoice(key=GraphKey(name), extract_name=f"{name}.osm.pbf") for name in ("one", "two", "three")]


@pytest.fixture
def shelf(tmp_path: Path, monaco_graph: RoadGraph) -> RoadShelf:
    """Return a shelf for two of three graphs."""
    (tmp_path / "roads").mkdir()
    for choice in CHOICES:
        (tmp_path / "roads" / choice.key).symlink_to(monaco_graph.folder, target_is_directory=True)
    return RoadShelf(Settings(cache_dir=tmp_path), most_open=2)


def test_the_graph_asked_for_longest_ago_is_let_go(shelf: RoadShelf) -> None:
    """Nothing of it is left, and when it is asked for again it is opened again."""
    one, two, three = CHOICES
    opened = {choice.key: weakref.ref(shelf.get(choice).router) for choice in (one, two)}
    shelf.get(one)

    shelf.get(three)

    assert opened[two.key]() is None
    assert shelf.get(one).router is opened[one.key]()
    assert shelf.get(two).router.source == "osrm:two.osm.pbf"


def test_whoever_uses_a_graph_may_go_on_when_it_is_let_go(shelf: RoadShelf, monaco_places: list[Position]) -> None:
    """A page that is being drawn gets its ways and its table, although others took all the places meanwhile."""
    router = shelf.get(CHOICES[0]).router
    before = router.matrix(monaco_places[:30])
    for choice in CHOICES[1:]:
        shelf.get(choice)

    after = router.matrix(monaco_places)

    assert (after.durations_s[:30, :30] == before.durations_s).all()
    assert router.path(monaco_places[:2]).legs
