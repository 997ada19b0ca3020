"""A file of workers becomes workers, and each row that cannot is named with its reason."""

from pathlib import Path

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.timespan import ClockWindow
from geo_engine.words import Language, Message
from geo_engine.workforce import BreakRule, Worker
from geo_engine.workforce.files import WorkersRead, read_workers

HOME = Position(7.42, 43.73)
OFFICE = Position(7.43, 43.74)


def resolve_office(address: str) -> Position | Message:
    """Know one address only."""
    return OFFICE if address == "Office" else Message("The address “{address}” was not found.", {"address": address})


def workers_of(tmp_path: Path, text: str) -> WorkersRead:
    """Return the workers read from `text` in a CSV file."""
    path = tmp_path / "workers.csv"
    path.write_text(text, encoding="utf-8")
    return read_workers(path, crs=Crs.WGS84, resolve=resolve_office)


def told(read: WorkersRead) -> list[tuple[int, str, str]]:
    """Return what a person is told: line, column, sentence."""
    return [(problem.line, problem.column, problem.reason.render(Language.EN)) for problem in read.problems]


def test_a_full_row_is_read_in_every_column(tmp_path: Path) -> None:
    """Every documented column lands in its field; breaks come in order."""
    header = (
        "id,name,start_lon,start_lat,end_address,shift,breaks,skills,max_visits,max_driving_min,capacity,"
        "cost_fixed,cost_per_hour,cost_per_km"
    )
    row = "W1,Li,7.42,43.73,Office,08:30-18:30,15@16:00-17:00;60@11:30-13:30,gas,12,240,100;5,50,20,0.8"

    read = workers_of(tmp_path, f"{header}\n{row}\n")

    assert read.problems == ()
    assert read.workers == (
        Worker(
            id="W1",
            name="Li",
            start=HOME,
            end=OFFICE,
            shift=ClockWindow(earliest_s=30_600, latest_s=66_600),
            breaks=(
                BreakRule(duration_s=3600, window=ClockWindow(earliest_s=41_400, latest_s=48_600)),
                BreakRule(duration_s=900, window=ClockWindow(earliest_s=57_600, latest_s=61_200)),
            ),
            skills=frozenset({"gas"}),
            max_visits=12,
            max_driving_s=14_400,
            capacity=(100, 5),
            cost_fixed=50.0,
            cost_per_hour=20.0,
            cost_per_km=0.8,
            line=2,
        ),
    )


@pytest.mark.parametrize("header", ["id,lon,lat", "工号,经度,纬度", "ID,Start_Lon,START LAT"])
def test_a_worker_without_an_end_returns_to_the_start(tmp_path: Path, header: str) -> None:
    """Plain, Chinese and loosely written headers name the start, which is the end as well."""
    read = workers_of(tmp_path, f"{header}\nW1,7.42,43.73\n")

    assert read.workers == (Worker(id="W1", name="W1", start=HOME, end=HOME, line=2),)


@pytest.mark.parametrize("column", ["end", "end_lon"])
def test_the_word_open_leaves_the_end_open(tmp_path: Path, column: str) -> None:
    """A route may end at its last stop."""
    read = workers_of(tmp_path, f"id,lon,lat,{column}\nW1,7.42,43.73,Open\n")

    assert read.problems == ()
    assert read.workers[0].end is None


@pytest.mark.parametrize(
    ("columns", "cells", "column", "message"),
    [
        ("shift", "18:30-18:30", "shift", "The shift “18:30-18:30” must last more than 0 and at most 24 hours."),
        ("shift", "8 to 6", "shift", "“8 to 6” is not a time window such as 09:00-11:00."),
        ("breaks", "60", "breaks", "“60” is not a break such as 60@11:30-13:30."),
        ("breaks", "600@11:30-13:30", "breaks", "The break is longer than the shift."),
        ("breaks", "0@12:00-13:00", "breaks", "The break “0@12:00-13:00” must last more than 0 minutes."),
        ("capacity", ";2", "capacity", "A part of “;2” is empty; write 0 where nothing can be carried."),
        ("capacity", "2;", "capacity", "A part of “2;” is empty; write 0 where nothing can be carried."),
        ("max_visits", "-1", "max_visits", "“-1” is not between 0 and 1000000000."),
        ("mode", "rocket", "mode", "“rocket” is not a travel mode: car, ebike, bicycle or foot."),
        ("cost_per_km", "free", "cost_per_km", "“free” is not a number such as 12 or 12.5."),
        ("end", "home", "end", "“home” is not known here: only “open” may stand."),
        ("end_address", "Nowhere", "end_address", "The address “Nowhere” was not found."),
        ("end_lon", "7.43", "end_lat", "end_lat is missing."),
    ],
)
def test_a_broken_row_is_named_and_the_good_one_stays(
    tmp_path: Path, columns: str, cells: str, column: str, message: str
) -> None:
    """Each kind of broken row gives its line, its column and a sentence that says what was found."""
    read = workers_of(tmp_path, f"id,lon,lat,{columns}\nW1,7.42,43.73,\nW2,7.42,43.73,{cells}\n")

    assert [worker.id for worker in read.workers] == ["W1"]
    assert told(read) == [(3, column, message)]


