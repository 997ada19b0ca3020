"""The background of the bundled extract tells sea from land and keeps to its budget."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shapely

from geo_engine.basemap.background import build_background, drawn_background, encode_background
from geo_engine.basemap.model import Background, BackgroundKind

type Node = tuple[float, float, Mapping[str, str]]

PALACE_SQUARE = (7.4203, 43.7311)
OPEN_SEA = (7.44, 43.725)
HOLD_LOCK = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def background(monaco: Path) -> Background:
    """Return the background of Monaco at the default budget."""
    return build_background(monaco)


def _is_in(background: Background, kind: BackgroundKind, spot: tuple[float, float]) -> bool:
    shapes = [shapely.Polygon(polygon[0], polygon[1:]) for polygon in background.areas.get(kind, ())]
    return any(shape.contains(shapely.Point(spot)) for shape in shapes)


def test_the_sea_is_where_the_sea_is(background: Background) -> None:
    """The palace square is dry, the bay is not."""
    assert _is_in(background, BackgroundKind.SEA, OPEN_SEA)
    assert not _is_in(background, BackgroundKind.SEA, PALACE_SQUARE)


def test_every_layer_of_monaco_is_drawn(background: Background) -> None:
    """Sea, parks, water, buildings, roads and rails are there, and the towns have their names."""
    assert set(background.areas) == {
        BackgroundKind.SEA, BackgroundKind.PARK, BackgroundKind.WATER, BackgroundKind.BUILDING,
    }  # fmt: skip
    assert set(background.lines) == {BackgroundKind.ROAD_MAJOR, BackgroundKind.ROAD_MINOR, BackgroundKind.RAIL}
    assert "Beausoleil" in [name for name, _ in background.labels]
    assert len(background.labels) <= 60


def test_every_ring_is_closed_and_every_shape_lies_in_the_bounds(background: Background) -> None:
    """A ring ends where it starts; nothing reaches outside of the map."""
    rings = [ring for polygons in background.areas.values() for polygon in polygons for ring in polygon]
    lines = [line for parts in background.lines.values() for line in parts]
    west, south, east, north = background.bounds

    assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in rings)
    assert all(len(line) >= 2 for line in lines)
    for lon, lat in (point for path in (*rings, *lines) for point in path):
        assert west - 1e-5 <= lon <= east + 1e-5
        assert south - 1e-5 <= lat <= north + 1e-5


@pytest.mark.parametrize("budget_bytes", [250_000, 12_000, 1_000])
def test_the_encoding_keeps_to_its_budget(monaco: Path, budget_bytes: int) -> None:
    """Whatever the budget, the page's text is no longer."""
    encoded = encode_background(build_background(monaco, budget_bytes=budget_bytes))

    assert len(encoded.encode()) <= budget_bytes


def test_buildings_go_before_roads(monaco: Path) -> None:
    """A budget too small for all shows every road and no building, and is kept to."""
    small = build_background(monaco, budget_bytes=75_000)

    assert len(encode_background(small).encode()) <= 75_000
    assert BackgroundKind.BUILDING not in small.areas
    assert {BackgroundKind.ROAD_MAJOR, BackgroundKind.ROAD_MINOR} <= set(small.lines)


def test_an_inland_extract_has_no_sea_and_its_own_bounds(write_extract: Callable[..., Path]) -> None:
    """Without coast and header box, the map is as big as the roads."""
    nodes: list[Node] = [(116.30, 39.98, {}), (116.32, 39.99, {})]
    extract = write_extract(nodes, [([1, 2], {"highway": "primary"})])

    background = build_background(extract)

    assert background.areas == {}
    assert background.bounds == pytest.approx((116.30, 39.98, 116.32, 39.99), abs=1e-3)


