"""When an address may be used as a place without a person looking at it."""

from geo_engine.customers.geocoding import Geocoder, Geocoding
from geo_engine.geometry import Position
from geo_engine.words import Message


class AddressBook:
    """The addresses looked up so far; each is asked of the geocoder once.

    Serves as the `resolve` of any table reader: gives the position of a confident answer, else the
    reason why the address must be placed by hand.
    """

    def __init__(self, geocoder: Geocoder) -> None:
        self._geocoder = geocoder
        self._geocodings: dict[str, Geocoding] = {}

    def __call__(self, address: str) -> Position | Message:
        """Return the position of `address`, or why it has none.

        Raises
        ------
        Unavailable
            When the geocoder's source cannot be reached or refuses the key.
        """
        if address not in self._geocodings:
            self._geocodings[address] = self._geocoder.geocode(address)
        geocoding = self._geocodings[address]
        if geocoding.best is None:
            return Message("The address “{address}” was not found.", {"address": address})
        if geocoding.is_confident:
            return geocoding.best.position
        facts = {"address": address, "label": geocoding.best.label, "score": f"{geocoding.best.score:.2f}"}
        return Message(
            "The address “{address}” is uncertain: best match “{label}”, score {score}; place it by hand.", facts
        )

    def find(self, address: str) -> Geocoding | None:
        """Return what was found for `address`, or None when it was never asked."""
        return self._geocodings.get(address)