def test_a_break_outside_the_shift_is_a_good_row(tmp_path: Path) -> None:
    """Such a break is void on the day, not an error of the file."""
    read = workers_of(tmp_path, "id,lon,lat,shift,breaks\nW1,7.42,43.73,14:00-18:00,30@11:30-13:30\n")

    assert read.problems == ()


def test_skills_are_the_same_in_any_case_and_spacing(tmp_path: Path) -> None:
    """Gas and gas are one skill; ids stay as they are written."""
    read = workers_of(tmp_path, "id,lon,lat,skills\nW1,7.42,43.73,Gas;ＧＡＳ;Lift   Repair;gas\nw1,7.42,43.73,\n")

    assert read.workers[0].skills == frozenset({"gas", "lift repair"})
    assert [worker.id for worker in read.workers] == ["W1", "w1"]


def test_times_joined_by_a_chinese_word_are_read(tmp_path: Path) -> None:
    """到 stands between two times in shifts and breaks; breaks may stand in lines."""
    row = '"W1",7.42,43.73,8:30到18:00,"60@11:30到13:30\n15@16:00到17:00"'

    (worker,) = workers_of(tmp_path, f"id,lon,lat,shift,breaks\n{row}\n").workers

    assert worker.shift == ClockWindow(earliest_s=30_600, latest_s=64_800)
    assert [rule.duration_s for rule in worker.breaks] == [3600, 900]


def test_a_misspelt_column_is_named_and_the_own_ones_are_not(tmp_path: Path) -> None:
    """Columns that differ from a known one by a unit or a letter are told; dates and types are the company's."""
    header = "id,start_address,breakes,cost_per_mile,start_date,end_date,shift_type,phone,车牌"

    read = workers_of(tmp_path, f"{header}\nW1,Office,,,,,,,\n")

    assert [worker.id for worker in read.workers] == ["W1"]
    assert [(line, column) for line, column, _ in told(read)] == [(1, "breakes"), (1, "cost_per_mile")]


def test_a_workers_columns_that_are_not_used_are_told(tmp_path: Path) -> None:
    """What is written in a column nobody reads is a notice; the worker is read."""
    read = workers_of(tmp_path, "id,start_lon,start_lat,phone,车牌,end_date\nW1,7.42,43.73,377,,2026-12-01\n")

    assert (read.problems, len(read.workers)) == ((), 1)
    assert [notice.reason.render(Language.EN) for notice in read.notices] == [
        "Columns that are not used: phone, end_date."
    ]


def test_a_night_shift_reaches_into_the_next_day(tmp_path: Path) -> None:
    """An end before the start lies on the next day."""
    read = workers_of(tmp_path, "id,lon,lat,shift\nW1,7.42,43.73,22:00-06:00\n")

    assert read.workers[0].shift == ClockWindow(earliest_s=79_200, latest_s=108_000)


def test_the_addresses_looked_up_are_told(tmp_path: Path) -> None:
    """Start and end where there are no coordinates, each once, also where nothing was found."""
    rows = (
        "W1,,,Office,,\nW2,,,Office,7.43,Office\nW3,7.42,43.73,Home,,Nowhere\nW4,7.42,43.73,,,\nW5,,,Office,,Office\n"
    )

    read = workers_of(tmp_path, f"id,start_lon,start_lat,start_address,end_lon,end_address\n{rows}")

    assert read.addresses == {"W1": ("Office",), "W2": ("Office",), "W3": ("Nowhere",), "W5": ("Office",)}


def test_a_file_without_a_start_is_refused(tmp_path: Path) -> None:
    """What is missing is named beside what was found."""
    with pytest.raises(InvalidInput, match=r"^workers\.csv needs start_lon \+ start_lat / start_address; its columns"):
        workers_of(tmp_path, "id,shift\nW1,09:00-18:00\n")
