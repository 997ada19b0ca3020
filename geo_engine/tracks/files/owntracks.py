"""Tracks as the OwnTracks Recorder keeps them (``.rec``) and gives them out (JSON)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from geo_engine.errors import InvalidInput
from geo_engine.tables.csv_text import decode_text
from geo_engine.tables.json_text import read_json
from geo_engine.tracks.files.columns import Column
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.words import Message

RECORD_BEGINS = re.compile(rb"[^\t\r\n]{1,40}\t[^\t\r\n]{1,40}\t\s*\{")
_COLUMNS = {
    "tst": Column("tracked_at", 1.0, 0),
    "lon": Column("lon", 1.0, 0),
    "lat": Column("lat", 1.0, 0),
    "acc": Column("accuracy_m", 1.0, 0),
    "alt": Column("altitude_m", 1.0, 0),
    "vel": Column("speed_mps", 1 / 3.6, 0),
    "cog": Column("heading_deg", 1.0, 0),
    "batt": Column("battery_percent", 1.0, 0),
}

type _Report = tuple[int, Mapping[str, Any]]
"""Where a report stands, and what it says."""


def read_records(content: bytes, gatherer: Gatherer) -> None:
    """Take the locations of a ``.rec`` file: a line each, with the time, the kind and the report of a phone.

    Raises
    ------
    InvalidInput
        When it is no text.
    """
    reports: list[_Report] = []
    for line, text in enumerate(decode_text(gatherer.file, content).splitlines(), start=1):
        if text.strip():
            try:
                report = read_json(gatherer.file, text.rpartition("\t")[2])
            except InvalidInput:
                report = None
            if isinstance(report, dict):
                reports.append((line, report))
            else:
                gatherer.fail(line, "", Message("This line is no report of a phone."))
    _add(reports, gatherer)


def find_reports(document: object) -> list[object] | None:
    """Return the reports in what the Recorder answers, ``{count, data}`` or a list; None when it is something else."""
    listed = document
    if isinstance(document, dict):
        listed = [document] if "_type" in document else document.get("data", document.get("locations"))
    is_listed = isinstance(listed, list) and any(isinstance(item, dict) and "_type" in item for item in listed)
    return listed if isinstance(listed, list) and is_listed else None


def add_reports(reports: Iterable[object], gatherer: Gatherer) -> None:
    """Take the locations among reports, which count from 1."""
    _add([(number, report) for number, report in enumerate(reports, start=1) if isinstance(report, dict)], gatherer)


def _add(reports: Iterable[_Report], gatherer: Gatherer) -> None:
    found = list(_locations(reports, gatherer))
    gatherer.add(
        RawFixes(
            lines=[line for line, _ in found],
            columns=_COLUMNS,
            cells={name: [report.get(name) for _, report in found] for name in _COLUMNS},
            tracks=[gatherer.track_of(device=_device(report), name="") for _, report in found],
        )
    )


def _locations(reports: Iterable[_Report], gatherer: Gatherer) -> Iterator[_Report]:
    # Transitions, waypoints and the like tell of no position of the phone at their time.
    for line, report in reports:
        if report.get("_type") == "location":
            yield line, report
        elif report.get("_type") == "encrypted":
            gatherer.fail(line, "", Message("The report is encrypted."))


def _device(report: Mapping[str, Any]) -> str | None:
    # owntracks/jane/phone: two people may both call theirs “phone”.
    topic = report.get("topic")
    named = topic.partition("/")[2] if isinstance(topic, str) else ""
    tid = report.get("tid")
    return named or (tid if isinstance(tid, str) else None) or None
