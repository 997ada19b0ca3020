"""Road graphs are made once, whole, and every unusable extract is refused in words."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.geometry import Position
from geo_engine.roads.build import build_graph
from geo_engine.roads.graph import Preparation, RoadGraph, open_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.words import Language, Message

type Streets = list[Sequence[tuple[float, float]]]
type Draw = Callable[..., Path]
type DrawGrid = Callable[[tuple[float, float], int], Streets]


@pytest.fixture
def village(tmp_path: Path, draw_extract: Draw, draw_grid: DrawGrid) -> Path:
    """Return an extract of four crossings, far below OSRM's own size of a main network."""
    return draw_extract(tmp_path / "村庄.osm.pbf", draw_grid((10.0, 50.0), 4))


def test_a_graph_is_found_again_by_the_content_of_its_extract(village: Path, tmp_path: Path) -> None:
    """A copy under another name uses the same graph, under its own name."""
    copy = Path(shutil.copy(village, tmp_path / "copy.osm.pbf"))
    first = build_graph(village, cache_dir=tmp_path / "cache")
    made_at = first.folder.stat().st_mtime_ns

    second = build_graph(copy, cache_dir=tmp_path / "cache")

    assert (second.folder, second.folder.stat().st_mtime_ns) == (first.folder, made_at)
    assert (first.extract_name, second.extract_name) == ("村庄.osm.pbf", "copy.osm.pbf")


def test_another_content_makes_another_graph(village: Path, monaco_extract: Path, tmp_path: Path) -> None:
    """Graphs of different extracts never meet in the cache."""
    graphs = [build_graph(extract, cache_dir=tmp_path / "cache") for extract in (village, monaco_extract)]

    assert graphs[0].folder != graphs[1].folder


def test_the_folder_alone_is_enough(village: Path, tmp_path: Path) -> None:
    """A graph moved elsewhere opens, routes, and still has its extract."""
    graph = build_graph(village, cache_dir=tmp_path / "cache")
    moved = graph.folder.rename(tmp_path / "elsewhere")

    reopened = open_graph(moved)

    assert reopened.extract is not None
    assert reopened.extract.read_bytes() == village.read_bytes()
    assert OsrmRouter(reopened).source == "osrm:村庄.osm.pbf"


def test_only_the_finished_graph_is_left(village: Path, tmp_path: Path) -> None:
    """No scratch folder survives, and no file that only building needs."""
    graph = build_graph(village, cache_dir=tmp_path / "cache")

    assert list((tmp_path / "cache" / "roads").iterdir()) == [graph.folder]
    assert not list(graph.folder.glob("*.ebg"))


def test_what_a_killed_build_left_is_removed_a_day_later(village: Path, tmp_path: Path) -> None:
    """A folder nobody has written to for a day goes; one that may still be worked in stays."""
    roads = tmp_path / "cache" / "roads"
    folders = [roads / name for name in (".building-dead", ".building-live", ".building-fresh")]
    for folder in folders:
        (folder / "graph").mkdir(parents=True)
        (folder / "graph" / "roads.osrm").write_bytes(b"half")
    long_ago = roads.stat().st_mtime - 25 * 3600
    live = roads / ".building-live" / "graph" / "roads.osrm"
    for folder in folders[:2]:
        for path in (folder / "graph" / "roads.osrm", folder / "graph", folder):
            os.utime(path, (long_ago, long_ago))
    os.utime(live)

    graph = build_graph(village, cache_dir=tmp_path / "cache")

    assert set(roads.iterdir()) == {graph.folder, *folders[1:]}


def test_two_builders_at_once_end_with_one_whole_graph(village: Path, tmp_path: Path) -> None:
    """Whoever is second uses the winner's graph."""
    with ThreadPoolExecutor(2) as pool:
        graphs = list(pool.map(lambda _: build_graph(village, cache_dir=tmp_path / "cache"), range(2)))

    assert graphs[0] == graphs[1]
    assert list((tmp_path / "cache" / "roads").iterdir()) == [graphs[0].folder]


