"""Tracks are read from tables in text as people's programs write them."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.tables import RowProblem
from geo_engine.tracks.files import NoFixesError, ReadTracks, format_of, read_track, read_tracks, write_tracks
from geo_engine.tracks.model import to_moment
from geo_engine.words import Language

HEADER = "tracked_at,lon,lat,accuracy_m,speed_mps,heading_deg,altitude_m,battery_percent,is_mock,device\n"


def read(tmp_path: Path, content: str | bytes, name: str = "day.csv", **options: object) -> ReadTracks:
    """Return the tracks of a file with this content."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_tracks(path, **options)  # type: ignore[arg-type]


def told(problem: RowProblem) -> tuple[int, str, str]:
    """Return what a person is told: line, column and sentence."""
    return problem.line, problem.column, problem.reason.render(Language.EN)


def moments(read_tracks_: ReadTracks) -> list[str]:
    """Return the moments of the first track."""
    return [to_moment(int(at)).isoformat() for at in read_tracks_.tracks[0].track.times_us]


def test_every_column_of_a_fix_is_read(tmp_path: Path) -> None:
    """A row of our own columns gives a fix that has them all."""
    (one,) = read(tmp_path, f"{HEADER}2026-03-01T08:00:00+08:00,-8.61,41.15,12.5,3.5,270,88.5,81,1,phone-7\n").tracks

    track = one.track
    assert one.device == one.name == "phone-7"
    assert to_moment(int(track.times_us[0])) == datetime(2026, 3, 1, tzinfo=UTC)
    assert (track.lons_deg[0], track.lats_deg[0], track.accuracies_m[0], track.speeds_mps[0]) == (
        -8.61,
        41.15,
        12.5,
        3.5,
    )
    assert (track.headings_deg[0], track.altitudes_m[0], track.batteries_percent[0]) == (270, 88.5, 81)
    assert track.mocks[0]


def test_what_is_written_opens_right_in_a_spreadsheet_and_reads_back(tmp_path: Path) -> None:
    """It begins with a mark by which Excel knows the encoding; the first column and Chinese names are read back."""
    given = read(tmp_path, f"{HEADER}2026-03-01T08:00:00+08:00,-8.61,41.15,12.5,3.5,270,88.5,81,1,王府井 7\n")
    path = tmp_path / "again.csv"

    write_tracks(path, given.tracks, track_format=format_of(path))
    again = read_tracks(path)

    assert path.read_bytes().startswith(b"\xef\xbb\xbftracked_at,")
    assert again.problems == ()
    assert [(one.device, one.name) for one in again.tracks] == [("王府井 7", "王府井 7")]
    assert again.tracks[0].track.times_us.tolist() == given.tracks[0].track.times_us.tolist()


def test_a_bad_row_costs_no_other(tmp_path: Path) -> None:
    """What is wrong is named by line and column; the fix goes only when its time or its place is wrong."""
    rows = [
        "2026-03-01T08:00:00Z,-8.61,41.15,5,3,,,,,",
        "yesterday,-8.61,41.15,5,3,,,,,",
        "2026-03-01T08:00:02Z,-8.61,91,5,3,,,,,",
        "2026-03-01T08:00:03Z,NaN,41.15,5,3,,,,,",
        ",-8.61,41.15,5,3,,,,,",
        "2026-03-01T08:00:05Z,-8.61,,5,3,,,,,",
        "2026-03-01T08:00:06Z,-8.61,41.15,five,3,400,,101,perhaps,",
        "2026-03-01T08:00:07Z,-208.61,41.15,5,3,,,,,,too,long",
        "",
        "2026-03-01T08:00:08Z,181,41.15",
    ]

    found = read(tmp_path, HEADER + "\n".join(rows))

    assert len(found.tracks[0].track) == 2
    moment = "“yesterday” is not a moment such as 2026-03-01T08:00:00+08:00, or seconds since 1970."
    assert sorted(map(told, found.problems)) == [
        (3, "tracked_at", moment),
        (4, "lat", "Longitude and latitude look swapped: -8.61, 91.0."),
        (5, "lon", "“NaN” is not a number such as 12 or 12.5."),
        (6, "tracked_at", "The time is missing."),
        (7, "lat", "lat is missing."),
        (8, "accuracy_m", "“five” is not a number such as 12 or 12.5."),
        (8, "battery_percent", "“101” is not between 0 and 100."),
        (8, "heading_deg", "“400” is not between 0 and 360."),
        (8, "is_mock", "“perhaps” is neither yes nor no."),
        (9, "", "The row has 12 cells, the header 10; put a cell that contains a separator in quotes."),
        (11, "lon", "Longitude 181.0 is not between −180 and 180."),
    ]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00+00:00"),
        ("2026-03-01T08:00:00.123456789+08:00", "2026-03-01T00:00:00.123456+00:00"),
        ("2026-03-01 08:00:00", "2026-03-01T08:00:00+00:00"),
        ("2026/3/1 8:00:00", "2026-03-01T08:00:00+00:00"),
        ("20260301T080000+0800", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01 08:00:00 UTC", "2026-03-01T08:00:00+00:00"),
        ("1772352000", "2026-03-01T08:00:00+00:00"),
        ("1772352000.25", "2026-03-01T08:00:00.250000+00:00"),
        ("1772352000250", "2026-03-01T08:00:00.250000+00:00"),
        ("1612010810800", "2021-01-30T12:46:50.800000+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
@pytest.mark.parametrize("other", ["2026-03-01T08:00:00Z", "1772352000", "yesterday"])
def test_a_moment_is_read_however_it_is_written(tmp_path: Path, text: str, utc: str, other: str) -> None:
    """ISO 8601 and UNIX times are told apart cell by cell, whatever stands in the other cells."""
    found = read(tmp_path, f"time,lon,lat\n{text},1,2\n{other},1,2\n")

    assert utc in moments(found)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "08:00:00",
        "45352.33",
        "0",
        "1e9",
        "2026-02-30T08:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "99999999999999999",
        "1772352000_0",
    ],
)
def test_what_is_no_moment_is_named(tmp_path: Path, text: str) -> None:
    """A day alone, a time alone, a spreadsheet's count of days and a day that is none are no moments."""
    with pytest.raises(NoFixesError, match="no fixes that can be read") as refused:
        read(tmp_path, f"time,lon,lat\n{text},1,2\n")

    assert [(problem.line, problem.column) for problem in refused.value.problems] == [(2, "time")]


