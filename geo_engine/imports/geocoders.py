"""What resolves the addresses of files: the extract itself, or a service."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from geo_engine.basemap.geocode import ExtractGeocoder
from geo_engine.customers.addresses import AddressBook
from geo_engine.customers.geocode_http import HttpGeocoder
from geo_engine.customers.geocode_vendors import GeocodingService
from geo_engine.customers.geocoding import Geocoder, Geocoding
from geo_engine.settings import Settings

EXTRACT_GEOCODER = "extract"
GEOCODERS = (EXTRACT_GEOCODER, *(service.value for service in GeocodingService))


@contextmanager
def open_address_book(geocoder: str, extract: Path | None, settings: Settings) -> Iterator[AddressBook | None]:
    """Give what resolves addresses; None when the extract shall and there is none.

    Parameters
    ----------
    settings
        A service's key and where it answers.
    """
    if geocoder == EXTRACT_GEOCODER:
        yield None if extract is None else AddressBook(ExtractGeocoderWhenAsked(extract))
        return
    service = GeocodingService(geocoder)
    with HttpGeocoder(service, key=settings.geocoder_key, base_url=settings.geocoder_url) as found:
        yield AddressBook(found)


class ExtractGeocoderWhenAsked:
    """A `Geocoder` of an extract that is made at the first address: most files have none to resolve."""

    def __init__(self, extract: Path) -> None:
        self._extract = extract
        self._geocoder: Geocoder | None = None
        self._lock = Lock()

    def geocode(self, address: str) -> Geocoding:
        """Return what `address` may mean.

        Raises
        ------
        InvalidInput
            When the extract is missing or cannot be read.
        """
        with self._lock:
            if self._geocoder is None:
                self._geocoder = ExtractGeocoder(self._extract)
        return self._geocoder.geocode(address)
