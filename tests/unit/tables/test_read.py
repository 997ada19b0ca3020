"""Tables are read from what people's programs write, and a broken row costs no other."""

import json
import re
from datetime import time, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from geo_engine.errors import InvalidInput
from geo_engine.tables import RowProblem, Table
from geo_engine.tables.read import read_table
from geo_engine.timespan import parse_clock
from geo_engine.words import Language


def table_of(tmp_path: Path, name: str, content: str | bytes) -> Table:
    """Return the table read from a file with this name and content."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path)


def features(*items: object) -> str:
    """Return a FeatureCollection as text."""
    return json.dumps({"type": "FeatureCollection", "features": list(items)})


def feature(geometry: object, **properties: object) -> dict[str, object]:
    """Return a Feature."""
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def told(problem: RowProblem) -> tuple[int, str]:
    """Return what a person is told: line and sentence."""
    return problem.line, problem.reason.render(Language.EN)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_separator_is_found_from_the_header(tmp_path: Path, delimiter: str) -> None:
    """Commas, semicolons and tabs are all read without being named."""
    text = "Id,Service Min\nA,15\n".replace(",", delimiter)

    table = table_of(tmp_path, "sites.csv", text)

    assert table.columns == ("id", "service_min")
    assert dict(table.rows[0].cells) == {"id": "A", "service_min": "15"}


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "\ufeffSEP=;;", "\r\nsep=;\r\n"])
def test_the_line_excel_writes_for_itself_names_the_separator(tmp_path: Path, first: str) -> None:
    """A first line ``sep=;`` is no header and decides, even where commas are more; lines still count from the file."""
    table = table_of(tmp_path, "sites.csv", f"{first}\r\nid;a,b,c\r\n1;2,3\r\n")

    assert table.columns == ("id", "a,b,c")
    assert table.rows[0].line == table.header_line + 1 == first.count("\r\n") + 3
    assert dict(table.rows[0].cells) == {"id": "1", "a,b,c": "2,3"}


def test_stray_control_characters_are_dropped(tmp_path: Path) -> None:
    """What a till or a scanner left in a cell costs neither the cell nor the file."""
    rows = table_of(tmp_path, "sites.csv", "id,name,note\nA\x07,Perle,two\x0bwords and one more\n").rows
    spelled = table_of(tmp_path, "sites.json", features(feature(None, id="A\x07", name="Per\x1fle"))).rows

    assert dict(rows[0].cells) == {"id": "A", "name": "Perle", "note": "two words and one more"}
    assert dict(spelled[0].cells) == {"id": "A", "name": "Perle"}


def test_what_cannot_be_seen_makes_no_other_name(tmp_path: Path) -> None:
    """A character without width, or one that turns what follows, is dropped; one that joins letters stays."""
    (row,) = table_of(tmp_path, "sites.csv", "id,name,note\nX4\u200b,\u202eevil,\u200b\u2066\n").rows
    (joined,) = table_of(tmp_path, "joined.csv", "id,name\n1,👩\u200d🔧\n").rows

    assert dict(row.cells) == {"id": "X4", "name": "evil"}
    assert joined.cells["name"] == "👩\u200d🔧"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_text_is_read_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    """UTF-8 with or without a byte order mark, GB18030 and UTF-16 give the same table."""
    table = table_of(tmp_path, "sites.csv", "编号,名称\n1,深圳湾口岸\n".encode(encoding))

    assert dict(table.rows[0].cells) == {"编号": "1", "名称": "深圳湾口岸"}


def test_a_quoted_line_break_keeps_the_line_numbers_of_the_file(tmp_path: Path) -> None:
    """A row's line is where it starts in the file; blank lines count too."""
    table = table_of(tmp_path, "sites.csv", 'id,name\r\nA,"two\r\nlines"\r\n\r\nB,b\r\n')

    assert [(row.line, row.cells["name"]) for row in table.rows] == [(2, "two\r\nlines"), (5, "b")]


def test_a_quote_that_does_not_close_costs_only_its_own_line(tmp_path: Path) -> None:
    """Rows after an open quote are read, whether or not a later quote seems to close it."""
    table = table_of(tmp_path, "sites.csv", 'id,name\n1,"Café\n2,"Bar"\n3,plain\n4,"open\n5,last\n')

    assert [row.cells["id"] for row in table.rows] == ["2", "3", "5"]
    assert [told(problem) for problem in table.problems] == [
        (2, "The quotes in this row do not close; inside a quoted cell a quote is written twice."),
        (5, "The quotes in this row do not close; inside a quoted cell a quote is written twice."),
    ]


