"""How the columns of a file become tracks, while whatever is wrong with a fix is kept beside its place in the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import tzinfo
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs, array_to_wgs84
from geo_engine.tables import RowProblem
from geo_engine.tables.places import range_refusal
from geo_engine.tracks.files.cells import NO_MOMENT, Cells, Faults, read_flags, read_moments, read_numbers, read_texts
from geo_engine.tracks.files.columns import Column
from geo_engine.tracks.files.model import NamedTrack, NoFixesError, ReadTracks
from geo_engine.tracks.model import Track
from geo_engine.words import Message

type Columns = dict[str, NDArray[Any]]
"""The fields of a `Track`, in the order of the file."""

_MOST_PROBLEMS = 10_000
_AT_MOST = {"heading_deg": 360.0, "battery_percent": 100.0}
_FIELDS = {
    "accuracies_m": "accuracy_m",
    "altitudes_m": "altitude_m",
    "speeds_mps": "speed_mps",
    "headings_deg": "heading_deg",
    "batteries_percent": "battery_percent",
}
TRACK_FIELDS = tuple(one.name for one in fields(Track))


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFixes:
    """Fixes as they stand in a file, column by column; all sequences have one length.

    Parameters
    ----------
    lines
        Where each fix stands, as `RowProblem` counts.
    columns
        What each column tells, by the file's own name of it.
    cells
        By the file's own name of the column.
    tracks
        The number of each fix's track, as `Gatherer` gave it.
    places
        What follows the column's name where a line has several fixes, such as ``[17]``.
    """

    lines: Sequence[int]
    columns: Mapping[str, Column]
    cells: Mapping[str, Cells]
    tracks: Sequence[int]
    places: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    device: str | None
    name: str


class Gatherer:
    """Takes the fixes of a file part by part and gives its tracks in the end.

    Parameters
    ----------
    file
        The file's name, without its folder.
    zone
        In which times that say nothing of their zone are meant.
    max_fixes
        How many are taken, with those that cannot be read.

    Attributes
    ----------
    headings
        The names of the file's columns that told something so far.
    """

    def __init__(self, file: str, *, crs: Crs, zone: tzinfo, max_fixes: int) -> None:
        self.file = file
        self.headings: set[str] = set()
        self._crs = crs
        self._zone = zone
        self._max_fixes = max_fixes
        self._parts: list[Columns] = []
        self._names: list[_Named] = []
        self._numbers: dict[_Named, int] = {}
        self._problems: list[RowProblem] = []
        self._count = self._timeless_count = self._problem_count = 0

    def new_track(self, *, device: str | None = None, name: str = "") -> int:
        """Return the number of a track that stands on its own in the file."""
        self._names.append(_Named(device=device, name=name))
        return len(self._names) - 1

    def tracks_of(self, columns: Mapping[str, Column], cells: Mapping[str, Cells]) -> list[int]:
        """Return the number of each row's track: rows of one device and track name are one, wherever they stand."""
        count = len(next(iter(cells.values()), ()))
        headings = {column.name: heading for heading, column in columns.items()}
        devices, names = (
            read_texts(cells[headings[column]]) if column in headings else [""] * count
            for column in ("device", "track")
        )
        keys = list(zip(devices, names, strict=True))
        numbers = {key: self.track_of(device=key[0] or None, name=key[1]) for key in dict.fromkeys(keys)}
        return [numbers[key] for key in keys]

    def track_of(self, *, device: str | None, name: str) -> int:
        """Return the number of the track of this device and name, the same whenever it is asked for."""
        named = _Named(device=device, name=name)
        if named not in self._numbers:
            self._numbers[named] = self.new_track(device=device, name=name)
        return self._numbers[named]

    def name_track(self, number: int, *, device: str | None, name: str) -> None:
        """Say what a track is called, once that is known."""
        self._names[number] = _Named(device=device, name=name)

    def fail(self, line: int, column: str, reason: Message) -> None:
        """Keep a problem of the file; of very many only the first."""
        self._problem_count += 1
        if self._problem_count <= _MOST_PROBLEMS:
            self._problems.append(RowProblem(file=self.file, line=line, column=column, reason=reason))

    def add(self, raw: RawFixes) -> None:
        """Take fixes; those without a moment or a position are left out, each with the reason.

        Raises
        ------
        InvalidInput
            When there are too many by now.
        """
        self.headings.update(raw.columns)
        self._count += len(raw.lines)
        if self._count > self._max_fixes:
            facts = {"file": self.file, "limit": self._max_fixes}
            raise InvalidInput(Message("{file} has more than {limit} fixes.", facts))
        if raw.lines:
            reading = _Reading(raw, self._zone)
            self._parts.append(reading.read(self._crs))
            self._timeless_count += reading.timeless_count
            for line, column, reason in reading.problems():
                self.fail(line, column, reason)

    def problems(self) -> tuple[RowProblem, ...]:
        """Return what was wrong so far, by line; after the first 10,000 one says how many there are more."""
        listed = sorted(self._problems, key=lambda problem: problem.line)
        more = self._problem_count - len(listed)
        if more:
            reason = Message("There are {count} more problems.", {"count": more})
            listed.append(RowProblem(file=self.file, line=0, column="", reason=reason))
        return tuple(listed)

    def finish(self) -> ReadTracks:
        """Return the tracks, each in the order of time.

        Raises
        ------
        InvalidInput
            When there is no fix, or none with a time.
        """
        problems = self.problems()
        if self._count and self._timeless_count == self._count:
            raise InvalidInput(
                Message("{file} has no times: a track needs the moment of each position.", {"file": self.file})
            )
        if not any(len(part["times_us"]) for part in self._parts):
            raise NoFixesError(self.file, problems)
        whole = {name: np.concatenate([part[name] for part in self._parts]) for name in (*TRACK_FIELDS, "tracks")}
        order = time_order(whole, first="tracks")
        numbers, starts = np.unique(whole["tracks"][order], return_index=True)
        parts = np.split(order, starts[1:])
        tracks = (
            self._named(int(number), track_at(whole, part), is_alone=len(numbers) == 1)
            for number, part in zip(numbers, parts, strict=True)
        )
        return ReadTracks(tracks=tuple(tracks), problems=problems, problem_count=self._problem_count)

    def _named(self, number: int, track: Track, *, is_alone: bool) -> NamedTrack:
        named = self._names[number]
        file_name = PurePath(self.file).stem
        name = named.name or named.device or (file_name if is_alone else f"{file_name} {number + 1}")
        return NamedTrack(device=named.device, name=name, track=track)


