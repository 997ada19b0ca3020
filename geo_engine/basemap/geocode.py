"""Where an address of an extract is, and how sure that is.

====================================================  =========================================
What fits                                             Worth (times the fit of the name)
====================================================  =========================================
street and house number                               1.0
number beside a known one (12 for 12b, 14 for 12)     0.9, 0.82
number between known ones less than 150 m apart       0.85
named place                                           0.95
street alone, no longer than 200 m                    0.85
street alone                                          0.75
number whose nearest known one is farther off         0.7
number on a street without known numbers              0.6 (0.7 when no longer than 150 m)
town alone                                            0.5
====================================================  =========================================

Times 0.7 for another town or postcode than the address names (0.9 near its city), times 0.75 for each
part of the address that fits nothing near by; at most 0.75 when something else in another place fits as well.
Each of these alone is below `CONFIDENT_SCORE`: a person looks.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from geo_engine.basemap.address_index import NameIndex
from geo_engine.basemap.address_query import AddressLine, AddressQuery, parse_address, town_name, town_names
from geo_engine.basemap.address_words import leading_int
from geo_engine.basemap.addresses import House, Street, read_gazetteer
from geo_engine.customers.geocoding import GeocodeCandidate, Geocoding
from geo_engine.geometry import Position
from geo_engine.geometry.plane import LocalPlane

_AMBIGUOUS_SCORE = 0.75
_AS_GOOD = 0.06
_ELSEWHERE_M = 150.0
_SAME_TOWN_STREET_M = 1_500.0
_OTHER_TOWN = 0.7
_NEAR_CITY = 0.9
_UNEXPLAINED = 0.75
_EXPLAINS = 0.75  # a word alone of a longer name fits by 0.7125: the Café de Paris does not explain “Paris”
_TOGETHER_M = 400.0
_NUMBERS_APART_M = 150.0
_LEAST_SCORE = 0.3
_CANDIDATE_COUNT = 5
_MAIN_TOWNS = frozenset({"city", "town", "village", "municipality"})
_MAIN_TOWN_M, _DISTRICT_M = 8_000.0, 2_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """Something an address line may mean; `fit` is how well its name fits, `score` what it is worth."""

    line: AddressLine
    label: str
    position: Position
    fit: float
    score: float
    street: Street | None = None
    city: str = ""
    postcodes: frozenset[str] = frozenset()


class ExtractGeocoder:
    """A `Geocoder` that knows the streets, house numbers and named places of one extract.

    Parameters
    ----------
    extract
        An OpenStreetMap file (.osm.pbf, .osm).

    Raises
    ------
    InvalidInput
        When the file is missing or is no readable extract.

    Notes
    -----
    Built in O(n log n): 0.4 s for Monaco. An address with exact names is found in well under a
    millisecond, a misspelt one in O(names).
    """

    def __init__(self, extract: Path) -> None:
        gazetteer = read_gazetteer(extract)
        self._source = f"extract:{extract.name.split('.')[0]}"
        self._index = NameIndex(gazetteer.streets, gazetteer.places)
        self._plane = gazetteer.plane
        self._towns = gazetteer.towns
        self._town_points = np.array([gazetteer.plane.point(town.position) for town in gazetteer.towns], dtype=object)
        self._boundaries = gazetteer.boundaries
        self._bounded = frozenset(town_name(name) for name, _ in gazetteer.boundaries)
        self._located = self._bounded | {town_name(town.name) for town in gazetteer.towns}
        cities = (house.city for street in gazetteer.streets for houses in street.houses.values() for house in houses)
        names = {*(town.name for town in gazetteer.towns), *(name for name, _ in gazetteer.boundaries), *cities}
        self._known_towns = frozenset(one for name in names for one in town_names(name))
        codes = (
            house.postcode for street in gazetteer.streets for houses in street.houses.values() for house in houses
        )
        self._postal_regions = frozenset(_postal_region(code) for code in codes if code)

    def geocode(self, address: str) -> Geocoding:
        """Return what `address` may mean, best first; no candidates when nothing fits.

        The score's meaning is told at the top of this module.
        """
        query = parse_address(address, known_towns=self._known_towns)
        hits = [hit for line in query.lines for hit in self._hits(line)]
        if not query.lines:
            hits = self._town_hits(query)
        hits = [self._in_context(hit, hits, query) for hit in hits]
        hits.sort(key=lambda hit: -hit.score)
        hits = self._distinct([hit for hit in hits if hit.score >= _LEAST_SCORE])
        if hits and self._is_ambiguous(hits):
            hits = [replace(hit, score=min(hit.score, _AMBIGUOUS_SCORE)) for hit in hits]
        return Geocoding(address=address, candidates=tuple(self._candidate(hit) for hit in hits[:_CANDIDATE_COUNT]))

    def _hits(self, line: AddressLine) -> list[_Hit]:
        found = [_place_on(hit.street, line, hit.fit) for hit in self._index.streets(line.street)]
        if line.number:
            # “Rua 5” may be the whole name of a street, and its number no house number.
            whole = AddressLine(text=line.text, street=line.text, number="")
            found += [_place_on(hit.street, whole, hit.fit) for hit in self._index.streets(line.text) if hit.fit > 0.9]
        for hit in self._index.places(line.text):
            place = hit.place
            label = f"{place.name}, {place.address}".removesuffix(", ")
            city = place.tags.get("addr:city", "")
            codes = frozenset(filter(None, [place.tags.get("addr:postcode", "")]))
            found.append(
                _Hit(line=line, label=label, position=place.position, fit=hit.fit, score=hit.fit, city=city,
                     postcodes=codes)
            )  # fmt: skip
        return found

    def _town_hits(self, query: AddressQuery) -> list[_Hit]:
        line = AddressLine(text="", street="", number="")
        named = [town for town in self._towns if town_name(town.name) in query.towns]
        return [_Hit(line=line, label=town.name, position=town.position, fit=0.5, score=0.5) for town in named]

    def _in_context(self, hit: _Hit, hits: list[_Hit], query: AddressQuery) -> _Hit:
        """Return the hit, worth less when the rest of the address speaks against it."""
        worth = 1.0
        worth *= self._town_worth(hit, query.towns & self._known_towns)
        if query.postcode and not self._may_have_postcode(hit, query.postcode):
            worth *= _OTHER_TOWN
        for line in query.lines:
            if line is not hit.line and line.text != hit.line.text and not self._near_hit(line, hit, hits):
                worth *= _UNEXPLAINED
        return replace(hit, fit=hit.fit * worth, score=hit.score * worth)

    def _may_have_postcode(self, hit: _Hit, postcode: str) -> bool:
        """Return whether nothing tagged contradicts the postcode: at the hit itself, else in the whole extract."""
        if hit.postcodes:
            return any(_same_area(postcode, code) for code in hit.postcodes)
        return not self._postal_regions or _postal_region(postcode) in self._postal_regions

    def _town_worth(self, hit: _Hit, towns: frozenset[str]) -> float:
        # A town known by tags alone says nothing of what is not tagged with a town.
        towns = towns if hit.city else towns & self._located
        if not towns or towns & self._towns_of(hit):
            return 1.0
        # A village's streets may be written with the city near by, unless the city's limits are known.
        cities = (town for town in self._towns if town.kind == "city" and town_name(town.name) in towns - self._bounded)
        near = any(self._plane.distance_m(city.position, hit.position) <= _MAIN_TOWN_M for city in cities)
        return _NEAR_CITY if near else _OTHER_TOWN

    def _near_hit(self, line: AddressLine, hit: _Hit, hits: list[_Hit]) -> bool:
        """Return whether another line of the address means something near the hit."""
        others = (other for other in hits if other.line.text == line.text and other.fit >= _EXPLAINS)
        reach_m = _TOGETHER_M + (hit.street.length_m / 2 if hit.street else 0.0)
        return any(self._plane.distance_m(other.position, hit.position) <= reach_m for other in others)

    def _towns_of(self, hit: _Hit) -> frozenset[str]:
        """Return the towns and districts a hit lies in: as tagged, by boundary, else by the nearest name."""
        names = town_names(hit.city)
        spot = shapely.Point(hit.position.lon, hit.position.lat)
        inside = {town_name(name) for name, area in self._boundaries if shapely.covers(area, spot)}
        return frozenset(names | inside | self._nearest_towns(hit.position, with_main=not (inside or names)))

    def _nearest_towns(self, position: Position, *, with_main: bool) -> set[str]:
        if not len(self._town_points):
            return set()
        gaps_m = shapely.distance(self._town_points, self._plane.point(position))
        order = [int(at) for at in np.argsort(gaps_m)]
        main = [at for at in order if self._towns[at].kind in _MAIN_TOWNS and gaps_m[at] <= _MAIN_TOWN_M]
        near = [at for at in order if self._towns[at].kind not in _MAIN_TOWNS and gaps_m[at] <= _DISTRICT_M]
        chosen = near[:3] + (main[:1] if with_main else [])
        # A town comes once for each of its languages, all at one position.
        spots = {self._towns[at].position for at in chosen}
        return {town_name(town.name) for town in self._towns if town.position in spots}

    def _distinct(self, hits: list[_Hit]) -> list[_Hit]:
        kept: list[_Hit] = []
        for hit in hits:
            near = (self._plane.distance_m(hit.position, other.position) < 50.0 for other in kept)
            if not any(near):
                kept.append(hit)
        return kept

    def _is_ambiguous(self, hits: list[_Hit]) -> bool:
        """Return whether another hit names the best one's words as well, in another place."""
        best = hits[0]
        return any(
            other.fit >= best.fit - _AS_GOOD
            and other.line.text == best.line.text
            and (other.street is None) == (best.street is None)
            and self._is_elsewhere(best, other)
            for other in hits[1:]
        )

    def _is_elsewhere(self, best: _Hit, other: _Hit) -> bool:
        gap_m = self._plane.distance_m(best.position, other.position)
        if best.street is not None and other.street is not None and gap_m <= _SAME_TOWN_STREET_M:
            # Two pieces of one street: the one that has the number is meant.
            is_better = best.score > other.score + _AS_GOOD
            return gap_m > _ELSEWHERE_M and not (is_better and self._towns_of(best) & self._towns_of(other))
        return gap_m > _ELSEWHERE_M

    def _candidate(self, hit: _Hit) -> GeocodeCandidate:
        score = round(min(hit.score, 1.0), 3)
        return GeocodeCandidate(label=hit.label, position=hit.position, score=score, source=self._source)


