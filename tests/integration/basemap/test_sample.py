"""A sample of the bundled extract is a day that could be real."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from geo_engine.basemap.places import read_places
from geo_engine.basemap.sample import sample_sites, sample_workers, write_sample
from geo_engine.customers import Site
from geo_engine.geometry.plane import LocalPlane
from geo_engine.workforce import Worker

HOUR_S = 3600


@pytest.fixture(scope="module")
def sites(monaco: Path) -> tuple[Site, ...]:
    """Return 120 customers in Monaco."""
    return sample_sites(monaco, count=120, seed=7)


@pytest.fixture(scope="module")
def workers(monaco: Path) -> tuple[Worker, ...]:
    """Return eight workers in Monaco."""
    return sample_workers(monaco, count=8, seed=7)


def test_customers_are_real_places_each_once(monaco: Path, sites: tuple[Site, ...]) -> None:
    """Every name is a place of the extract, and none is repeated close by."""
    plane = LocalPlane(lon=7.42, lat=43.74)
    names = {place.name for place in read_places(monaco)}
    twins = [
        (one, other)
        for at, one in enumerate(sites)
        for other in sites[:at]
        if one.name == other.name and plane.distance_m(one.position, other.position) < 100
    ]

    assert len(sites) == 120
    assert len({site.id for site in sites}) == 120
    assert {site.name for site in sites} <= names
    assert twins == []


def test_customers_are_spread(sites: tuple[Site, ...]) -> None:
    """No square of 500 m has more than a sixth of them."""
    squares = Counter((int(site.position.lon / 0.0062), int(site.position.lat / 0.0045)) for site in sites)

    assert max(squares.values()) <= 20


def test_windows_are_narrow_enough_to_matter(sites: tuple[Site, ...]) -> None:
    """Two fifths or more can be served only in windows of at most three hours within the working day."""
    bound = [site for site in sites if site.windows]

    assert len(bound) >= 0.4 * len(sites)
    for window in (window for site in bound for window in site.windows):
        assert window.latest_s - window.earliest_s <= 3 * HOUR_S
        assert 7.5 * HOUR_S <= window.earliest_s <= window.latest_s <= 19 * HOUR_S


@pytest.mark.parametrize("worker_count", [2, 4, 8, 12])
def test_skills_are_scarce_but_held(monaco: Path, sites: tuple[Site, ...], worker_count: int) -> None:
    """A fifth or more of the visits need a skill that one to three workers have; every skill is held."""
    team = sample_workers(monaco, count=worker_count, seed=7)
    holders = Counter(skill for worker in team for skill in worker.skills)
    scarce = [site for site in sites if any(1 <= holders[skill] <= 3 for skill in site.skills)]

    assert len(scarce) >= 0.2 * len(sites)
    assert all(holders[skill] for site in sites for skill in site.skills)


def test_the_work_fits_into_the_shifts(sites: tuple[Site, ...], workers: tuple[Worker, ...]) -> None:
    """Service between 15 and 45 minutes, and with eight minutes of travel each the day is not overfull."""
    work_s = sum(site.service_s + 8 * 60 for site in sites)
    shifts_s = sum(worker.shift.latest_s - worker.shift.earliest_s - worker.breaks[0].duration_s for worker in workers)

    assert all(15 * 60 <= site.service_s <= 45 * 60 for site in sites)
    assert work_s < 0.95 * shifts_s


def test_workers_have_homes_shifts_lunch_and_skills(workers: tuple[Worker, ...]) -> None:
    """Eight people, eight homes, nine to ten hours between 07:30 and 19:00, one to three skills."""
    assert len({worker.start for worker in workers}) == 8
    assert len({worker.name for worker in workers}) == 8
    for worker in workers:
        assert 9 * HOUR_S <= worker.shift.latest_s - worker.shift.earliest_s <= 10 * HOUR_S
        assert worker.shift.earliest_s >= 7.5 * HOUR_S
        assert worker.shift.latest_s <= 19 * HOUR_S
        assert 1 <= len(worker.skills) <= 3
        assert worker.breaks[0].duration_s in (45 * 60, 60 * 60)


def test_the_same_seed_gives_the_same_files(monaco: Path, tmp_path: Path) -> None:
    """Files are repeatable byte for byte, and another seed gives others."""
    first = write_sample(monaco, tmp_path / "one", seed=1)
    again = write_sample(monaco, tmp_path / "two", seed=1)
    other = write_sample(monaco, tmp_path / "three", seed=2)

    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert first[0].read_bytes() != other[0].read_bytes()


def test_files_have_the_columns_of_the_product(monaco: Path, tmp_path: Path) -> None:
    """What is written is what the planner reads."""
    sites_path, workers_path = write_sample(monaco, tmp_path, site_count=30, worker_count=3, seed=1)

    with sites_path.open(encoding="utf-8") as file:
        sites = list(csv.DictReader(file))
    with workers_path.open(encoding="utf-8") as file:
        workers = list(csv.DictReader(file))

    assert ",".join(sites[0]) == (
        "id,name,lon,lat,address,service_min,windows,skills,priority,penalty,required,worker,level"
    )
    assert ",".join(workers[0]) == (
        "id,name,start_lon,start_lat,end_lon,end_lat,shift,breaks,skills,max_visits,capacity,mode"
    )
    assert (len(sites), len(workers)) == (30, 3)
    assert workers[0]["breaks"] == "60@11:30-13:30"
