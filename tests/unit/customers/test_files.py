"""A file of sites becomes sites, and each row that cannot is named with its reason."""

import json
from pathlib import Path

import openpyxl
import pytest

from geo_engine.customers import Site
from geo_engine.customers.addresses import AddressBook
from geo_engine.customers.files import SitesRead, read_sites
from geo_engine.customers.geocoding import GeocodeCandidate, Geocoding
from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.timespan import ClockWindow
from geo_engine.words import Language

MONACO = Position(7.42, 43.73)


class StreetList:
    """A geocoder that knows one street well, one badly, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def geocode(self, address: str) -> Geocoding:
        """Return Rue Grimaldi for its name and, with a low score, for a part of it."""
        self.asked.append(address)
        scores = {"Rue Grimaldi": 1.0, "Rue Gr": 0.55}
        found = [
            GeocodeCandidate(label="Rue Grimaldi", position=MONACO, score=score, source="extract:test")
            for known, score in scores.items()
            if known == address
        ]
        return Geocoding(address=address, candidates=tuple(found))


def sites_of(tmp_path: Path, text: str, *, crs: Crs = Crs.WGS84, resolve: StreetList | None = None) -> SitesRead:
    """Return the sites read from `text` in a CSV file."""
    path = tmp_path / "sites.csv"
    path.write_text(text, encoding="utf-8")
    return read_sites(path, crs=crs, resolve=None if resolve is None else AddressBook(resolve))


def told(read: SitesRead) -> list[tuple[int, str, str]]:
    """Return what a person is told: line, column, sentence."""
    return [(problem.line, problem.column, problem.reason.render(Language.EN)) for problem in read.problems]


def test_a_full_row_is_read_in_every_column(tmp_path: Path) -> None:
    """Every documented column lands in its field, windows merged and in order."""
    header = "id,name,lon,lat,address,service_min,windows,skills,priority,penalty,required,worker,amounts"
    row = "A,Casino,7.42,43.73,Place du Casino,22.5,15:00-18:00;09:00-11:00;10:00-12:00,gas;lift,80,500,yes,W1;W2,10;2"

    read = sites_of(tmp_path, f"{header}\n{row}\n")

    assert read.problems == ()
    assert read.sites == (
        Site(
            id="A",
            name="Casino",
            position=MONACO,
            address="Place du Casino",
            service_s=1350,
            windows=(
                ClockWindow(earliest_s=9 * 3600, latest_s=12 * 3600),
                ClockWindow(earliest_s=15 * 3600, latest_s=18 * 3600),
            ),
            skills=frozenset({"gas", "lift"}),
            priority=80,
            penalty=500,
            required=True,
            worker_ids=frozenset({"W1", "W2"}),
            amounts=(10, 2),
            line=2,
        ),
    )


def test_everything_but_id_and_position_may_be_missing(tmp_path: Path) -> None:
    """The defaults are those of a site; the name is the id."""
    read = sites_of(tmp_path, "id,lon,lat\nA,7.42,43.73\n")

    assert read.sites == (Site(id="A", name="A", position=MONACO, line=2),)


def test_chinese_headers_and_full_width_cells_are_read(tmp_path: Path) -> None:
    """Headers in Chinese, full-width digits and punctuation, and 是 mean what they say."""
    header = "编号,名称,经度,纬度,服务时长（分钟）,时间窗,技能,必访"
    row = "Ａ１,药店,７.42,43.73,２０,９：00－11：00；15:00～18:00,燃气；电工,是"

    read = sites_of(tmp_path, f"{header}\n{row}\n")

    (site,) = read.sites
    assert (site.id, site.service_s, site.required, site.skills) == ("A1", 1200, True, frozenset({"燃气", "电工"}))
    assert [window.earliest_s // 3600 for window in site.windows] == [9, 15]


@pytest.mark.parametrize("column", ["id", "customer", "team", "worker"])
@pytest.mark.parametrize(
    ("cell", "reason"),
    [("x" * 201, "“xxxxxxxxxxxxxxxxxxxx…” is longer than 200 characters."), ("a\tb", "“a�b” holds a character that")],
)
def test_an_id_that_cannot_be_kept_is_a_problem_of_its_row(tmp_path: Path, column: str, cell: str, reason: str) -> None:
    """Whatever the column names, an overlong id or one with a control character costs its own row only."""
    bad = {"id": "A", "customer": "C", "team": "T", "worker": "W", column: cell}
    rows = [",".join([*cells.values(), "7.42", "43.73"]) for cells in (bad, {**bad, "id": "B", column: "B"})]

    read = sites_of(tmp_path, "\n".join([",".join([*bad, "lon", "lat"]), *rows]))

    ((line, told_column, sentence),) = told(read)
    assert (line, told_column) == (2, column)
    assert sentence.startswith(reason)
    assert [site.id for site in read.sites] == ["B"]


@pytest.mark.parametrize(
    ("header", "told_of"),
    [
        ("window s,priority,service", [("window_s", "windows"), ("service", "service_min")]),
        ("Skils,time_window,worker_ids", [("skils", "skills"), ("time_window", "windows"), ("worker_ids", "worker")]),
        ("客户名,时间窗口,分店", [("客户名", "客户名称"), ("时间窗口", "时间窗")]),
        ("max-visits,amount s (kg)", [("amount_s_(kg)", "amounts")]),
    ],
)
def test_a_column_that_looks_misspelt_is_named_once(
    tmp_path: Path, header: str, told_of: list[tuple[str, str]]
) -> None:
    """What would be lost without a word is a problem of the header; the rows themselves are good."""
    commas = "," * header.count(",")

    read = sites_of(tmp_path, f"id,lon,lat,{header}\nA,7.42,43.73,{commas}\nB,7.42,43.73,{commas}\n")

    assert [site.id for site in read.sites] == ["A", "B"]
    assert told(read) == [
        (1, column, f"The column “{column}” is not known; did you mean “{known}”?") for column, known in told_of
    ]


def test_a_companys_own_columns_are_nobodys_concern(tmp_path: Path) -> None:
    """Columns that resemble nothing known, or something the file has already, are left alone."""
    header = "phone,region,city,备注,客户类型,负责人电话,area,plate,worker_name,name_en,address2,contact,状态,日期"
    row = ",".join(["x"] * len(header.split(",")))

    read = sites_of(tmp_path, f"id,lon,lat,name,address,{header}\nA,7.42,43.73,Bar,Quai,{row}\n")

    assert read.problems == ()
    (notice,) = read.notices
    assert (notice.file, notice.line, notice.column) == ("sites.csv", 1, "")
    assert notice.reason.render(Language.EN) == (
        "Columns that are not used: region, city, 客户类型, 负责人电话, area, plate, worker_name, name_en, address2, "
        "contact, 状态, 日期."
    )


def test_empty_columns_and_those_that_look_misspelt_are_not_told_twice(tmp_path: Path) -> None:
    """A column without content loses nothing; one that is a problem already is no notice; both leave none here."""
    read = sites_of(tmp_path, "id,lon,lat,region,skils\nA,7.42,43.73,,gas\n")

    assert [column for _, column, _ in told(read)] == ["skils"]
    assert read.notices == ()


def test_many_unused_columns_are_told_in_one_sentence_that_ends(tmp_path: Path) -> None:
    """Fifty are named; that there are more is shown."""
    names = [f"q{number}" for number in range(51)]

    read = sites_of(tmp_path, f"id,lon,lat,{','.join(names)}\nA,7.42,43.73{',x' * 51}\n")

    assert read.notices[0].reason.render(Language.EN).endswith("q48, q49, ….")


def test_skills_and_windows_under_the_headings_of_the_pages_are_read(tmp_path: Path) -> None:
    """What the preview calls a column is a name of it."""
    (site,) = sites_of(tmp_path, "编号,经度,纬度,技能要求,开始时段\n1,7.4190,43.7361,飞行,09:00-10:00\n").sites

    assert site.skills == {"飞行"}
    assert site.windows == (ClockWindow(earliest_s=32_400, latest_s=36_000),)


NOTES = "Ring twice; 2nd floor\n<b>后门</b>"


@pytest.mark.parametrize("headings", [("phone", "notes"), ("电话", "备注"), ("联系电话", "说明")])
def test_phone_and_notes_are_read_as_they_are_written(tmp_path: Path, headings: tuple[str, str]) -> None:
    """Zeros, signs and lines stay, in a table of text and in a workbook whose phone numbers are numbers."""
    phone, notes = headings
    text = f'id,lon,lat,{phone},{notes}\nA,7.42,43.73,０１０－8888 6666 转 801,"{NOTES}"\n'
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["id", "lon", "lat", phone, notes])
    sheet.append(["B", 7.42, 43.73, 13800138000, NOTES])
    workbook.save(tmp_path / "sites.xlsx")

    (of_csv,) = sites_of(tmp_path, text).sites
    (of_xlsx,) = read_sites(tmp_path / "sites.xlsx", crs=Crs.WGS84, resolve=None).sites

    assert (of_csv.phone, of_csv.notes) == ("010-8888 6666 转 801", NOTES)
    assert (of_xlsx.phone, of_xlsx.notes) == ("13800138000", NOTES)


def test_phone_and_notes_are_properties_of_a_feature(tmp_path: Path) -> None:
    """Several numbers may be a list; a number of JSON is its digits."""
    point = {"type": "Point", "coordinates": [7.42, 43.73]}
    phones = {"A": 37793150000, "B": ["+377 93 15 00 00", 13800138000]}
    items = [
        {"type": "Feature", "geometry": point, "properties": {"id": one, "phone": phone, "notes": NOTES}}
        for one, phone in phones.items()
    ]
    path = tmp_path / "sites.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}), encoding="utf-8")

    read = read_sites(path, crs=Crs.WGS84, resolve=None)

    assert read.problems == ()
    assert [site.phone for site in read.sites] == ["37793150000", "+377 93 15 00 00;13800138000"]
    assert {site.notes for site in read.sites} == {NOTES}


def test_a_phone_number_that_was_lost_or_is_none_is_told(tmp_path: Path) -> None:
    """What a spreadsheet shortened cannot be called, and neither a page of text nor of notes is kept in half."""
    rows = ["A,7.42,43.73,1.38E+10,", f"B,7.42,43.73,{'1' * 101},", f"C,7.42,43.73,,{'x' * 2001}", "D,7.42,43.73,ask,"]

    read = sites_of(tmp_path, "id,lon,lat,phone,notes\n" + "\n".join(rows) + "\n")

    assert [site.id for site in read.sites] == ["D"]
    assert told(read) == [
        (2, "phone", "“1.38E+10” is a number that a spreadsheet has shortened; format the column as text."),
        (3, "phone", "The text has 101 characters; at most 100 are kept."),
        (4, "notes", "The text has 2001 characters; at most 2000 are kept."),
    ]


def test_an_unknown_property_is_a_problem_of_the_whole_file(tmp_path: Path) -> None:
    """GeoJSON has no header line, so none is named."""
    path = tmp_path / "sites.geojson"
    point = {"type": "Point", "coordinates": [7.42, 43.73]}
    item = {"type": "Feature", "geometry": point, "properties": {"id": "A", "Window": "", "skils": "gas"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [item]}), encoding="utf-8")

    read = read_sites(path, crs=Crs.WGS84, resolve=None)

    assert told(read) == [(0, "skils", "The column “skils” is not known; did you mean “skills”?")]


@pytest.mark.parametrize(
    ("properties", "column"),
    [
        ({"id": {"a": 1}}, "id"),
        ({"id": ["A", "B"]}, "id"),
        ({"编号": {"a": 1}}, "编号"),
        ({"id": "B", "name": {"zh": "店"}}, "name"),
        ({"id": "B", "service_min": [1, 2]}, "service_min"),
        ({"id": "B", "skills": [{"a": 1}]}, "skills"),
    ],
)
def test_a_property_of_many_values_is_no_cell(tmp_path: Path, properties: dict[str, object], column: str) -> None:
    """An object, or a list where one value is expected, never becomes text; columns of the company's own may be any."""
    path = tmp_path / "sites.geojson"
    point = {"type": "Point", "coordinates": [7.42, 43.73]}
    key = "编号" if "编号" in properties else "id"
    good = {key: "A", "owner": {"tel": 1}, "skills": ["gas", "lift"]}
    items = [{"type": "Feature", "geometry": point, "properties": each} for each in (good, properties)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}), encoding="utf-8")

    read = read_sites(path, crs=Crs.WGS84, resolve=None)

    assert [(site.id, site.skills) for site in read.sites] == [("A", frozenset({"gas", "lift"}))]
    assert told(read) == [(2, column, "One text or number is expected here, not a list or an object.")]