def test_a_row_longer_than_the_header_is_a_problem_unless_the_rest_is_empty(tmp_path: Path) -> None:
    """Extra cells with content are reported with both counts; trailing separators are harmless."""
    table = table_of(tmp_path, "sites.csv", "id,name\n1,a,b\n2,c,,\n")

    assert [row.cells["id"] for row in table.rows] == ["2"]
    assert [told(problem) for problem in table.problems] == [
        (2, "The row has 3 cells, the header 2; put a cell that contains a separator in quotes.")
    ]


def test_a_sheet_reads_as_a_person_sees_it(tmp_path: Path) -> None:
    """Times, whole floats and booleans become their visible text, under the sheet's row numbers."""
    book = openpyxl.Workbook()
    book.active.append(["id", "opens", "service_min", "required"])
    book.active.append([])
    book.active.append([7, time(9, 0), 45.0, True])
    book.save(tmp_path / "sites.xlsx")

    table = read_table(tmp_path / "sites.xlsx")

    assert table.rows[0].line == 3
    assert dict(table.rows[0].cells) == {"id": "7", "opens": "09:00", "service_min": "45", "required": "true"}


@pytest.mark.parametrize("name", ["sites.csv", "sites.json", "sites.txt"])
def test_a_file_under_another_formats_name_is_read_by_its_content(tmp_path: Path, name: str) -> None:
    """A workbook or GeoJSON that was only renamed is read as what it is."""
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.active.append(["A"])
    book.save(tmp_path / "sites.xlsx")

    sheet = table_of(tmp_path, name, (tmp_path / "sites.xlsx").read_bytes())
    drawn = table_of(tmp_path, name, "\ufeff " + features(feature(None, id="B")))

    assert [row.cells["id"] for row in (*sheet.rows, *drawn.rows)] == ["A", "B"]


def test_a_time_beyond_midnight_in_a_sheet_is_one_a_window_can_hold(tmp_path: Path) -> None:
    """A cell of 26 hours is two o'clock of the next day; rows that only look filled come before no header."""
    book = openpyxl.Workbook()
    book.active.append(["  ", " "])
    book.active.append(["id", "latest"])
    book.active.append(["A", timedelta(hours=26)])
    book.save(tmp_path / "sites.xlsx")

    (row,) = read_table(tmp_path / "sites.xlsx").rows

    assert row.cells == {"id": "A", "latest": "02:00+1"}
    assert parse_clock(row.cells["latest"]) == 26 * 3600


def test_features_become_rows_with_a_position(tmp_path: Path) -> None:
    """A point gives lon and lat, an area a point inside it, no geometry none; lists join with semicolons."""
    square = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}
    text = features(
        feature({"type": "Point", "coordinates": [7.4, 43.7]}, id=1, skills=["gas", "lift"]),
        feature(square, id="B"),
        feature(None, id="C", address="Rue Grimaldi"),
    )

    rows = table_of(tmp_path, "sites.geojson", text).rows

    assert dict(rows[0].cells) == {"id": "1", "skills": "gas;lift", "lon": "7.4", "lat": "43.7"}
    assert (rows[1].cells["lon"], rows[1].cells["lat"]) == ("1.0", "1.0")
    assert dict(rows[2].cells) == {"id": "C", "address": "Rue Grimaldi"}


def test_a_broken_feature_costs_no_other(tmp_path: Path) -> None:
    """What is no Feature, or has no readable geometry, is a problem with the feature's number."""
    bad = feature({"type": "Point", "coordinates": ["x"]}, id=2)
    text = features({"type": "Feture"}, bad, feature(None, id=3))

    table = table_of(tmp_path, "sites.json", text)

    assert [row.line for row in table.rows] == [3]
    assert [told(problem) for problem in table.problems] == [
        (1, "This is not a GeoJSON Feature."),
        (2, "The geometry of the feature cannot be read."),
    ]


