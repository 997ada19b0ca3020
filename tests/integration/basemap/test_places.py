"""Places are what has a name and somebody to visit."""

from pathlib import Path

import pytest

from geo_engine.basemap.places import NO_CUSTOMERS, read_places
from geo_engine.errors import InvalidInput


def test_monaco_has_its_named_places(monaco: Path) -> None:
    """Nodes and areas with a name and a kind are places, each once, inside the extract."""
    places = read_places(monaco)

    assert len(places) > 350
    assert len({place.osm_id for place in places}) == len(places)
    assert {"Musée Océanographique", "Casino de Monte Carlo"} <= {place.name for place in places}
    assert {place.osm_id[0] for place in places} >= {"n", "w"}
    assert all(7.3 < place.position.lon < 7.55 and 43.68 < place.position.lat < 43.8 for place in places)


def test_scenery_and_street_furniture_are_no_places(monaco: Path) -> None:
    """Nobody is visited at a viewpoint or a fountain; an information office has staff."""
    kinds = {place.kind for place in read_places(monaco)}

    assert kinds & NO_CUSTOMERS <= {"tourism=information"}


def test_a_broken_extract_is_refused_by_name(tmp_path: Path, monaco: Path) -> None:
    """A file cut short is no extract."""
    broken = tmp_path / "half.osm.pbf"
    broken.write_bytes(monaco.read_bytes()[:300_000])

    with pytest.raises(InvalidInput, match=r"half\.osm\.pbf"):
        read_places(broken)


@pytest.mark.parametrize("name", ["none.osm.pbf", "list.csv", "empty.osm.pbf"])
def test_a_file_that_is_no_extract_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """Missing, of another kind or empty: the message names the file."""
    path = tmp_path / name
    if name != "none.osm.pbf":
        path.write_text("id,name\n" if name == "list.csv" else "")

    with pytest.raises(InvalidInput, match=name):
        read_places(path)
