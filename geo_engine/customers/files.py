"""The columns of a file of sites, and how its rows become sites.

Only ``id`` and a position (``lon``, ``lat``) or an ``address`` are needed; everything else has the
default of `Site`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from geo_engine.customers.model import DEFAULT_SERVICE_S, Site
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.ids import CustomerId, SiteId, TeamId, WorkerId, parse_id
from geo_engine.tables.fields import Layout, RowReader, all_problems, read_ids, row_readers, unused_columns
from geo_engine.tables.model import RowProblem, TableSource
from geo_engine.tables.parsers import (
    parse_amounts,
    parse_flag,
    parse_minutes,
    parse_phone,
    parse_skills,
    parse_text,
    parse_whole,
    parse_windows,
    parse_words,
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

_NOTES_LETTERS = 2_000
_PLACE = PlaceColumns(lon="lon", lat="lat", address="address")
LAYOUT = Layout(
    aliases={
        **dict.fromkeys(("编号", "客户编号", "网点编号", "site_id"), "id"),
        **dict.fromkeys(("名称", "客户名称", "网点名称", "网点"), "name"),
        **dict.fromkeys(("经度", "longitude", "lng"), "lon"),
        **dict.fromkeys(("纬度", "latitude"), "lat"),
        **dict.fromkeys(("地址", "客户地址", "详细地址"), "address"),
        **dict.fromkeys(("电话", "联系电话"), "phone"),
        **dict.fromkeys(("备注", "说明", "note"), "notes"),
        **dict.fromkeys(("服务时长", "服务分钟", "停留时长", "服务(分钟)", "service_(min)"), "service_min"),
        **dict.fromkeys(
            ("时间窗", "服务时间", "可访时间", "开始时段", "可访时段", "时段", "begin_within", "window"), "windows"
        ),
        **dict.fromkeys(("技能", "所需技能", "技能要求", "skill"), "skills"),
        **dict.fromkeys(("优先级",), "priority"),
        **dict.fromkeys(("罚分", "未访代价"), "penalty"),
        **dict.fromkeys(("必访", "是否必访"), "required"),
        **dict.fromkeys(("人员", "指定人员", "负责人", "only_these_workers", "workers"), "worker"),
        **dict.fromkeys(("货量", "数量", "amount"), "amounts"),
        **dict.fromkeys(("客户", "所属客户", "customer_id"), "customer"),
        **dict.fromkeys(("团队", "部门", "班组", "team_id"), "team"),
        **dict.fromkeys(("级别", "等级", "客户级别", "客户等级", "customer_level"), "level"),
    },
    lists=frozenset({"phone", "windows", "skills", "worker", "amounts"}),
    needed=((("id",),), (("lon", "lat"), ("address",))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitesRead:
    """The sites of a file, what was wrong with its other rows, and which addresses were looked up.

    Parameters
    ----------
    addresses
        By site id, as written, of every row whose address was looked up, also where nothing reliable was found.
    unsure
        The addresses that a person has to place, or has placed.
    written
        Where the rows with coordinates are, WGS 84, also those that cannot be read otherwise.
    notices
        What nobody has to correct, as `unused_columns` has it.
    """

    sites: tuple[Site, ...]
    problems: tuple[RowProblem, ...]
    addresses: Mapping[SiteId, str]
    unsure: tuple[UnsureAddress, ...]
    written: tuple[Position, ...]
    notices: tuple[RowProblem, ...]


def read_sites(
    source: TableSource, *, crs: Crs, resolve: AddressResolver | None, placed: PlacedByHand = NOTHING_PLACED
) -> SitesRead:
    """Return the sites in a CSV, XLSX or GeoJSON file or its table; a row that cannot be read costs no other.

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
    ids = [SiteId(found) for found in read_ids(readers)]
    places = read_places(readers, _PLACE, crs=crs, resolve=resolve, placed=placed)
    drafts = [_draft(reader, site_id) for reader, site_id in zip(readers, ids, strict=True)]
    return SitesRead(
        sites=tuple(
            draft(position=place)
            for reader, draft, place in zip(readers, drafts, places, strict=True)
            if place and not reader.problems
        ),
        problems=all_problems(table, LAYOUT, readers),
        addresses=_addresses(readers, ids) if resolve else {},
        unsure=tuple(unsure_addresses(readers, _PLACE, places, placed)),
        written=written_places(readers, _PLACE, places),
        notices=unused_columns(table, LAYOUT),
    )


def _draft(reader: RowReader, site_id: SiteId) -> Callable[..., Site]:
    return partial(
        Site,
        id=site_id,
        name=reader.text("name") or site_id,
        address=reader.text("address"),
        phone=reader.read("phone", parse_phone, ""),
        notes=reader.read("notes", partial(parse_text, at_most=_NOTES_LETTERS), ""),
        service_s=reader.read("service_min", parse_minutes, DEFAULT_SERVICE_S),
        windows=reader.read("windows", parse_windows, ()),
        skills=frozenset(reader.read("skills", parse_skills, ())),
        priority=reader.read("priority", partial(parse_whole, at_most=100), 0),
        penalty=reader.read("penalty", parse_whole, None),
        required=reader.read("required", parse_flag, False),  # noqa: FBT003 - the value when the cell is empty
        worker_ids=reader.read("worker", _parse_worker_ids, frozenset()),
        amounts=reader.read("amounts", parse_amounts, ()),
        customer_id=reader.read("customer", lambda text: CustomerId(parse_id(text)), None),
        team_id=reader.read("team", lambda text: TeamId(parse_id(text)), None),
        level=reader.read("level", parse_id, ""),
        line=reader.line,
    )


def _parse_worker_ids(text: str) -> frozenset[WorkerId]:
    return frozenset(WorkerId(parse_id(word)) for word in parse_words(text))


def _addresses(readers: list[RowReader], ids: list[SiteId]) -> dict[SiteId, str]:
    asked: dict[SiteId, str] = {}
    for reader, site_id in zip(readers, ids, strict=True):
        address = asked_address(reader, _PLACE)
        if site_id and address:
            asked.setdefault(site_id, address)
    return asked