def test_half_a_character_is_made_showable(tmp_path: Path) -> None:
    """A lone surrogate, which JSON can spell, never reaches a place that must write text."""
    table = table_of(tmp_path, "sites.json", features(feature(None, id="A\ud800")))

    assert table.rows[0].cells["id"] == "A?"


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    """A workbook cut short or with a part missing is no crash."""
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.save(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()

    for damaged in (whole[:-50], whole[:1000] + bytes(200) + whole[1200:]):
        with pytest.raises(InvalidInput, match=r"^cut\.xlsx is not a readable XLSX workbook\.$"):
            table_of(tmp_path, "cut.xlsx", damaged)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("sites.pdf", b"%PDF", "sites.pdf is not a table that can be read: expected .csv, .tsv, .xlsx or .geojson."),
        ("empty.csv", b"  \n ", "empty.csv is empty."),
        ("head.csv", b"id,lon,lat\n", "head.csv has a header but no rows."),
        ("blank.csv", b",,\n1,2,3\n", "blank.csv has no header: its first row must name the columns."),
        ("open.csv", b'id,"lon\n1,2\n', "open.csv has no header: its first row must name the columns."),
        ("twice.csv", b"id,Lon,lon \n1,2,3\n", "twice.csv has two columns called lon."),
        ("junk.csv", bytes(range(256)), "junk.csv is not text in UTF-8 or GB18030; save it as “CSV UTF-8”."),
        (
            "half.csv",
            "id,lon\n1,2\n".encode("utf-16-le"),
            "half.csv is not text in UTF-8 or GB18030; save it as “CSV UTF-8”.",
        ),
        ("only.csv", b"sep=;\n", "only.csv has no header: its first row must name the columns."),
        ("junk.xlsx", b"no workbook", "junk.xlsx is not a readable XLSX workbook."),
        ("cut.geojson", b'{"type": "FeatureColl', "cut.geojson is not valid JSON."),
        ("deep.json", b"[" * 200_000, "deep.json is not valid JSON."),
        ("nan.geojson", b'{"features": [NaN]}', "nan.geojson: NaN is not a number in JSON."),
        ("list.json", b"[1, 2]", "list.json is not a GeoJSON FeatureCollection."),
        ("none.json", b'{"type": "FeatureCollection", "features": []}', "none.json has no features."),
        ("long.csv", b"id\n" + b"1\n" * 100_001, "long.csv has more than 100000 rows."),
        ("large.csv", b"x" * 50_000_001, "large.csv has 51 MB; at most 50 MB are read."),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value and " " not in value else "",
)
def test_a_file_that_cannot_be_used_is_refused_by_name(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """Each kind of unusable file is told apart, with its name."""
    with pytest.raises(InvalidInput) as refused:
        table_of(tmp_path, name, content)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (b'<row><c r="XFD1"><v>1</v></c></row>' * 200, "bomb.xlsx has more than 2000000 cells."),
        (b" " * 151_000_000, "bomb.xlsx unpacks to more than 150 MB and is not read."),
    ],
    ids=["wide", "large"],
)
def test_a_small_workbook_that_unpacks_to_a_large_one_is_refused(tmp_path: Path, rows: bytes, told: str) -> None:
    """Neither many bytes nor many cells come out of a few kilobytes."""
    path = tmp_path / "honest.xlsx"
    openpyxl.Workbook().save(path)
    content = BytesIO()
    with ZipFile(path) as honest, ZipFile(content, "w", ZIP_DEFLATED) as bomb:
        for part in honest.namelist():
            text = honest.read(part)
            bomb.writestr(
                part, re.sub(rb"<sheetData ?/>|<sheetData></sheetData>", b"<sheetData>" + rows + b"</sheetData>", text)
            )

    assert len(content.getvalue()) < 1_000_000
    with pytest.raises(InvalidInput) as refused:
        table_of(tmp_path, "bomb.xlsx", content.getvalue())

    assert str(refused.value) == told


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    """A path that does not exist is said so; a folder cannot be opened."""
    (tmp_path / "folder.csv").mkdir()

    with pytest.raises(InvalidInput, match=r"^gone\.csv does not exist\.$"):
        read_table(tmp_path / "gone.csv")
    with pytest.raises(InvalidInput, match=r"^folder\.csv cannot be opened: Is a directory\.$"):
        read_table(tmp_path / "folder.csv")
