"""Fields of apps whose users write the address themselves, so that one thing goes by several names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from geo_engine.tracks.model import Fix
from geo_engine.tracks.protocols import quantities as read
from geo_engine.tracks.protocols.bodies import as_list, as_object, collect, dropped, is_json, read_fields, read_json
from geo_engine.tracks.protocols.model import Decoded, Other, Unusable

type Fields = Mapping[str, object]
"""By lower-case name; text, or what JSON says."""

_LON = ("lon", "lng", "long", "longitude")
_LAT = ("lat", "latitude")
_ALTITUDE = ("alt", "altitude")
_HEADING = ("dir", "bearing", "direction", "heading", "course")
_BATTERY = ("batt", "battery", "bat", "battproc")
_SPEED_KMH = ("spd_kph", "speed_kph", "kph")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that differ between the apps; of several in one post the first counts.

    Parameters
    ----------
    moments
        Of these the first that holds a time counts.
    """

    devices: Sequence[str]
    moments: Sequence[str]
    accuracies: Sequence[str]
    speeds: Sequence[str]


def decode_named(query: str, text: str, names: Names, received_at: datetime) -> Decoded:
    """Return what became of a query and a body, a form or JSON; what the query says outweighs the body."""
    by_query = _lower(read_fields(query)) if query else {}
    if is_json(text):
        try:
            said = as_list(read_json(text))
        except Unusable as error:
            return dropped(error.message)
        return collect(said, lambda one: _read(_lower(as_object(one)) | by_query, names, received_at))
    fields = _lower(read_fields(text)) | by_query
    if not fields:
        return Decoded(others=(Other.EMPTY,))
    return collect([fields], lambda one: _read(one, names, received_at))


def _lower(fields: Fields) -> dict[str, object]:
    return {name.lower(): value for name, value in fields.items()}


def _read(fields: Fields, names: Names, received_at: datetime) -> Fix:
    tracked_at, is_rollover = read.read_tracked_at(_moment(fields, names.moments, received_at), received_at)
    return Fix(
        device=read.read_device(_said(fields, names.devices)),
        tracked_at=tracked_at,
        position=read.read_position(_said(fields, _LON), _said(fields, _LAT)),
        accuracy_m=read.read_accuracy_m(_said(fields, names.accuracies)),
        altitude_m=read.read_altitude_m(_said(fields, _ALTITUDE)),
        speed_mps=_speed_mps(fields, names),
        heading_deg=read.read_heading_deg(_said(fields, _HEADING)),
        battery_percent=read.read_battery_percent(_said(fields, _BATTERY)),
        is_rollover=is_rollover,
    )


def _said(fields: Fields, names: Sequence[str]) -> object:
    """Return what is said under the first of the names that says anything."""
    for name in names:
        value = fields.get(name)
        if value is not None and value != "":
            return value
    return None


def _moment(fields: Fields, names: Sequence[str], received_at: datetime) -> object:
    """Return the first time said, or something said that is none; where nothing is said the time of receipt."""
    said = [fields[name] for name in names if name in fields]
    return next((one for one in said if read.read_moment(one) is not None), said[0] if said else received_at)


def _speed_mps(fields: Fields, names: Names) -> float | None:
    speed_mps = read.read_speed_mps(_said(fields, names.speeds))
    return read.read_speed_mps(_said(fields, _SPEED_KMH), read.MPS_PER_KMH) if speed_mps is None else speed_mps