def test_building_says_what_it_does_and_prints_nothing(
    village: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Progress goes to the caller, rising from nothing done; standard output is for results."""
    told: list[tuple[Message, float]] = []

    build_graph(village, cache_dir=tmp_path / "cache", on_progress=lambda *news: told.append(news))

    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert told[0][0].render(Language.EN) == "Reading the roads of 村庄.osm.pbf"
    assert capfd.readouterr() == ("", "")


def test_both_preparations_give_the_same_travel(monaco_graph: RoadGraph, monaco_extract: Path, tmp_path: Path) -> None:
    """Which algorithm answers is a matter of time, not of the answer."""
    places = [Position(7.4250, 43.7350), Position(7.4276, 43.7393), Position(7.4180, 43.7310)]
    other = build_graph(monaco_extract, cache_dir=tmp_path, preparation=Preparation.MLD)

    matrices = [OsrmRouter(graph).matrix(places) for graph in (monaco_graph, other)]

    assert matrices[0].durations_s == pytest.approx(matrices[1].durations_s, abs=0.11)


def test_a_graph_made_by_hand_opens_by_its_base_path(village: Path, tmp_path: Path) -> None:
    """A `.osrm` base without our facts beside it is recognised, with the extract beside it."""
    graph = build_graph(village, cache_dir=tmp_path / "cache")
    (graph.folder / "graph.json").unlink()

    by_hand = open_graph(graph.base)

    assert by_hand.preparation is Preparation.CH
    assert by_hand.extract == graph.extract


def test_a_village_has_a_main_network_too(tmp_path: Path, draw_extract: Draw, draw_grid: DrawGrid) -> None:
    """A detached yard is not cut off merely because the extract around it is small."""
    yard = [(10.0105, 50.0105), (10.0106, 50.0105)]
    streets = [*draw_grid((10.0, 50.0), 10), yard]
    graph = build_graph(draw_extract(tmp_path / "yard.osm.pbf", streets), cache_dir=tmp_path)

    matrix = OsrmRouter(graph).matrix([Position(10.0, 50.0), Position(10.0106, 50.0106)])

    assert matrix.durations_s[0, 1] > 0.0


@pytest.fixture
def unusable(tmp_path: Path, monaco_extract: Path, draw_extract: Draw, draw_grid: DrawGrid) -> Callable[[str], Path]:
    """Return the function that writes one kind of unusable extract."""
    whole = monaco_extract.read_bytes()
    contents = {
        "empty": b"",
        "garbage": b"id,name\n1,A\n" * 999,
        "cut off": whole[: len(whole) // 2],
        "broken": whole[:200] + bytes(5000) + whole[5200:],
    }

    def write(kind: str) -> Path:
        path = tmp_path / "town.osm.pbf"
        if kind == "rivers only":
            return draw_extract(path, draw_grid((10.0, 50.0), 3), {"waterway": "river"})
        if kind in contents:
            path.write_bytes(contents[kind])
        return path

    return write


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "does not exist"),
        ("empty", "is empty"),
        ("garbage", "is not an OpenStreetMap PBF file"),
        ("cut off", "cannot be read: PBF error: unexpected EOF"),
        ("broken", "cannot be read: "),
        ("rivers only", r"has no roads for cars \(There are no edges remaining after parsing\.\)"),
    ],
)
def test_an_unusable_extract_is_refused_with_its_reason(
    kind: str, words: str, unusable: Callable[[str], Path], tmp_path: Path
) -> None:
    """Each refusal names the file and the reason, and leaves nothing in the cache."""
    extract = unusable(kind)

    with pytest.raises(InvalidInput, match=rf"town\.osm\.pbf.*{words}"):
        build_graph(extract, cache_dir=tmp_path / "cache")

    assert not list(tmp_path.glob("cache/roads/*"))


def test_a_cache_that_cannot_be_written_is_unavailable(village: Path, tmp_path: Path) -> None:
    """A file where the cache should be is named."""
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")

    with pytest.raises(Unavailable, match="cannot be written"):
        build_graph(village, cache_dir=tmp_path / "cache")


def test_a_folder_without_a_graph_is_refused(tmp_path: Path) -> None:
    """The first missing file is named."""
    with pytest.raises(InvalidInput, match=r"is not a road graph: roads\.osrm\.fileIndex is missing"):
        open_graph(tmp_path)


@pytest.mark.parametrize("facts", ["", "[]", json.dumps({"preparation": "XY", "extract_name": "a"})])
def test_broken_facts_are_refused(facts: str, village: Path, tmp_path: Path) -> None:
    """A graph whose description was damaged is not guessed at."""
    graph = build_graph(village, cache_dir=tmp_path / "cache")
    (graph.folder / "graph.json").write_text(facts, encoding="utf-8")

    with pytest.raises(InvalidInput, match=r"graph\.json cannot be read"):
        open_graph(graph.folder)


def test_a_graph_of_another_make_is_refused(village: Path, tmp_path: Path) -> None:
    """Files OSRM cannot open are named, not crashed over."""
    graph = build_graph(village, cache_dir=tmp_path / "cache")
    (graph.folder / "roads.osrm.hsgr").unlink()

    with pytest.raises(InvalidInput, match="cannot be opened"):
        OsrmRouter(graph)