def _same_area(one: str, other: str) -> bool:
    """Return whether two postcodes share the four figures that name the delivery area."""
    return one[:4] == other[:4]


def _postal_region(postcode: str) -> str:
    """Return the two figures that name a département, a province or a postal region."""
    return postcode[:2]


def _place_on(street: Street, line: AddressLine, fit: float) -> _Hit:
    """Return where on a street a line's number is, with what that is worth."""
    house, position, worth = _house_on(street, line.number)
    houses = [house] if house else [house for houses in street.houses.values() for house in houses]
    cities = sorted({house.city for house in houses} - {""})
    number = f" {'/'.join(house.numbers)}" if house else ""
    return _Hit(
        line=line,
        label=", ".join([f"{street.names[0]}{number}", *cities[:1]]),
        position=position,
        fit=fit,
        score=fit * worth,
        street=street,
        city=cities[0] if len(cities) == 1 else "",
        postcodes=frozenset(house.postcode for house in houses if house.postcode),
    )


def _house_on(street: Street, number: str) -> tuple[House | None, Position, float]:
    """Return the house meant (None for the street as a whole), its position and what that is worth."""
    if not number:
        return None, street.position, 0.85 if street.length_m <= 200 else 0.75
    if number in street.houses:
        houses = street.houses[number]
        return houses[0], houses[0].position, 1.0 if _spread_m(houses) <= _NUMBERS_APART_M else 0.75
    wanted = leading_int(number)
    known = {value: houses[0] for text, houses in street.houses.items() if (value := leading_int(text)) is not None}
    if wanted is None or not known:
        return None, street.position, 0.7 if 0 < street.length_m <= _NUMBERS_APART_M else 0.6
    if wanted in known:
        return known[wanted], known[wanted].position, 0.9
    return _between(known, wanted)


def _between(known: dict[int, House], wanted: int) -> tuple[House | None, Position, float]:
    low = max((number for number in known if number < wanted and (wanted - number) % 2 == 0), default=None)
    high = min((number for number in known if number > wanted and (number - wanted) % 2 == 0), default=None)
    if low is not None and high is not None and _spread_m((known[low], known[high])) <= _NUMBERS_APART_M:
        one, other, share = known[low].position, known[high].position, (wanted - low) / (high - low)
        return None, Position(one.lon + share * (other.lon - one.lon), one.lat + share * (other.lat - one.lat)), 0.85
    nearest = min(known, key=lambda number: (abs(number - wanted), number))
    return known[nearest], known[nearest].position, 0.82 if abs(nearest - wanted) <= 2 else 0.7


def _spread_m(houses: tuple[House, ...]) -> float:
    """Return how far apart the farthest of some houses is from the first, in metres."""
    first = houses[0].position
    plane = LocalPlane(lon=first.lon, lat=first.lat)
    return max(plane.distance_m(first, house.position) for house in houses)
