"""A file that cannot be read is refused with a sentence, whoever made it and why."""

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo_engine.errors import InvalidInput
from geo_engine.tracks.files import FileLimits, read_tracks
from geo_engine.words import Language

LIMITS = FileLimits(
    max_bytes=3_000_000, max_json_bytes=1_000_000, max_inflated_bytes=2_000_000, max_members=20, max_fixes=1_000
)
TIME = "2026-03-01T08:00:00Z"
POINT = f'<trkpt lat="1" lon="2"><time>{TIME}</time></trkpt>'
GPX = f"<gpx><trk><trkseg>{POINT}</trkseg></trk></gpx>"
KML = f"<kml><Placemark><Track><when>{TIME}</when><coord>1 2 0</coord></Track></Placemark></kml>"
ROWS = f"time,lon,lat\n{TIME},1,2\n"
NO_DECLARATION = "declares a document type or entities, which no track needs; remove the declaration."
NO_FIXES = "has no fixes that can be read."
NO_TIMES = "has no times: a track needs the moment of each position."


def laughing(root: str) -> str:
    """Return a document of a few hundred bytes whose entities are gigabytes."""
    entities = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, 10))
    return f'<!DOCTYPE {root} [<!ENTITY e0 "ha">{entities}]><{root}>&e9;</{root}>'


def feature(kind: str, coordinates: object, **properties: object) -> str:
    """Return a Feature as text."""
    return json.dumps(
        {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}
    )


