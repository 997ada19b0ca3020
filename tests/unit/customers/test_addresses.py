"""An address is asked once, whoever asks, and only a confident answer is a place."""

from pathlib import Path

from geo_engine.customers.addresses import AddressBook
from geo_engine.customers.files import read_sites
from geo_engine.customers.geocoding import GeocodeCandidate, Geocoding
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.workforce.files import read_workers

OFFICE = Position(7.42, 43.73)


class OneOffice:
    """A geocoder that takes every address for the office and notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def geocode(self, address: str) -> Geocoding:
        """Return the office."""
        self.asked.append(address)
        office = GeocodeCandidate(label="Office", position=OFFICE, score=1.0, source="extract:test")
        return Geocoding(address=address, candidates=(office,))


def test_sites_and_workers_share_what_was_found(tmp_path: Path) -> None:
    """An address in both files is asked once, and the answer can be found for either."""
    (tmp_path / "sites.csv").write_text("id,address\nA,1 Main Street\n", encoding="utf-8")
    (tmp_path / "workers.csv").write_text("id,address\nW,1 Main Street\n", encoding="utf-8")
    geocoder = OneOffice()
    book = AddressBook(geocoder)

    sites = read_sites(tmp_path / "sites.csv", crs=Crs.WGS84, resolve=book)
    workers = read_workers(tmp_path / "workers.csv", crs=Crs.WGS84, resolve=book)

    assert geocoder.asked == ["1 Main Street"]
    assert sites.sites[0].position == workers.workers[0].start == OFFICE
    assert book.find(sites.addresses["A"]) is book.find(workers.addresses["W"][0]) is not None