def test_a_time_without_a_zone_is_in_the_zone_that_is_named(tmp_path: Path) -> None:
    """Only where the file says nothing of its zone does the caller's count."""
    found = read(
        tmp_path,
        "time,lon,lat\n2026-03-01 08:00:00,1,2\n2026-03-01 08:00:00Z,1,2\n",
        zone=ZoneInfo("Asia/Shanghai"),
    )

    assert moments(found) == ["2026-03-01T00:00:00+00:00", "2026-03-01T08:00:00+00:00"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_columns_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    """A table of a Chinese platform is read with its units, whatever it is saved in."""
    text = "设备号;定位时间;经度;纬度;精度（米）;速度（km/h）;方向\n京A12345;2026-03-01 08:00:00;116.4;39.9;8;36;90\n"

    (one,) = read(tmp_path, text.encode(encoding)).tracks

    assert one.device == "京A12345"
    assert one.track.speeds_mps[0] == pytest.approx(10)
    assert (one.track.accuracies_m[0], one.track.headings_deg[0]) == (8, 90)


@pytest.mark.parametrize(
    ("heading", "mps"),
    [("speed", 10), ("speed_mps", 10), ("speed_kmh", 10 / 3.6), ("Speed (mph)", 4.4704), ("spd[kn]", 5.144444)],
)
def test_a_speed_is_in_the_unit_that_is_named(tmp_path: Path, heading: str, mps: float) -> None:
    """Without a unit it is metres per second."""
    found = read(tmp_path, f"time,lon,lat,{heading}\n2026-03-01T08:00:00Z,1,2,10\n")

    assert found.tracks[0].track.speeds_mps[0] == pytest.approx(mps, rel=1e-6)


def test_a_unit_that_is_not_known_is_not_guessed(tmp_path: Path) -> None:
    """The column is left out and named."""
    found = read(tmp_path, "time,lon,lat,speed (furlongs)\n2026-03-01T08:00:00Z,1,2,10\n")

    assert told(found.problems[0])[2] == "The unit “furlongs” is not known, so the column is left out."
    assert str(found.tracks[0].track.speeds_mps[0]) == "nan"


def test_columns_can_be_named_by_the_caller(tmp_path: Path) -> None:
    """A name given goes before every usual one, and its unit counts."""
    found = read(
        tmp_path,
        "WHEN_IT_WAS,time,E,N,V\n2026-03-01T08:00:00Z,never,1,2,36\n",
        columns={"tracked_at": "When it was", "lon": "e", "lat": "n", "speed_kmh": "V"},
    )

    assert found.tracks[0].track.speeds_mps[0] == pytest.approx(10)
    assert not found.problems


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"colour": "time"}, "“colour” is nothing that a fix has; known are: tracked_at, lon, lat"),
        ({"tracked_at": "TIME"}, "day.csv has no column “time”; its columns are: zeit, lon, lat."),
    ],
)
def test_a_column_that_cannot_be_named_so_is_refused(tmp_path: Path, columns: dict[str, str], sentence: str) -> None:
    """Neither an unknown name nor a missing column is passed over."""
    with pytest.raises(InvalidInput, match=sentence.replace("(", r"\(")):
        read(tmp_path, "zeit,lon,lat\n2026-03-01T08:00:00Z,1,2\n", columns=columns)


def test_two_columns_that_mean_the_same_are_refused(tmp_path: Path) -> None:
    """Which clock counts is not guessed; our own name for it is no guess."""
    with pytest.raises(InvalidInput, match=r"day\.csv has two columns that mean tracked_at: time and fixtime"):
        read(tmp_path, "time,fixTime,lon,lat\n2026-03-01T08:00:00Z,2026-03-01T09:00:00Z,1,2\n")

    ours = read(tmp_path, "time,tracked_at,lon,lat\n2026-03-01T08:00:00Z,2026-03-01T09:00:00Z,1,2\n")
    assert moments(ours) == ["2026-03-01T09:00:00+00:00"]