@pytest.mark.parametrize(
    ("cell", "amounts"),
    [(";2", (0, 2)), ("2;;1", (2, 0, 1)), ("2;", (2, 0)), (";", (0, 0)), ('"3;\n2"', (3, 2)), ('"3\r\n2"', (3, 2))],
)
def test_an_empty_amount_keeps_its_place(tmp_path: Path, cell: str, amounts: tuple[int, ...]) -> None:
    """What stands in the second place counts for the second dimension; a line break separates as a semicolon does."""
    read = sites_of(tmp_path, f"id,lon,lat,amounts\nA,7.42,43.73,{cell}\n")

    assert [site.amounts for site in read.sites] == [amounts]


def test_cells_written_in_lines_are_lists(tmp_path: Path) -> None:
    """Alt+Enter between windows, skills and workers separates them; 到 stands between two times."""
    row = 'A,7.42,43.73,"09:00到11:00\n15:00 到 18:00","Gas\r\nLift  A","W1\nw1"'

    (site,) = sites_of(tmp_path, f"id,lon,lat,windows,skills,worker\n{row}\n").sites

    assert [(window.earliest_s // 3600, window.latest_s // 3600) for window in site.windows] == [(9, 11), (15, 18)]
    assert site.skills == frozenset({"gas", "lift a"})
    assert site.worker_ids == frozenset({"W1", "w1"})


@pytest.mark.parametrize(
    ("mark", "is_required"), [("√", True), ("✓", True), ("✔", True), ("×", False), ("✗", False), ("✘", False)]
)
def test_a_tick_says_yes_and_a_cross_no(tmp_path: Path, mark: str, is_required: bool) -> None:  # noqa: FBT001
    """People mark a column rather than write in it."""
    (site,) = sites_of(tmp_path, f"id,lon,lat,required\nA,7.42,43.73,{mark}\n").sites

    assert site.required is is_required


def test_coordinates_are_converted_at_the_edge(tmp_path: Path) -> None:
    """A GCJ-02 file gives WGS 84 positions in the mainland and unchanged ones elsewhere."""
    read = sites_of(tmp_path, "id,lon,lat\n1,121.531541859215,31.17530398364597\n2,7.42,43.73\n", crs=Crs.GCJ02)

    first, second = read.sites
    assert (first.position.lon, first.position.lat) == pytest.approx((121.5272106, 31.1774276), abs=1e-9)
    assert second.position == MONACO


@pytest.mark.parametrize(
    ("header", "row", "column", "message"),
    [
        ("id,lon,lat", ",7.42,43.73", "id", "The id is missing."),
        ("id,lon,lat", "B,,43.73", "lon", "lon is missing."),
        ("id,经度,纬度", "B,,43.73", "经度", "经度 is missing."),
        ("id,lon,lat", "B,,", "", "There is no position: fill in lon and lat, or an address."),
        ("id,lon,lat", "B,7.42,abc", "lat", "“abc” is not a number such as 12 or 12.5."),
        ("id,lon,lat", 'B,"7,42",43.73', "lon", "“7,42” is not a number such as 12 or 12.5."),
        ("id,lon,lat", "B,nan,43.73", "lon", "“nan” is not a number such as 12 or 12.5."),
        ("id,lon,lat", "B,207.42,43.73", "lon", "Longitude 207.42 is not between −180 and 180."),
        ("id,lon,lat", "B,120,95", "lat", "Latitude 95.0 is not between −90 and 90."),
        ("id,lon,lat", "B,39.9,116.4", "lat", "Longitude and latitude look swapped: 39.9, 116.4."),
        (
            "id,lon,lat",
            "B,0,0",
            "lat",
            "0, 0 lies in the ocean off Africa; it usually means that the position is unknown.",
        ),
        ("id,lon,lat,service_min", "B,7.42,43.73,-5", "service_min", "“-5” is not between 0 and 1440."),
        ("id,lon,lat,service_min", "B,7.42,43.73,1441", "service_min", "“1441” is not between 0 and 1440."),
        ("id,lon,lat,windows", "B,7.42,43.73,9-11", "windows", "“9” is not a clock time such as 08:30."),
        ("id,lon,lat,windows", "B,7.42,43.73,09:00", "windows", "“09:00” is not a time window such as 09:00-11:00."),
        ("id,lon,lat,priority", "B,7.42,43.73,101", "priority", "“101” is not between 0 and 100."),
        ("id,lon,lat,priority", "B,7.42,43.73,1.5", "priority", "“1.5” is not a whole number."),
        ("id,lon,lat,required", "B,7.42,43.73,maybe", "required", "“maybe” is neither yes nor no."),
        ("id,lon,lat,amounts", 'B,7.42,43.73,"10,2"', "amounts", "“10,2” is not a number such as 12 or 12.5."),
        ("id,lon,lat", "A,7.42,43.73", "id", "The id A is already used in line 2."),
        (
            "id,lon,lat,address",
            "B,,,Rue Grimaldi",
            "address",
            "There is only an address and no geocoder to look it up; fill in lon and lat.",
        ),
    ],
)
def test_a_broken_row_is_named_and_the_good_one_stays(
    tmp_path: Path, header: str, row: str, column: str, message: str
) -> None:
    """Each kind of broken row gives its line, its column and a sentence that says what was found."""
    read = sites_of(tmp_path, f"{header}\nA,7.42,43.73\n{row}\n")

    assert [site.id for site in read.sites] == ["A"]
    assert told(read) == [(3, column, message)]


def test_every_problem_of_a_row_is_reported(tmp_path: Path) -> None:
    """A person can mend a row in one go."""
    read = sites_of(tmp_path, "id,lon,lat,priority,required\nA,x,43.73,200,perhaps\n")

    assert read.sites == ()
    assert [column for _, column, _ in told(read)] == ["lon", "priority", "required"]


def test_a_swapped_row_is_found_by_where_the_others_are(tmp_path: Path) -> None:
    """Both orders are valid numbers in Europe: the row far away whose swapped place is near is named."""
    others = "".join(f"{k},7.4{k},43.7{k}\n" for k in range(5))

    read = sites_of(tmp_path, f"id,lon,lat\n{others}S,43.73,7.42\nParis,2.35,48.86\n")

    assert told(read) == [(7, "lat", "Longitude and latitude look swapped: 43.73, 7.42.")]
    assert len(read.sites) == 6


def test_addresses_are_resolved_kept_and_asked_once(tmp_path: Path) -> None:
    """A confident answer places the row, an uncertain or empty one is a problem; coordinates need no asking."""
    streets = StreetList()
    rows = "A,,,Rue Grimaldi\nB,,,Rue Grimaldi\nC,,,Rue Gr\nD,,,Nowhere 1\nE,7.42,43.73,Rue Gr\n"

    read = sites_of(tmp_path, f"id,lon,lat,address\n{rows}", resolve=streets)

    assert [(site.id, site.position) for site in read.sites] == [("A", MONACO), ("B", MONACO), ("E", MONACO)]
    assert told(read) == [
        (
            4,
            "address",
            "The address “Rue Gr” is uncertain: best match “Rue Grimaldi”, score 0.55; place it by hand.",
        ),
        (5, "address", "The address “Nowhere 1” was not found."),
    ]
    assert read.addresses == {"A": "Rue Grimaldi", "B": "Rue Grimaldi", "C": "Rue Gr", "D": "Nowhere 1"}
    assert streets.asked == ["Rue Grimaldi", "Rue Gr", "Nowhere 1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,lon,lat\nA,1,2\n", "sites.csv needs id; its columns are: name, lon, lat."),
        ("id,lon\nA,1\n", "sites.csv needs lon + lat / address; its columns are: id, lon."),
        ("id,编号,lon,lat\nA,B,1,2\n", "sites.csv has two columns that mean id: id and 编号."),
    ],
)
def test_a_file_without_the_needed_columns_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """What is missing is named beside what was found."""
    with pytest.raises(InvalidInput) as refused:
        sites_of(tmp_path, text)

    assert str(refused.value) == message


def test_hostile_cells_are_only_text(tmp_path: Path) -> None:
    """Braces and markup in a cell never change the sentence that quotes them."""
    read = sites_of(tmp_path, "id,lon,lat,required\nA,1,2,{text.__class__}</script>\n")

    assert told(read)[0][2] == "“{text.__class__}</script>” is neither yes nor no."