def time_order(columns: Columns, *, first: str | None = None) -> NDArray[np.intp]:
    """Return the order in which columns are those of a `Track`, as `Track.of` has it; before that by `first`."""
    times_us = columns["times_us"]
    groups = np.zeros_like(times_us) if first is None else columns[first]
    steps = np.diff(groups)
    if ((steps > 0) | (steps == 0) & (np.diff(times_us) > 0)).all():
        return np.arange(len(times_us))
    accuracies_m = np.nan_to_num(columns["accuracies_m"], nan=np.inf)
    return np.lexsort((accuracies_m, columns["lats_deg"], columns["lons_deg"], times_us, groups))


def track_at(columns: Columns, places: NDArray[np.intp]) -> Track:
    """Return the fixes at these places of the columns as a track."""
    return Track(**{name: columns[name][places] for name in TRACK_FIELDS})


def merged_track(tracks: Iterable[NamedTrack]) -> Track:
    """Return all fixes of at least one track as one, in the order of time."""
    kept = [one.track for one in tracks]
    columns: Columns = {name: np.concatenate([getattr(track, name) for track in kept]) for name in TRACK_FIELDS}
    return track_at(columns, time_order(columns))


class _Reading:
    """Fixes being read: what was found, and what was wrong by the place among them."""

    def __init__(self, raw: RawFixes, zone: tzinfo) -> None:
        self._raw = raw
        self._faults: list[tuple[int, str, Message]] = []
        self._chosen: dict[str, tuple[str, Column]] = {}
        for heading, column in sorted(raw.columns.items(), key=lambda item: item[1].rank):
            self._chosen.setdefault(column.name, (heading, column))
        self.timeless_count = 0
        self.found: Columns = {
            "times_us": self._moments(zone),
            "lons_deg": self._degrees("lon"),
            "lats_deg": self._degrees("lat"),
            **{name: self._amounts(column) for name, column in _FIELDS.items()},
            "mocks": self._flags(),
            "tracks": np.array(raw.tracks, dtype=np.int64),
        }

    def read(self, crs: Crs) -> Columns:
        """Return what could be read, in WGS 84."""
        lons, lats = self.found["lons_deg"], self.found["lats_deg"]
        is_placed = np.isfinite(lons) & np.isfinite(lats)
        is_off = is_placed & ~((np.abs(lons) <= 180) & (np.abs(lats) <= 90))
        for at in np.flatnonzero(is_off).tolist():
            column = "lat" if abs(lons[at]) <= 180 else "lon"
            reason = range_refusal(float(lons[at]), float(lats[at]))
            self._keep(column, {at: reason} if reason else {})
        is_read = is_placed & ~is_off & (self.found["times_us"] != NO_MOMENT)
        kept = {name: values[is_read] for name, values in self.found.items()}
        if crs is not Crs.WGS84:
            lonlats = array_to_wgs84(np.column_stack((kept["lons_deg"], kept["lats_deg"])), crs=crs)
            kept["lons_deg"], kept["lats_deg"] = lonlats.T
        return kept

    def problems(self) -> Iterator[tuple[int, str, Message]]:
        """Yield the line, the column and the reason of everything that was wrong, in the order of the fixes."""
        for at, heading, reason in sorted(self._faults, key=lambda fault: fault[0]):
            place = self._raw.places[at] if self._raw.places and heading else ""
            yield self._raw.lines[at], f"{heading}{place}", reason

    def _heading(self, name: str) -> str:
        return self._chosen[name][0] if name in self._chosen else name

    def _cells(self, name: str) -> Cells | None:
        return self._raw.cells[self._chosen[name][0]] if name in self._chosen else None

    def _keep(self, name: str, faults: Faults) -> None:
        self._faults += [(at, self._heading(name), reason) for at, reason in faults.items()]

    def _moments(self, zone: tzinfo) -> NDArray[np.int64]:
        cells = self._cells("tracked_at")
        cells = [None] * len(self._raw.lines) if cells is None else cells
        found, faults = read_moments(cells, zone)
        self._keep("tracked_at", faults)
        missing = [at for at in np.flatnonzero(found == NO_MOMENT).tolist() if at not in faults]
        if len(missing) == len(cells) > 1:
            reason = Message("None of the {count} positions here has a time.", {"count": len(cells)})
            self._faults.append((0, "", reason))
        else:
            self._keep("tracked_at", dict.fromkeys(missing, Message("The time is missing.")))
        self.timeless_count = len(missing)
        return found

    def _numbers(self, name: str, *, may_lack: bool = False) -> tuple[NDArray[np.float64], Faults]:
        if name not in self._chosen:
            return np.full(len(self._raw.lines), np.nan), {}
        heading, column = self._chosen[name]
        found, faults = read_numbers(self._raw.cells[heading], may_lack=may_lack)
        self._keep(name, faults)
        return found * column.factor, faults

    def _degrees(self, name: str) -> NDArray[np.float64]:
        found, faults = self._numbers(name)
        missing = Message("{column} is missing.", {"column": self._heading(name)})
        self._keep(name, {at: missing for at in np.flatnonzero(np.isnan(found)).tolist() if at not in faults})
        return found

    def _amounts(self, name: str) -> NDArray[np.float64]:
        found, _ = self._numbers(name, may_lack=True)
        # A negative one is how phones say that they do not know; so is an accuracy of 0.
        found[(found < 0) & (name != "altitude_m") | (found == 0) & (name == "accuracy_m")] = np.nan
        limit = _AT_MOST.get(name, np.inf)
        for at in np.flatnonzero(found > limit).tolist():
            facts = {"text": f"{found[at]:.15g}", "at_least": "0", "at_most": f"{limit:.15g}"}
            self._keep(name, {at: Message("“{text}” is not between {at_least} and {at_most}.", facts)})
        found[found > limit] = np.nan
        return found

    def _flags(self) -> NDArray[np.bool_]:
        cells = self._cells("is_mock")
        if cells is None:
            return np.zeros(len(self._raw.lines), dtype=np.bool_)
        found, faults = read_flags(cells)
        self._keep("is_mock", faults)
        return found
