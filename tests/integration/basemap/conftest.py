"""The bundled extract, and a way to write a tiny one."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

type Node = tuple[float, float, Mapping[str, str]]
type Way = tuple[Sequence[int], Mapping[str, str]]
type WriteExtract = Callable[[Sequence[Node], Sequence[Way]], Path]


@pytest.fixture(scope="session")
def monaco() -> Path:
    """Return the bundled extract."""
    return Path(__file__).parents[3] / "scripts" / "data" / "monaco.osm.pbf"


@pytest.fixture
def write_extract(tmp_path: Path) -> WriteExtract:
    """Return what writes nodes (lon, lat, tags; numbered from 1) and ways (node numbers, tags) as an OSM file."""

    def write(nodes: Sequence[Node], ways: Sequence[Way]) -> Path:
        root = ET.Element("osm", version="0.6")
        for number, (lon, lat, tags) in enumerate(nodes, start=1):
            _tagged(ET.SubElement(root, "node", id=str(number), lon=str(lon), lat=str(lat), version="1"), tags)
        for number, (members, tags) in enumerate(ways, start=1):
            way = ET.SubElement(root, "way", id=str(number), version="1")
            for member in members:
                ET.SubElement(way, "nd", ref=str(member))
            _tagged(way, tags)
        path = tmp_path / "tiny.osm"
        ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
        return path

    return write


def _tagged(element: ET.Element, tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        ET.SubElement(element, "tag", k=key, v=value)