def test_each_device_has_its_track_in_the_order_of_time(tmp_path: Path) -> None:
    """Rows of one device are one track however they are mixed; the same fix twice stays two."""
    rows = ["b,2026-03-01T08:00:05Z", "a,2026-03-01T08:00:09Z", "a,2026-03-01T08:00:01Z", "a,2026-03-01T08:00:01Z"]

    found = read(tmp_path, "device,time,lon,lat\n" + "".join(f"{row},1,2\n" for row in rows))

    assert [(one.device, len(one.track)) for one in found.tracks] == [("b", 1), ("a", 3)]
    assert (found.tracks[1].track.times_us[1:] >= found.tracks[1].track.times_us[:-1]).all()


def test_a_file_can_be_read_as_one_track(tmp_path: Path) -> None:
    """All devices' fixes come in one order of time."""
    path = tmp_path / "day.csv"
    path.write_text("device,time,lon,lat\nb,2026-03-01T08:00:05Z,1,2\na,2026-03-01T08:00:01Z,3,4\nb,x,3,4\n")

    track, problems = read_track(path)

    assert track.lons_deg.tolist() == [3, 1]
    assert len(problems) == 1


def test_what_phones_write_for_unknown_is_unknown(tmp_path: Path) -> None:
    """A negative accuracy, speed, heading or battery, and an accuracy of 0, say that nothing is known."""
    (one,) = read(tmp_path, f"{HEADER}2026-03-01T08:00:00Z,1,2,0,-1,-1,-3.5,-1,,\n").tracks

    assert [str(one.track.accuracies_m[0]), str(one.track.speeds_mps[0]), str(one.track.headings_deg[0])] == ["nan"] * 3
    assert str(one.track.batteries_percent[0]) == "nan"
    assert one.track.altitudes_m[0] == -3.5


def test_coordinates_of_chinese_maps_become_wgs_84(tmp_path: Path) -> None:
    """What is written in GCJ-02 lies some hundred metres off until it is converted."""
    text = "time,lon,lat\n2026-03-01T08:00:00Z,116.403963,39.915119\n"

    track = read(tmp_path, text, crs=Crs.GCJ02).tracks[0].track

    assert track.lons_deg[0] == pytest.approx(116.397720, abs=1e-5)
    assert track.lats_deg[0] == pytest.approx(39.913714, abs=1e-5)


def test_the_table_of_a_logger_is_read(tmp_path: Path) -> None:
    """GPSLogger's columns need no naming; what repeats the time in another unit does not disturb."""
    text = (
        "time,lat,lon,elevation,accuracy,bearing,speed,satellites,provider,hdop,activity,battery,timestamp_ms,distance\n"
        "2026-03-01T08:00:00.000Z,41.15,-8.61,88.5,6.5,270.0,3.5,11,gps,0.9,,81.0,1772352000000,0\n"
    )

    (one,) = read(tmp_path, text).tracks

    track = one.track
    assert (one.device, one.name) == (None, "day")
    assert (track.lons_deg[0], track.accuracies_m[0], track.headings_deg[0]) == (-8.61, 6.5, 270)
    assert (track.speeds_mps[0], track.altitudes_m[0], track.batteries_percent[0]) == (3.5, 88.5, 81)


@pytest.mark.parametrize("day", ["2026-03-01", "2026/3/1", "20260301"])
def test_a_day_may_stand_in_a_column_of_its_own(tmp_path: Path, day: str) -> None:
    """Beside the time of day; alone, with a time in it, it is the moment."""
    apart = read(tmp_path, f"Date,Time,lon,lat\n{day},08:00:01.5,1,2\n")
    whole = read(tmp_path, f"Date,lon,lat\n{day} 08:00:01.5,1,2\n")

    assert moments(apart) == moments(whole) == ["2026-03-01T08:00:01.500000+00:00"]


def test_how_programs_write_nothing_is_no_problem(tmp_path: Path) -> None:
    """Where a value may lack; a position that lacks is one."""
    rows = "".join(f"2026-03-01T08:00:00Z,1,2,{nothing}\n" for nothing in ("NULL", "nan", "N/A", "-", "\\N", " "))

    found = read(tmp_path, f"time,lon,lat,speed\n{rows}2026-03-01T08:00:00Z,NULL,2,3\n")

    assert len(found.tracks[0].track) == 6
    assert [told(problem)[:2] for problem in found.problems] == [(8, "lon")]


def test_coordinates_in_metres_stand_back_behind_degrees(tmp_path: Path) -> None:
    """Columns called x and y are taken for degrees only where nothing else is."""
    found = read(tmp_path, "time,x,y,longitude,latitude\n2026-03-01T08:00:00Z,532000,4556000,-8.61,41.15\n")

    assert found.tracks[0].track.lons_deg.tolist() == [-8.61]