def test_a_broken_coast_is_drawn_as_a_line(write_extract: Callable[..., Path]) -> None:
    """A coast that ends in the middle of the map is shown, but floods nothing."""
    nodes: list[Node] = [(7.0, 43.0, {}), (7.1, 43.1, {}), (7.0, 43.05, {}), (7.05, 43.05, {})]
    extract = write_extract(nodes, [([1, 2], {"highway": "primary"}), ([3, 4], {"natural": "coastline"})])

    background = build_background(extract)

    assert BackgroundKind.SEA not in background.areas
    assert BackgroundKind.COAST in background.lines


def test_an_empty_extract_has_an_empty_background(write_extract: Callable[..., Path]) -> None:
    """Nothing to draw is no error."""
    background = build_background(write_extract([(7.0, 43.0, {})], []))

    assert not background.areas
    assert not background.lines


def test_a_kept_drawing_is_given_again_until_the_extract_changes(
    write_extract: Callable[..., Path], tmp_path: Path
) -> None:
    """The second time costs no drawing, and a new extract is drawn anew."""
    kept_in = tmp_path / "kept"
    kept_in.mkdir()
    extract = write_extract([(7.0, 43.0, {}), (7.1, 43.1, {})], [([1, 2], {"highway": "primary"})])
    first = drawn_background(extract, kept_in=kept_in)
    [drawing] = kept_in.iterdir()
    drawn_at_ns = drawing.stat().st_mtime_ns

    assert drawn_background(extract, kept_in=kept_in) == first == encode_background(build_background(extract))
    assert drawing.stat().st_mtime_ns == drawn_at_ns

    os.utime(extract, (time.time() + 10, time.time() + 10))
    drawn_background(extract, kept_in=kept_in)

    assert drawing.stat().st_mtime_ns > drawn_at_ns


def test_many_who_ask_at_once_have_it_drawn_once(
    write_extract: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others wait and get the same, and nothing half written is left behind."""
    extract = write_extract([(7.0, 43.0, {}), (7.1, 43.1, {})], [([1, 2], {"highway": "primary"})])
    kept_in = tmp_path / "kept"
    kept_in.mkdir()
    built: list[Path] = []

    def build_slowly(extract: Path) -> Background:
        built.append(extract)
        time.sleep(0.2)
        return build_background(extract)

    monkeypatch.setattr("geo_engine.basemap.background.build_background", build_slowly)
    with ThreadPoolExecutor(max_workers=6) as pool:
        drawn = set(pool.map(lambda _: drawn_background(extract, kept_in=kept_in), range(6)))

    assert built == [extract]
    assert [path.read_text(encoding="utf-8") for path in kept_in.iterdir()] == list(drawn)


def test_what_another_process_draws_is_waited_for(write_extract: Callable[..., Path], tmp_path: Path) -> None:
    """While the folder is locked nothing is drawn; what lies in it afterwards is given."""
    extract = write_extract([(7.0, 43.0, {}), (7.1, 43.1, {})], [([1, 2], {"highway": "primary"})])
    kept_in = tmp_path / "kept"
    kept_in.mkdir()
    drawn_background(extract, kept_in=kept_in)
    [drawing] = kept_in.iterdir()
    drawing.unlink()
    command = [sys.executable, "-c", HOLD_LOCK, kept_in]

    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()
        asked = pool.submit(drawn_background, extract, kept_in=kept_in)
        time.sleep(0.3)
        is_early = asked.done()
        drawing.write_text("drawn by the other", encoding="utf-8")
        other.stdin.close()

    assert not is_early
    assert asked.result() == "drawn by the other"


def test_a_drawing_that_cannot_be_kept_is_given_all_the_same(
    write_extract: Callable[..., Path], tmp_path: Path
) -> None:
    """A folder that is not there stops nobody."""
    extract = write_extract([(7.0, 43.0, {}), (7.1, 43.1, {})], [([1, 2], {"highway": "primary"})])

    assert drawn_background(extract, kept_in=tmp_path / "nowhere") == encode_background(build_background(extract))
