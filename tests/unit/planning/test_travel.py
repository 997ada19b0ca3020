"""Which places are too far from the roads of every mode in use."""

from geo_engine.planning.travel.modes import FarPlaces
from geo_engine.travel_modes import TravelMode

CAR, FOOT = TravelMode.CAR, TravelMode.FOOT


def test_a_place_is_too_far_when_it_is_so_by_every_mode() -> None:
    """What a walker reaches is not said to be beyond the roads; what nobody does is as far as its nearest road."""
    far = FarPlaces(by_mode={CAR: {0: 3_000.0, 1: 5_000.0}, FOOT: {1: 2_000.0, 2: 4_000.0}})

    assert far.for_all == {1: 2_000.0}
    assert FarPlaces(by_mode={CAR: {0: 3_000.0}}).for_all == {0: 3_000.0}
    assert FarPlaces(by_mode={}).for_all == {}