def packed(*members: tuple[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of these members."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as writer:
        for name, content in members:
            writer.writestr(name, content)
    return archive.getvalue()


def lying() -> bytes:
    """Return an archive whose directory says that its document has ten bytes."""
    archive = bytearray(packed(("doc.kml", " " * 3_000_000)))
    entry = archive.rindex(b"PK\x01\x02")
    archive[entry + 24 : entry + 28] = struct.pack("<I", 10)
    return bytes(archive)


def encrypted() -> bytes:
    """Return an archive whose document is said to be encrypted."""
    archive = bytearray(packed(("doc.kml", KML)))
    archive[archive.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(archive)


def rows_of(count: int) -> bytes:
    """Return a Parquet file with so many rows of one fix, and a device of 10 kB that stands in it once."""
    table = pa.table(
        {
            "time": pa.array([TIME] * count).dictionary_encode(),
            "lon": np.ones(count),
            "lat": np.ones(count),
            "device": pa.array(["x" * 10_000] * count).dictionary_encode(),
        }
    )
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


def geoparquet(**columns: object) -> bytes:
    """Return a GeoParquet file of one point with these columns."""
    written = io.BytesIO()
    gpd.GeoDataFrame(columns, geometry=shapely.points([[1.0, 2.0]]), crs="EPSG:4326").to_parquet(written)
    return written.getvalue()


BAD: list[tuple[str, str | bytes, str]] = [
    # nothing in it, or nothing of a track
    ("none.csv", "", "none.csv is empty."),
    ("blank.gpx", " \r\n ", "blank.gpx is empty."),
    ("header.csv", "time,lon,lat\n", f"header.csv {NO_FIXES}"),
    ("picture.gpx", b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 20, "picture.gpx is not text in UTF-8 or GB18030"),
    ("latin.csv", "time,lon,lat\nété à la é\xff\n".encode("latin-1"), "latin.csv is not text in UTF-8 or GB18030"),
    ("letter.txt", "Dear Sir,\nhello.\n", "letter.txt needs tracked_at + lon + lat; its columns are: dear_sir."),
    # tables
    ("time.csv", "lon,lat,speed\n1,2,3\n", "time.csv needs tracked_at; its columns are: lon, lat, speed."),
    ("place.csv", f"time,lat\n{TIME},2\n", "place.csv needs lon; its columns are: time, lat."),
    ("twice.csv", f"time,lon,lon,lat\n{TIME},1,1,2\n", "twice.csv has two columns called lon."),
    ("nothing.csv", ",,\n1,2,3\n", "nothing.csv has no header: its first row must name the columns."),
    ("quote.csv", f'"time,lon,lat\n{TIME},1,2\n', "quote.csv has no header: its first row must name the columns."),
    ("timeless.csv", "time,lon,lat\n,1,2\n,3,4\n", f"timeless.csv {NO_TIMES}"),
    ("lat91.csv", f"time,lon,lat\n{TIME},100,91\n", f"lat91.csv {NO_FIXES}"),
    ("nan.csv", f"time,lon,lat\n{TIME},NaN,Infinity\n", f"nan.csv {NO_FIXES}"),
    ("many.csv", "time,lon,lat\n" + f"{TIME},1,2\n" * 1_001, "many.csv has more than 1000 fixes."),
    ("large.csv", ROWS + " " * 3_000_000, "large.csv has 4 MB; at most 3 MB are read."),
    # XML
    ("cut.gpx", "<gpx><trk><trkse", f"cut.gpx {NO_FIXES}"),
    ("cut.kml", "<km", "cut.kml is XML, but neither GPX nor KML: its outermost element is “?”."),
    ("other.gpx", "<html><body/></html>", "other.gpx is XML, but neither GPX nor KML: its outermost element"),
    ("route.gpx", GPX.replace(f"<time>{TIME}</time>", "") , f"route.gpx {NO_TIMES}"),
    ("points.gpx", GPX.replace("trkpt", "wpt"), f"points.gpx {NO_FIXES}"),
    ("nowhere.gpx", GPX.replace('lat="1" lon="2"', ""), f"nowhere.gpx {NO_FIXES}"),
    ("laughs.gpx", laughing("gpx"), f"laughs.gpx {NO_DECLARATION}"),
    ("laughs.kml", laughing("kml"), f"laughs.kml {NO_DECLARATION}"),
    ("quadratic.gpx", f'<!DOCTYPE gpx [<!ENTITY a "{"a" * 99_999}">]><gpx>{"&a;" * 9_999}</gpx>', NO_DECLARATION),
    ("etc.gpx", f'<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>{GPX.replace("1", "&x;")}', NO_DECLARATION),
    ("outside.kml", '<!DOCTYPE kml SYSTEM "http://127.0.0.1:9/x.dtd"><kml/>', NO_DECLARATION),
    ("parameter.kml", '<!DOCTYPE kml [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]><kml/>', NO_DECLARATION),
    ("entity.gpx", GPX.replace("<trk>", "<trk><name>&nope;</name>"), f"entity.gpx {NO_FIXES}"),
    ("deep.gpx", "<gpx>" * 101, "deep.gpx has elements more than 100 deep in each other."),
    ("many.gpx", GPX.replace(POINT, POINT * 1_001), "many.gpx has more than 1000 fixes."),
    ("coded.gpx", '<?xml version="1.0" encoding="klingon"?><gpx/>', "coded.gpx is in an encoding that is not known."),
    ("binary.gpx", b"<gpx>\x00\x01</gpx>", f"binary.gpx {NO_FIXES}"),
    # archives
    ("cut.kmz", packed(("doc.kml", KML))[:-9], "cut.kmz is not a readable KMZ archive."),
    ("torn.kmz", b"PK\x03\x04torn", "torn.kmz is not a readable KMZ archive."),
    ("none.kmz", packed(), "none.kmz is an archive without a KML document."),
    ("sheet.kmz", packed(("xl/workbook.xml", "<x/>")), "sheet.kmz is an archive without a KML document."),
    ("bomb.kmz", packed(("doc.kml", " " * 3_000_000)), "bomb.kmz unpacks to more than 2 MB and is not read."),
    ("lying.kmz", lying(), "lying.kmz is not a readable KMZ archive."),
    ("nested.kmz", packed(("doc.kml", packed(("doc.kml", KML)))), "nested.kmz holds another archive, which"),
    ("crowd.kmz", packed(*((f"{at}.kml", KML) for at in range(21))), "crowd.kmz is an archive of more than 20 files."),
    ("sealed.kmz", encrypted(), "sealed.kmz is encrypted or packed in a way that is not read; pack it again."),
    ("lzma.kmz", packed(("doc.kml", KML), method=zipfile.ZIP_LZMA), "lzma.kmz is encrypted or packed in a way"),
    ("laughs.kmz", packed(("doc.kml", laughing("kml"))), f"laughs.kmz {NO_DECLARATION}"),
    ("folder.kmz", packed(("doc.kml/", "")), "folder.kmz is an archive without a KML document."),
    # JSON
    ("large.json", "[" + "[]," * 400_000 + "0]", "large.json has 2 MB; at most 1 MB are read."),
    ("cut.geojson", feature("Point", [1, 2], time=TIME)[:-1], "cut.geojson is not valid JSON."),
    ("deep.json", "[" * 500_000, "deep.json is not valid JSON."),
    ("deeper.json", '{"a":' * 100_000, "deeper.json is not valid JSON."),
    ("nan.geojson", feature("Point", [1, float("nan")], time=TIME), "nan.geojson: NaN is not a number in JSON."),
    ("infinite.json", feature("Point", [1, 2], time=TIME).replace("[1", "[1e400"), f"infinite.json {NO_FIXES}"),
    ("lat91.json", feature("Point", [100, 91], time=TIME), f"lat91.json {NO_FIXES}"),
    ("timeless.json", feature("LineString", [[1, 2], [3, 4]]), f"timeless.json {NO_TIMES}"),
    ("fence.json", feature("Polygon", [[[1, 2], [3, 4], [5, 6], [1, 2]]], time=TIME), f"fence.json {NO_FIXES}"),
    ("none.json", '{"type": "FeatureCollection", "features": []}', f"none.json {NO_FIXES}"),
    ("odd.json", '{"type": "FeatureCollection", "features": 7}', "odd.json is not GeoJSON with points or lines."),
    ("text.json", feature("LineString", "here", times="now"), f"text.json {NO_FIXES}"),
    ("list.json", "[1, 2, 3]", "list.json is not GeoJSON with points or lines."),
    ("flat.mfjson", '{"type": "MovingPoint", "datetimes": 5, "coordinates": {}}', f"flat.mfjson {NO_FIXES}"),
    ("grid.json", '{"crs": {"properties": {"name": "EPSG:3857"}}, "type": "Point"}', "only WGS 84 is read."),
    ("sealed.json", '[{"_type": "encrypted", "data": "x"}]', f"sealed.json {NO_FIXES}"),
    ("wide.json", feature("Point", [1, 2], time=10**400), f"wide.json {NO_FIXES}"),
    # Parquet
    ("torn.parquet", b"PAR1torn", "torn.parquet is not a readable Parquet file."),
    ("cut.parquet", rows_of(1)[:-3], "cut.parquet is not a readable Parquet file."),
    ("many.parquet", rows_of(1_001), "many.parquet has more than 1000 fixes."),
    ("timeless.parquet", geoparquet(speed=[1.0]), "timeless.parquet needs tracked_at; its columns are: speed"),
    ("missing.parquet", geoparquet(time=[None]), f"missing.parquet {NO_TIMES}"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "sentence"), BAD, ids=[name for name, _, _ in BAD])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: str | bytes, sentence: str) -> None:
    """Whatever is wrong with it, reading ends at once with a sentence about it, and with nothing else."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(InvalidInput) as refused:
        read_tracks(path, limits=LIMITS)

    assert sentence in refused.value.render(Language.EN)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda _: None, "day.csv does not exist."),
        (Path.mkdir, "day.csv cannot be opened: Is a directory."),
        (lambda path: path.symlink_to("/dev/zero"), "day.csv has 4 MB; at most 3 MB are read."),
        (lambda path: path.symlink_to(path), "day.csv cannot be opened: Too many levels of symbolic links."),
    ],
    ids=["missing", "folder", "endless", "loop"],
)
def test_what_is_no_file_says_so(tmp_path: Path, make: Callable[[Path], object], sentence: str) -> None:
    """Also what never ends is not read to its end."""
    path = tmp_path / "day.csv"
    make(path)

    with pytest.raises(InvalidInput) as refused:
        read_tracks(path, limits=LIMITS)

    assert refused.value.render(Language.EN) == sentence


@pytest.mark.parametrize("name", ["day.csv", "day.gpx", "day.kmz", "day.parquet", "day.jpg", "day"])
@pytest.mark.parametrize("content", [ROWS.encode(), GPX.encode(), KML.encode(), packed(("doc.kml", KML)), rows_of(3)])
def test_a_wrong_ending_does_not_matter(tmp_path: Path, name: str, content: bytes) -> None:
    """What a file is shows in its content."""
    path = tmp_path / name
    path.write_bytes(content)

    assert read_tracks(path, limits=LIMITS).tracks


def test_an_archive_is_never_unpacked_into_a_folder(tmp_path: Path) -> None:
    """A member that climbs out of it is read like any other, and nothing is written."""
    path = tmp_path / "in" / "day.kmz"
    path.parent.mkdir()
    path.write_bytes(packed(("../../evil.kml", KML)))

    assert read_tracks(path).tracks
    assert [file for _, _, files in os.walk(tmp_path) for file in files] == ["day.kmz"]


def test_of_very_many_problems_only_the_first_are_listed(tmp_path: Path) -> None:
    """All are counted."""
    path = tmp_path / "day.csv"
    path.write_text(f"time,lon,lat\n{TIME},1,2\n" + "never,1,2\n" * 10_007)

    found = read_tracks(path)

    assert found.problem_count == 10_007
    assert len(found.problems) == 10_001
    assert found.problems[-1].reason.render(Language.EN) == "There are 7 more problems."
