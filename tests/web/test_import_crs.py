"""A file whose coordinates were declared wrongly is told of before it is written, and read again by one press."""

import io
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from support.chinese_town import house_places, write_town
from support.companies import NOW
from support.pages import Pages, Person

from geo_engine.customers.store import get_sites
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs, array_from_wgs84
from geo_engine.geometry.measure import geodesic_m
from geo_engine.ids import SiteId
from geo_engine.roads import RoadChoice
from geo_engine.roads.opening import choose_roads
from geo_engine.roads.service import use_roads
from geo_engine.tenancy import OPERATOR

HOUSES = house_places()[::5]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RoadChoice]:
    """Return where the graph of the made-up town is, and its choice."""
    folder = tmp_path_factory.mktemp("town")
    return folder, choose_roads(str(write_town(folder / "town.osm.pbf")), cache_dir=folder)


@pytest.fixture
def person(own_pages: Pages, town: tuple[Path, RoadChoice]) -> Person:
    """Return somebody whose company plans on the town's roads."""
    folder, choice = town
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        use_roads(session, choice, by=OPERATOR, now=NOW + timedelta(seconds=1))
    return own_pages.with_other(cache_dir=folder).person("administrator")


def _send(person: Person, crs: Crs, declared: Crs) -> str:
    """Send the town's houses as sites, written in one system and declared in another, and one with an address."""
    rows = [f"H{n},{lon:.7f},{lat:.7f}," for n, (lon, lat) in enumerate(array_from_wgs84(np.array(HOUSES), crs=crs))]
    content = "\n".join(["id,lon,lat,address", *rows, "A1,,,清华东路 1 号"]).encode()
    form = {"kind": "sites", "crs": declared.value, "file": (io.BytesIO(content), "sites.csv")}
    answer = person.post("/imports", **form)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def _hint(page: str) -> str:
    found = re.search(r'<div class="crs-hint" role="alert"><p>(.*?)</p>', page)
    return unescape(found[1]) if found else ""


def test_a_file_that_fits_another_system_is_read_again_by_one_press(own_pages: Pages, person: Person) -> None:
    """The warning has its figures; pressed, the rows lie where they are, and what was placed by hand stays."""
    at = _send(person, Crs.GCJ02, Crs.WGS84)
    person.post(f"{at}/place", line=str(len(HOUSES) + 2), column="address", lon="116.31", lat="39.99")

    warned = person.get(at).text
    seen = re.search(r'name="seen" value="(\w+)"', warned)
    answer = person.post(f"{at}/crs", crs="gcj02")
    unseen = person.post(f"{at}/confirm", seen=seen[1] if seen else "")
    page = person.get(at).text
    seen = re.search(r'name="seen" value="(\w+)"', page)
    person.post(f"{at}/confirm", seen=seen[1] if seen else "")

    told = (
        rf"⚠ \d\d of {len(HOUSES)} places would lie nearer to a building if the coordinates were GCJ-02: 0 m instead of"
    )
    assert re.match(told, _hint(warned))
    assert "Read again as GCJ-02" in warned
    assert (answer.status_code, answer.location, unseen.status_code) == (303, at, 409)
    assert (_hint(page), "· GCJ-02" in page) == ("", True)
    assert "Coordinates: GCJ-02" in person.get("/imports").text
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        kept = {site.id: site.position for site in get_sites(session, [SiteId("H0"), SiteId("A1")])}
    assert geodesic_m(kept[SiteId("H0")], Position(*HOUSES[0])) < 0.5
    assert kept[SiteId("A1")] == Position(116.31, 39.99)


def test_nothing_is_said_of_a_file_that_is_declared_rightly(person: Person) -> None:
    """Neither of WGS 84 nor of BD-09 that is declared as such."""
    assert [_hint(person.get(_send(person, crs, crs)).text) for crs in (Crs.WGS84, Crs.BD09)] == ["", ""]


def test_nothing_is_said_where_no_extract_is_known(own_pages: Pages) -> None:
    """A company that plans on straight lines has nothing to compare its places with."""
    person = own_pages.person("administrator")

    assert _hint(person.get(_send(person, Crs.GCJ02, Crs.WGS84)).text) == ""


def test_a_system_that_is_none_is_refused(person: Person) -> None:
    """The file stays as it was read."""
    at = _send(person, Crs.WGS84, Crs.WGS84)

    assert person.post(f"{at}/crs", crs="moon").status_code == 422
    assert "· WGS 84" in person.get(at).text
