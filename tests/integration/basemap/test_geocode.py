"""An address is found when it is clear, and asked about when it is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from geo_engine.basemap.geocode import ExtractGeocoder
from geo_engine.customers.geocoding import CONFIDENT_SCORE, Geocoder

ALBERT_II_11 = (7.4146, 43.7285)


@pytest.fixture(scope="module")
def geocoder(monaco: Path) -> Geocoder:
    """Return a geocoder of the bundled extract."""
    return ExtractGeocoder(monaco)


@pytest.mark.parametrize(
    "address",
    [
        "11 Avenue Albert II, Monaco",
        "Avenue Albert II 11",
        "av. albert ii, n° 11, 98000 MONACO",
        "11 Avenue Alber II",
        "11 Avenu Albert II",
        "11 Avenue Albret II",
    ],
)
def test_street_and_number_are_found_however_written(geocoder: Geocoder, address: str) -> None:
    """Order, abbreviation and a wrong letter do not keep an address from its house."""
    found = geocoder.geocode(address)

    assert found.best is not None
    assert found.is_confident
    assert (found.best.position.lon, found.best.position.lat) == pytest.approx(ALBERT_II_11, abs=2e-4)
    assert found.best.source == "extract:monaco"


def test_an_exact_address_is_certain(geocoder: Geocoder) -> None:
    """Street and number as tagged score one."""
    found = geocoder.geocode("11 Avenue Albert II, Monaco")

    assert found.best is not None
    assert found.best.score == pytest.approx(1.0)


@pytest.mark.parametrize("address", ["499 Avenue Albert II, Monaco", "12 Boulevard du Larvotto, Monaco"])
def test_a_number_the_extract_does_not_know_is_asked_about(geocoder: Geocoder, address: str) -> None:
    """The street is offered, but a person looks."""
    found = geocoder.geocode(address)

    assert found.candidates
    assert not found.is_confident


@pytest.mark.parametrize(
    "address",
    [
        "11 Avenue Albert II, Paris",
        "11 Avenue Albert II, 75001 Paris",
        "11 Avenue Albert II, 75001",
        "11 Avenue Albert II, Paris, France",
        "Casino de Monte-Carlo, Paris",
    ],
)
def test_an_address_of_a_foreign_city_is_asked_about(geocoder: Geocoder, address: str) -> None:
    """A city or postcode that the extract does not have is never explained away."""
    found = geocoder.geocode(address)

    assert found.best is not None
    assert found.best.score <= CONFIDENT_SCORE - 0.05
    assert not found.is_confident


@pytest.mark.parametrize("address", ["asdfgh", "", "!!!", "12 12 12", "Zyxwvut Qrst 4711"])
def test_garbage_is_never_confident(geocoder: Geocoder, address: str) -> None:
    """What is no address is not placed on the map."""
    assert not geocoder.geocode(address).is_confident


def test_a_named_place_is_found(geocoder: Geocoder) -> None:
    """A name that stands once in the extract is as good as an address."""
    assert geocoder.geocode("Casino de Monte-Carlo").is_confident


def test_a_branch_of_several_is_asked_about(geocoder: Geocoder) -> None:
    """La Poste stands in many streets."""
    found = geocoder.geocode("La Poste")

    assert len(found.candidates) > 1
    assert not found.is_confident


def test_candidates_are_few_and_best_first(geocoder: Geocoder) -> None:
    """At most five, by falling score between 0 and 1."""
    scores = [candidate.score for candidate in geocoder.geocode("Pharmacie").candidates]

    assert 0 < len(scores) <= 5
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@pytest.fixture
def twin_towns(write_extract: Callable[..., Path]) -> ExtractGeocoder:
    """Return a geocoder of two towns 10 km apart, each with a Rue Haute and its house 4; postcodes in one only."""
    nodes = [
        (7.000, 43.7, {}),
        (7.003, 43.7, {"addr:housenumber": "4", "addr:street": "Rue Haute"}),
        (7.001, 43.7, {"place": "town", "name": "Aville"}),
        (7.130, 43.7, {}),
        (7.133, 43.7, {"addr:housenumber": "4", "addr:street": "Rue Haute"}),
        (7.131, 43.7, {"place": "town", "name": "Béville"}),
    ]
    street = {"highway": "residential", "name": "Rue Haute"}
    return ExtractGeocoder(write_extract(nodes, [([1, 2], street), ([4, 5], street)]))


def test_one_street_name_in_two_towns_is_asked_about(twin_towns: ExtractGeocoder) -> None:
    """Without the town, both are offered and neither is taken."""
    found = twin_towns.geocode("4 Rue Haute")

    assert len(found.candidates) == 2
    assert not found.is_confident


@pytest.mark.parametrize(("town", "lon"), [("Aville", 7.003), ("Beville", 7.133)])
def test_the_town_tells_two_streets_apart(twin_towns: ExtractGeocoder, town: str, lon: float) -> None:
    """With the town, the address is clear."""
    found = twin_towns.geocode(f"4 Rue Haute, {town}")

    assert found.best is not None
    assert found.is_confident
    assert found.best.position.lon == pytest.approx(lon)


@pytest.fixture
def haidian(write_extract: Callable[..., Path]) -> ExtractGeocoder:
    """Return a geocoder of one Chinese street with two houses and an interpolated side."""
    street = {"addr:street": "中关村大街"}
    nodes = [
        (116.310, 39.980, {"addr:housenumber": "27号", **street}),
        (116.311, 39.980, {"addr:housenumber": "2", **street}),
        (116.312, 39.980, {"addr:housenumber": "10", **street}),
        (116.314, 39.980, {}),
        (116.311, 39.983, {"place": "suburb", "name": "海淀区"}),
    ]
    ways = [
        ([1, 4], {"highway": "primary", "name": "中关村大街", "name:en": "Zhongguancun Street"}),
        ([2, 3], {"addr:interpolation": "even"}),
    ]
    return ExtractGeocoder(write_extract(nodes, ways))


@pytest.mark.parametrize(
    ("address", "lon"),
    [
        ("北京市海淀区中关村大街27号", 116.310),
        ("海淀区中关村大街 27 号 3 层", 116.310),
        ("中关村大街２７號", 116.310),
        ("27 Zhongguancun Street", 116.310),
        ("中关村大街6号", 116.3115),
    ],
)
def test_a_chinese_address_is_found(haidian: ExtractGeocoder, address: str, lon: float) -> None:
    """District in front, 号 behind, full-width digits, the English name and interpolated numbers all lead there."""
    found = haidian.geocode(address)

    assert found.best is not None
    assert found.best.score >= CONFIDENT_SCORE
    assert found.best.position.lon == pytest.approx(lon, abs=1e-4)


def test_a_similar_chinese_street_is_asked_about(haidian: ExtractGeocoder) -> None:
    """中关村南大街 is another street than 中关村大街."""
    assert not haidian.geocode("中关村南大街27号").is_confident
