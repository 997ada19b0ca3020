"""The columns of a file of workers, and how its rows become workers.

Only ``id`` and a start (``start_lon``, ``start_lat``, or ``start_address``; also plain ``lon``,
``lat``, ``address``) are needed; everything else has the default of `Worker`, but for the end:
without one a worker returns to the start, as most field staff drive home, and the word ``open`` in
``end`` or ``end_lon`` lets the route end at its last stop.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.ids import TeamId, WorkerId, parse_id
from geo_engine.tables.fields import Layout, RowReader, all_problems, read_ids, row_readers, unused_columns
from geo_engine.tables.model import RowProblem, TableSource
from geo_engine.tables.parsers import (
    parse_capacity,
    parse_minutes,
    parse_number,
    parse_skills,
    parse_whole,
    parse_window,
    plain,
    split_list,
)
from geo_engine.tables.places import (
    NOTHING_PLACED,
    AddressResolver,
    PlaceColumns,
    PlacedByHand,
    UnsureAddress,
    asked_address,
    read_places,
    unsure_addresses,
    written_places,
)
from geo_engine.tables.read import read_table
from geo_engine.timespan import ClockWindow
from geo_engine.travel_modes import TravelMode, parse_mode
from geo_engine.words import Message
from geo_engine.workforce.model import DEFAULT_SHIFT, BreakRule, NoWorkingDay, Worker, is_working_day

_START = PlaceColumns(lon="start_lon", lat="start_lat", address="start_address")
_END = PlaceColumns(lon="end_lon", lat="end_lat", address="end_address")
_OPEN = frozenset({"open", "开放", "不返回"})
LAYOUT = Layout(
    aliases={
        **dict.fromkeys(("编号", "工号", "人员编号", "worker_id"), "id"),
        **dict.fromkeys(("姓名", "名称", "人员"), "name"),
        **dict.fromkeys(("lon", "longitude", "lng", "经度", "出发经度", "起点经度"), "start_lon"),
        **dict.fromkeys(("lat", "latitude", "纬度", "出发纬度", "起点纬度"), "start_lat"),
        **dict.fromkeys(("address", "地址", "出发地址", "起点地址"), "start_address"),
        **dict.fromkeys(("终点经度", "结束经度"), "end_lon"),
        **dict.fromkeys(("终点纬度", "结束纬度"), "end_lat"),
        **dict.fromkeys(("终点地址", "结束地址"), "end_address"),
        **dict.fromkeys(("终点",), "end"),
        **dict.fromkeys(("班次", "工作时间", "上班时间"), "shift"),
        **dict.fromkeys(("休息", "午休", "break"), "breaks"),
        **dict.fromkeys(("技能", "skill"), "skills"),
        **dict.fromkeys(("travel_mode", "travels", "出行方式", "交通方式", "交通工具"), "mode"),
        **dict.fromkeys(("most_visits", "最多拜访", "最大拜访数", "拜访上限"), "max_visits"),
        **dict.fromkeys(("most_driving", "最长驾驶", "驾驶上限"), "max_driving_min"),
        **dict.fromkeys(("载量", "容量"), "capacity"),
        **dict.fromkeys(("cost", "固定成本"), "cost_fixed"),
        **dict.fromkeys(("每小时成本",), "cost_per_hour"),
        **dict.fromkeys(("每公里成本",), "cost_per_km"),
        **dict.fromkeys(("团队", "部门", "班组", "team_id"), "team"),
    },
    lists=frozenset({"breaks", "skills", "capacity"}),
    needed=((("id",),), (("start_lon", "start_lat"), ("start_address",))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersRead:
    """The workers of a file, what was wrong with its other rows, and which addresses were looked up.

    Parameters
    ----------
    addresses
        By worker id, as written, of start and end where looked up, also where nothing reliable was found.
    unsure
        The addresses that a person has to place, or has placed.
    written
        The starts and ends given by coordinates, WGS 84, also of rows that cannot be read otherwise.
    notices
        What nobody has to correct, as `unused_columns` has it.
    """

    workers: tuple[Worker, ...]
    problems: tuple[RowProblem, ...]
    addresses: Mapping[WorkerId, tuple[str, ...]]
    unsure: tuple[UnsureAddress, ...]
    written: tuple[Position, ...]
    notices: tuple[RowProblem, ...]


def read_workers(
    source: TableSource, *, crs: Crs, resolve: AddressResolver | None, placed: PlacedByHand = NOTHING_PLACED
) -> WorkersRead:
    """Return the workers in a CSV, XLSX or GeoJSON file or its table; a row that cannot be read costs no other.

    Parameters
    ----------
    crs
        What the file's coordinates are written in.
    resolve
        Gives the place of an address or says why not; None reports rows with only an address.
    placed
        Where a person placed addresses; these are not looked up.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used.
    Unavailable
        When an address is to be looked up and `resolve` cannot reach its source.
    """
    table = read_table(source)
    readers = row_readers(table, LAYOUT)
    ids = [WorkerId(found) for found in read_ids(readers)]
    starts = read_places(readers, _START, crs=crs, resolve=resolve, placed=placed)
    ending = [reader for reader in readers if not _is_open(reader) and _END.is_given(reader)]
    own_ends = read_places(ending, _END, crs=crs, resolve=resolve, placed=placed)
    ends = _ends(readers, starts, {reader.line: end for reader, end in zip(ending, own_ends, strict=True)})
    drafts = [_draft(reader, worker_id) for reader, worker_id in zip(readers, ids, strict=True)]
    return WorkersRead(
        workers=tuple(
            draft(start=start, end=end)
            for reader, draft, start, end in zip(readers, drafts, starts, ends, strict=True)
            if start and not reader.problems
        ),
        problems=all_problems(table, LAYOUT, readers),
        notices=unused_columns(table, LAYOUT),
        addresses=_addresses(readers, ids) if resolve else {},
        unsure=(
            *unsure_addresses(readers, _START, starts, placed),
            *unsure_addresses(ending, _END, own_ends, placed),
        ),
        written=(*written_places(readers, _START, starts), *written_places(ending, _END, own_ends)),
    )


def _addresses(readers: list[RowReader], ids: list[WorkerId]) -> dict[WorkerId, tuple[str, ...]]:
    asked: dict[WorkerId, tuple[str, ...]] = {}
    for reader, worker_id in zip(readers, ids, strict=True):
        places = (_START,) if _is_open(reader) else (_START, _END)
        addresses = tuple(dict.fromkeys(filter(None, (asked_address(reader, place) for place in places))))
        if worker_id and addresses:
            asked.setdefault(worker_id, addresses)
    return asked


def _ends(
    readers: list[RowReader], starts: list[Position | None], own_ends: Mapping[int, Position | None]
) -> list[Position | None]:
    """Return where each route ends: at an end of its own by line, else at its start, unless it is open."""
    return [
        None if _is_open(reader) else own_ends.get(reader.line, start)
        for reader, start in zip(readers, starts, strict=True)
    ]


def _is_open(reader: RowReader) -> bool:
    return any(plain(reader.text(column)).casefold() in _OPEN for column in ("end", _END.lon, _END.address))


def _draft(reader: RowReader, worker_id: WorkerId) -> Callable[..., Worker]:
    if reader.text("end") and not _is_open(reader):
        reader.fail("end", Message("“{text}” is not known here: only “open” may stand.", {"text": reader.text("end")}))
    shift = reader.read("shift", _parse_shift, DEFAULT_SHIFT)
    amount = partial(parse_number, at_least=0, at_most=1_000_000)
    return partial(
        Worker,
        id=worker_id,
        name=reader.text("name") or worker_id,
        shift=shift,
        breaks=reader.read("breaks", partial(_parse_breaks, shift=shift), ()),
        skills=frozenset(reader.read("skills", parse_skills, ())),
        mode=reader.read("mode", parse_mode, TravelMode.CAR),
        max_visits=reader.read("max_visits", parse_whole, None),
        max_driving_s=reader.read("max_driving_min", parse_minutes, None),
        capacity=reader.read("capacity", parse_capacity, ()),
        cost_fixed=reader.read("cost_fixed", amount, 0.0),
        cost_per_hour=reader.read("cost_per_hour", amount, 3600.0),
        cost_per_km=reader.read("cost_per_km", amount, 0.0),
        team_id=reader.read("team", lambda text: TeamId(parse_id(text)), None),
        line=reader.line,
    )


def _parse_shift(text: str) -> ClockWindow:
    shift = parse_window(text)
    if not is_working_day(shift):
        raise NoWorkingDay(text)
    return shift


def _parse_breaks(text: str, *, shift: ClockWindow) -> tuple[BreakRule, ...]:
    breaks = tuple(_parse_break(part) for part in split_list(text))
    for rule in breaks:
        if rule.duration_s > shift.latest_s - shift.earliest_s:
            raise InvalidInput(Message("The break is longer than the shift."))
    return tuple(sorted(breaks, key=lambda rule: rule.window))


def _parse_break(text: str) -> BreakRule:
    duration, mark, window = text.partition("@")
    if not (duration.strip() and mark and window.strip()):
        raise InvalidInput(Message("“{text}” is not a break such as 60@11:30-13:30.", {"text": text}))
    duration_s = parse_minutes(duration.strip())
    if not duration_s:
        raise InvalidInput(Message("The break “{text}” must last more than 0 minutes.", {"text": text}))
    return BreakRule(duration_s=duration_s, window=parse_window(window))
