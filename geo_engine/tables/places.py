"""Where the rows of a table are: from two coordinates, else from an address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs, LonLatArray, array_to_wgs84
from geo_engine.geometry.measure import geodesics_m
from geo_engine.tables.fields import RowReader
from geo_engine.tables.parsers import parse_number
from geo_engine.words import Message

type AddressResolver = Callable[[str], Position | Message]
"""Gives the place an address stands for, WGS 84, or says why there is none to rely on."""

type PlacedByHand = Mapping[tuple[int, str], Position]
"""Where a person placed an address, WGS 84: by the line of its row and the known name of its column."""

NOTHING_PLACED: PlacedByHand = {}

# A field team works within a day's drive: farther from the others than this is an error in the
# file when exchanging the two numbers brings the place back among them.
_FAR_M = 1_000_000.0
_NEAR_M = 500_000.0
_MIN_OTHERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceColumns:
    """The columns one place of a row is written in."""

    lon: str
    lat: str
    address: str

    def is_given(self, reader: RowReader) -> bool:
        """Whether the row has any of the columns."""
        return any(map(reader.text, (self.lon, self.lat, self.address)))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsureAddress:
    """An address that a person has to place, or has placed.

    Parameters
    ----------
    line
        Of its row.
    column, heading
        The known name of its column, and what the file calls it.
    name
        What the row is called; its id when it has no name.
    position
        Where a person placed it, WGS 84; None as long as nobody has.
    """

    line: int
    column: str
    heading: str
    name: str
    address: str
    position: Position | None


def read_places(
    readers: Sequence[RowReader],
    columns: PlaceColumns,
    *,
    crs: Crs,
    resolve: AddressResolver | None,
    placed: PlacedByHand = NOTHING_PLACED,
) -> list[Position | None]:
    """Return every row's position, WGS 84; None with a problem kept for a row that has none.

    Parameters
    ----------
    crs
        What the file's coordinates are written in.
    resolve
        Asked for rows that have an address and no coordinates; None leaves them without a position.
    placed
        Goes before `resolve`.

    Raises
    ------
    Unavailable
        When `resolve` cannot reach its source.

    Notes
    -----
    Longitude and latitude count as swapped when the latitude fits only a longitude, or when a row
    lies more than 1,000 km from the median of all rows and within 500 km of it once swapped. Where
    more than half of the rows are swapped and still valid, the rule cannot tell. Cost: O(n).
    """
    places: list[Position | None] = [None] * len(readers)
    written = {at: lonlat for at, reader in enumerate(readers) if (lonlat := _coordinates(reader, columns))}
    lonlats = np.array(list(written.values())).reshape(-1, 2)
    swapped = _look_swapped(lonlats)
    for at, lonlat, is_swapped in zip(written, array_to_wgs84(lonlats, crs=crs).tolist(), swapped, strict=True):
        if is_swapped:
            readers[at].fail(columns.lat, _swapped(*written[at]))
        else:
            places[at] = Position(*lonlat)
    for at, reader in enumerate(readers):
        if not (reader.text(columns.lon) or reader.text(columns.lat)):
            by_hand = placed.get((reader.line, columns.address))
            places[at] = by_hand or _addressed(reader, columns, resolve)
    return places


def unsure_addresses(
    readers: Sequence[RowReader], columns: PlaceColumns, places: Sequence[Position | None], placed: PlacedByHand
) -> list[UnsureAddress]:
    """Return the addresses among `places` that were placed by hand, and those that have no place."""
    return [
        UnsureAddress(
            line=reader.line,
            column=columns.address,
            heading=reader.heading(columns.address),
            name=reader.text("name") or reader.text("id"),
            address=address,
            position=placed.get((reader.line, columns.address)),
        )
        for reader, place in zip(readers, places, strict=True)
        if (address := asked_address(reader, columns)) and (place is None or (reader.line, columns.address) in placed)
    ]


def written_places(
    readers: Sequence[RowReader], columns: PlaceColumns, places: Sequence[Position | None]
) -> tuple[Position, ...]:
    """Return those of `places` that the rows gave by coordinates, also of rows that cannot be read otherwise."""
    return tuple(
        place
        for reader, place in zip(readers, places, strict=True)
        if place is not None and (reader.text(columns.lon) or reader.text(columns.lat))
    )


def asked_address(reader: RowReader, columns: PlaceColumns) -> str:
    """Return the address a row is placed by; empty when it has coordinates or no address."""
    has_coordinates = bool(reader.text(columns.lon) or reader.text(columns.lat))
    return "" if has_coordinates else reader.text(columns.address)


def _coordinates(reader: RowReader, columns: PlaceColumns) -> tuple[float, float] | None:
    given = {column: reader.text(column) for column in (columns.lon, columns.lat)}
    if not any(given.values()):
        return None
    for column, text in given.items():
        if not text:
            reader.fail(column, Message("{column} is missing.", {"column": reader.heading(column)}))
    parse_degrees = partial(parse_number, at_least=-inf, at_most=inf)
    lon, lat = (reader.read(column, parse_degrees, None) for column in given)
    if lon is None or lat is None:
        return None
    reason = _refusal(lon, lat)
    if reason:
        reader.fail(columns.lat if -180 <= lon <= 180 else columns.lon, reason)
        return None
    return lon, lat


def _refusal(lon: float, lat: float) -> Message | None:
    if lon == 0 and lat == 0:
        return Message("0, 0 lies in the ocean off Africa; it usually means that the position is unknown.")
    return range_refusal(lon, lat)


def range_refusal(lon: float, lat: float) -> Message | None:
    """Return why two numbers, in degrees, are no position; None when they are one."""
    if abs(lat) > 90 >= abs(lon) and abs(lat) <= 180:
        return _swapped(lon, lat)
    try:
        Position(lon, lat)
    except InvalidInput as error:
        return error.message
    return None


def _swapped(lon: float, lat: float) -> Message:
    return Message("Longitude and latitude look swapped: {lon}, {lat}.", {"lon": lon, "lat": lat})


def _look_swapped(lonlats: LonLatArray) -> list[bool]:
    if len(lonlats) <= _MIN_OTHERS:
        return [False] * len(lonlats)
    middle = np.median(lonlats, axis=0)
    is_far = _distance_m(lonlats, middle) > _FAR_M
    is_near_swapped = _distance_m(lonlats[:, ::-1], middle) < _NEAR_M
    flags: list[bool] = (is_far & is_near_swapped).tolist()
    return flags


def _distance_m(lonlats: LonLatArray, middle: NDArray[np.float64]) -> NDArray[np.float64]:
    # A longitude taken for a latitude may lie beyond the pole: there it is as far as it needs to be.
    lons, lats = lonlats[:, 0], lonlats[:, 1].clip(-90, 90)
    return geodesics_m(lons, lats, np.full_like(lons, middle[0]), np.full_like(lats, middle[1]))


def _addressed(reader: RowReader, columns: PlaceColumns, resolve: AddressResolver | None) -> Position | None:
    address = reader.text(columns.address)
    names = {"lon": reader.heading(columns.lon), "lat": reader.heading(columns.lat)}
    if not address:
        reader.fail("", Message("There is no position: fill in {lon} and {lat}, or an address.", names))
        return None
    if resolve is None:
        reason = Message("There is only an address and no geocoder to look it up; fill in {lon} and {lat}.", names)
        reader.fail(columns.address, reason)
        return None
    found = resolve(address)
    if isinstance(found, Message):
        reader.fail(columns.address, found)
        return None
    return found
