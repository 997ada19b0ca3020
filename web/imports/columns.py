"""The columns a preview shows of rows, and what is new in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.imports.model import ImportKind, Preview, Row
from geo_engine.imports.service import SHOWN_COUNT
from geo_engine.timespan import window_text
from geo_engine.travel_modes import MODE_WORDS, TravelMode
from geo_engine.words import Language, Message
from geo_engine.workforce import Worker

_YES = Message("yes")
_OPEN = Message("Ends at the last stop")


class RowState(StrEnum):
    """What writing a row means for the company."""

    NEW = "new"
    CHANGES = "changes"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table: what it is called, and what it shows of a row."""

    heading: Message
    text: Callable[[Any], str | Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in a cell, and what stood there before when that is something else."""

    text: str
    before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A row of the table."""

    state: RowState
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRows:
    """The table of a preview: columns that are empty throughout are left out."""

    headings: tuple[Message, ...]
    rows: tuple[ShownRow, ...]


def shown_rows(preview: Preview, kind: ImportKind, language: Language) -> ShownRows:
    """Return the first rows of a preview as they would be written."""
    columns = _SITES if kind is ImportKind.SITES else _WORKERS
    made = [_row(row, preview.before, columns, language) for row in preview.rows[:SHOWN_COUNT]]
    filled = [at for at in range(len(columns)) if any(row.cells[at].text or row.cells[at].before for row in made)]
    return ShownRows(
        headings=tuple(columns[at].heading for at in filled),
        rows=tuple(replace(row, cells=tuple(row.cells[at] for at in filled)) for row in made),
    )


def _row(row: Row, known: Mapping[str, Row], columns: Sequence[Column], language: Language) -> ShownRow:
    before = known.get(row.id)
    if isinstance(row, Site) and isinstance(before, Site):
        row = replace(row, customer_id=row.customer_id or before.customer_id)  # a known site keeps its customer
    cells = tuple(_cell(column, row, before, language) for column in columns)
    changed = any(cell.before is not None for cell in cells)
    state = RowState.NEW if before is None else RowState.CHANGES if changed else RowState.SAME
    return ShownRow(state=state, cells=cells)


def _cell(column: Column, row: Row, before: Row | None, language: Language) -> Cell:
    text = _text(column, row, language)
    old = text if before is None or column is _LINE else _text(column, before, language)
    return Cell(text=text, before=None if old == text else old)


def _text(column: Column, row: Row, language: Language) -> str:
    found = column.text(row)
    return found.render(language) if isinstance(found, Message) else found


def _position(position: Position) -> str:
    return f"{position.lon:.6f}, {position.lat:.6f}"


def _end(worker: Worker) -> str | Message:
    if worker.end is None:
        return _OPEN
    return "" if worker.end == worker.start else _position(worker.end)


def _mode(worker: Worker) -> str | Message:
    return "" if worker.mode is TravelMode.CAR else MODE_WORDS[worker.mode]


def _breaks(worker: Worker) -> str:
    return ", ".join(f"{rule.duration_s // 60}@{window_text(rule.window)}" for rule in worker.breaks)


def _count(value: int | None) -> str:
    return "" if value is None else str(value)


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(str, values))


_LINE = Column(heading=Message("Line"), text=lambda row: str(row.line))
_ID = Column(heading=Message("Id"), text=lambda row: row.id)
_NAME = Column(heading=Message("Name"), text=lambda row: row.name)
_SKILLS = Column(heading=Message("Skills"), text=lambda row: _listed(sorted(row.skills)))
_TEAM = Column(heading=Message("Team"), text=lambda row: row.team_id or "")
_SITES = (
    _LINE,
    _ID,
    _NAME,
    Column(heading=Message("Address"), text=lambda site: site.address),
    Column(heading=Message("Position"), text=lambda site: _position(site.position)),
    Column(heading=Message("Service (min)"), text=lambda site: f"{site.service_s / 60:g}"),
    Column(heading=Message("Begin within"), text=lambda site: _listed([window_text(one) for one in site.windows])),
    _SKILLS,
    Column(heading=Message("Priority"), text=lambda site: str(site.priority or "")),
    Column(heading=Message("Penalty"), text=lambda site: _count(site.penalty)),
    Column(heading=Message("Required"), text=lambda site: _YES if site.required else ""),
    Column(heading=Message("Only these workers"), text=lambda site: _listed(sorted(site.worker_ids))),
    Column(heading=Message("Amounts"), text=lambda site: _listed(site.amounts)),
    Column(heading=Message("Customer"), text=lambda site: site.customer_id or ""),
    Column(heading=Message("Level"), text=lambda site: site.level),
    Column(heading=Message("Phone"), text=lambda site: site.phone),
    Column(heading=Message("Notes"), text=lambda site: site.notes),
    _TEAM,
)
_WORKERS = (
    _LINE,
    _ID,
    _NAME,
    Column(heading=Message("Start"), text=lambda worker: _position(worker.start)),
    Column(heading=Message("End"), text=_end),
    Column(heading=Message("Shift"), text=lambda worker: window_text(worker.shift)),
    Column(heading=Message("Breaks"), text=_breaks),
    _SKILLS,
    Column(heading=Message("Travels"), text=_mode),
    Column(heading=Message("Most visits"), text=lambda worker: _count(worker.max_visits)),
    Column(
        heading=Message("Most driving (min)"),
        text=lambda worker: "" if worker.max_driving_s is None else f"{worker.max_driving_s / 60:g}",
    ),
    Column(heading=Message("Capacity"), text=lambda worker: _listed(worker.capacity)),
    Column(heading=Message("Cost"), text=lambda worker: f"{worker.cost_fixed:g}" if worker.cost_fixed else ""),
    Column(heading=Message("Cost per hour"), text=lambda worker: f"{worker.cost_per_hour:g}"),
    Column(heading=Message("Cost per km"), text=lambda worker: f"{worker.cost_per_km:g}" if worker.cost_per_km else ""),
    _TEAM,
)
