"""By which names files tell what a fix has, and in which units."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from geo_engine.errors import InvalidInput
from geo_engine.tables.rows import column_name
from geo_engine.words import Message

COLUMNS = (
    "tracked_at", "lon", "lat", "accuracy_m", "speed_mps", "heading_deg", "altitude_m", "battery_percent", "is_mock",
    "device", "track",
)  # fmt: skip
"""What is known of a fix, in the order in which our own files have it; `track` is the name of its track."""

_USUAL_NAMES: Mapping[str, str] = {
    "tracked_at": "time timestamp datetime date_time utc utc_time gps_time gpstime fixtime fix_time recorded_at when"
    " tst 时间 时间戳 日期时间 定位时间 gps时间 采集时间 记录时间",
    "lon": "lon lng long longitude 经度 gps经度",
    "lat": "lat latitude 纬度 gps纬度",
    "accuracy_m": "accuracy acc horizontal_accuracy horizontalaccuracy accuracy_horizontal h_accuracy haccuracy hacc"
    " gps_accuracy 精度 定位精度 水平精度",
    "speed_mps": "speed velocity spd 速度",
    "heading_deg": "heading course bearing direction azimuth cog 航向 航向角 方向 方向角 方位角",
    "altitude_m": "altitude alt elevation ele height 海拔 海拔高度 高度 高程",
    "battery_percent": "battery batt 电量 电池电量",
    "is_mock": "mock 模拟 模拟定位 是否模拟",
    "device": "device_id deviceid imei 设备 设备号 设备编号 终端号",
    "track": "track_name 轨迹 轨迹名称",
}
# They tell it only where nothing else does: x and y may be in metres, a day may have its time in another column.
_LESSER_NAMES: Mapping[str, str] = {
    "tracked_at": "date 日期",
    "lon": "x",
    "lat": "y",
    "device": "user user_id vehicle vehicle_id taxi_id worker worker_id 车牌 车牌号 人员 工号",
}
_LENGTHS_M = {"m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0, "米": 1.0}
_LENGTHS_M |= {"mtr": 1.0, "kmt": 1_000.0, "fot": 0.3048}  # as UN/CEFACT's common codes, which MF-JSON uses
_LENGTHS_M |= {"km": 1_000.0, "千米": 1_000.0, "公里": 1_000.0, "ft": 0.3048, "feet": 0.3048, "英尺": 0.3048}
_KMH = 1 / 3.6
_SPEEDS_MPS = {"m/s": 1.0, "mps": 1.0, "ms": 1.0, "mts": 1.0, "米/秒": 1.0, "mph": 0.44704, "hm": 0.44704}
_SPEEDS_MPS |= dict.fromkeys(
    ("km/h", "kmh", "kph", "km/hr", "kmph", "公里/小时", "千米/小时", "公里/时", "千米/时"), _KMH
)
_SPEEDS_MPS |= dict.fromkeys(("kn", "kt", "kts", "knt", "knot", "knots", "节"), 1852 / 3600)
_DEGREES = dict.fromkeys(("deg", "dd", "degree", "degrees", "°", "度"), 1.0)
_UNITS: Mapping[str, Mapping[str, float]] = {
    "tracked_at": dict.fromkeys(("utc", "gmt", "s", "ms", "iso", "iso8601", "unix"), 1.0),
    "lon": _DEGREES,
    "lat": _DEGREES,
    "accuracy_m": _LENGTHS_M,
    "speed_mps": _SPEEDS_MPS,
    "heading_deg": _DEGREES,
    "altitude_m": _LENGTHS_M,
    "battery_percent": dict.fromkeys(("%", "p1", "percent", "pct"), 1.0),
}
_MOST_REMEMBERED = 10_000
_NEEDED = ("tracked_at", "lon", "lat")
_IN_BRACKETS = re.compile(r"(.+?)_?[(\[](.*)[)\]]")


@dataclass(frozen=True, slots=True)
class Column:
    """What a file's column tells of a fix.

    Parameters
    ----------
    name
        One of `COLUMNS`.
    factor
        By which its numbers are to be multiplied to be in the unit that `name` ends in.
    rank
        Of two columns that tell the same, the one of lower rank is meant: 0 named by the caller, 1 by our own name,
        2 by a usual name, 3 by a name that may mean something else or a usual one with a unit.
    """

    name: str
    factor: float
    rank: int


GEOMETRY: Mapping[str, Column] = {
    "lon": Column("lon", 1.0, 0),
    "lat": Column("lat", 1.0, 0),
    "coordinates[2]": Column("altitude_m", 1.0, 9),
}
"""What the numbers of a position tell; a column beside it that tells the altitude goes before the third."""


class ColumnNames:
    """Tells what a file's column means: by the caller's word, by our own name, or by a usual one.

    Parameters
    ----------
    named
        By a name such as ``tracked_at`` or ``speed_kmh``, what the file calls it.

    Raises
    ------
    InvalidInput
        When a name in `named` means nothing that a fix has.

    Notes
    -----
    Case, full-width letters and spaces do not count. A unit stands at the end of a name (``speed_kmh``) or in
    brackets (``速度（km/h）``). Without one a speed is in m/s, a length in metres, an angle in degrees.

    Examples
    --------
    >>> ColumnNames({}).find("Speed (km/h)").name
    'speed_mps'
    """

    def __init__(self, named: Mapping[str, str]) -> None:
        self._named: dict[str, Column] = {}
        for name, heading in named.items():
            known = _KNOWN.get(column_name(name))
            if known is None:
                facts = {"name": name, "known": ", ".join(COLUMNS)}
                raise InvalidInput(Message("“{name}” is nothing that a fix has; known are: {known}.", facts))
            self._named[column_name(heading)] = Column(known.name, known.factor, 0)
        self._found: dict[str, Column | None] = {}
        self._told = {column.name for column in self._named.values()}

    def find(self, heading: str) -> Column | None:
        """Return what the column called `heading` tells of a fix; None when nothing that is known."""
        if heading in self._found:
            return self._found[heading]
        found = self._find(column_name(heading))
        if len(self._found) < _MOST_REMEMBERED:
            self._found[heading] = found
        return found

    def closest(self, headings: Iterable[str]) -> dict[str, Column]:
        """Return the columns that tell something; of those that tell the same, the first of the lowest rank."""
        told = [(heading, column) for heading in headings if (column := self.find(heading))]
        best: dict[str, tuple[str, Column]] = {}
        for heading, column in sorted(told, key=_rank):
            best.setdefault(column.name, (heading, column))
        return dict(best.values())

    def _find(self, name: str) -> Column | None:
        if name in self._named:
            return self._named[name]
        usual = _KNOWN.get(name)
        return None if usual is None or usual.name in self._told else usual

    def require_named(self, file: str, headings: Iterable[str]) -> None:
        """Refuse a file that lacks a column that the caller named.

        Raises
        ------
        InvalidInput
            When `headings` lack one.
        """
        columns = {column_name(heading): None for heading in headings}
        for heading in self._named:
            if heading not in columns:
                facts = {"file": file, "column": heading, "columns": ", ".join(columns)}
                raise InvalidInput(Message("{file} has no column “{column}”; its columns are: {columns}.", facts))


def _rank(told: tuple[str, Column]) -> int:
    return told[1].rank


def known_columns(file: str, headings: Sequence[str], names: ColumnNames) -> dict[str, Column]:
    """Return what the columns of a table tell; of two that tell the same the one named more closely.

    Raises
    ------
    InvalidInput
        When two usual names tell the same, or a column that a track needs is missing.
    """
    names.require_named(file, headings)
    chosen: dict[str, tuple[str, Column]] = {}
    for heading in headings:
        column = names.find(heading)
        if column is None:
            continue
        first, before = chosen.get(column.name, (heading, column))
        if before.rank == column.rank and first != heading:
            facts = {"file": file, "column": column.name, "first": first, "second": heading}
            raise InvalidInput(Message("{file} has two columns that mean {column}: {first} and {second}.", facts))
        if before.rank >= column.rank:
            chosen[column.name] = heading, column
    missing = [name for name in _NEEDED if name not in chosen]
    if missing:
        facts = {"file": file, "missing": " + ".join(missing), "columns": ", ".join(filter(None, headings))}
        raise InvalidInput(Message("{file} needs {missing}; its columns are: {columns}.", facts))
    return dict(chosen.values())


def unknown_unit(heading: str) -> str | None:
    """Return the unit in the brackets of a name that is known without them; None when there is none, or a known one.

    Examples
    --------
    >>> unknown_unit("Speed (furlongs)"), unknown_unit("Speed (km/h)"), unknown_unit("Shop (small)")
    ('furlongs', None, None)
    """
    name = column_name(heading)
    found = _IN_BRACKETS.fullmatch(name)
    return found[2] if found and name not in _KNOWN and found[1] in _KNOWN else None


def _names() -> Iterator[tuple[str, Column]]:
    for known in COLUMNS:
        usual = _USUAL_NAMES[known].split()
        for name, (unit, factor) in product(usual, _UNITS.get(known, {}).items()):
            for spelled in ("{}_{}", "{}({})", "{}_({})", "{}[{}]", "{}_[{}]"):
                yield spelled.format(name, unit), Column(known, factor, 3)
        yield from ((name, Column(known, 1.0, 2)) for name in usual)
        yield from ((name, Column(known, 1.0, 3)) for name in _LESSER_NAMES.get(known, "").split())
        yield known, Column(known, 1.0, 1)


_KNOWN: Mapping[str, Column] = MappingProxyType(dict(_names()))
