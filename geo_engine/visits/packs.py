"""A visit's evidence as one file, and whether anything in it was changed since: hashes, and the audit trail."""

import hashlib
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from geo_engine.audit.chain import WrittenEvent
from geo_engine.audit.linked_events import (
    LinkedEvent,
    LinkedEventUnreadable,
    LinkState,
    as_document,
    find_links,
    read_document,
    read_facts,
    verify_links,
)
from geo_engine.audit.service import record_act
from geo_engine.audit.vault import Vault
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.ids import VisitId
from geo_engine.photos.files import PhotoFiles
from geo_engine.photos.service import read_original
from geo_engine.tenancy import Access, Act
from geo_engine.tenancy.store import get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.files.gpx import render_gpx
from geo_engine.tracks.files.model import NamedTrack
from geo_engine.tracks.fix_store import get_track
from geo_engine.tracks.looks import LookKind, read_purpose, record_look
from geo_engine.tracks.worker_days import day_span, kept_from, worn_spans
from geo_engine.visits.check_ins import digest_of, document_of
from geo_engine.visits.documents import as_document as visit_document
from geo_engine.visits.kept import Decision, KeptVisit
from geo_engine.visits.model import CheckIn
from geo_engine.visits.reviewing import days_of_visit, get_visit, span_of_visit
from geo_engine.words import Message

_AROUND = timedelta(minutes=30)
_UTC = ZoneInfo("UTC")
_MANIFEST, _VISIT, _TRACK, _TRAIL, _PHOTOS = "manifest.json", "visit.json", "track.gpx", "trail.json", "photos/"
_EXPORTED = "export_visit"
_LARGEST_BYTES = 500_000_000
_KNOWN = LinkState.HOLDS, LinkState.UNSEALED
"""What an event of the trail can be; the better first."""


class PackUnreadable(InvalidInput):
    """The file is no pack of evidence."""

    def __init__(self) -> None:
        super().__init__(Message("This is no pack of a visit's evidence."))


class FaultKind(StrEnum):
    """What is wrong with a pack."""

    CHANGED = "changed"
    """A file has another content than the pack says."""
    MISSING = "missing"
    """A file is not there."""
    ADDED = "added"
    """A file is there that the pack does not name."""
    NOT_EXPORTED = "not_exported"
    """The trail does not know that this pack was made."""
    NOT_STATED = "not_stated"
    """A check-in is not as it was stated, or a photo not as it was sent."""
    NOT_IN_TRAIL = "not_in_trail"
    """An event of the trail in it is not the trail's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a pack, and with which part of it."""

    kind: FaultKind
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackReport:
    """What was found out about a pack: nothing is wrong when there is no fault.

    Parameters
    ----------
    unsealed_count
        How many of its events the trail has not linked yet.
    """

    visit_id: str
    faults: tuple[Fault, ...]
    unsealed_count: int


def build_pack(
    session: Session, files: PhotoFiles, visit_id: VisitId, *, purpose: str, by: Access, now: datetime
) -> bytes:
    """Return a visit with all behind it as a ZIP file, and write down that it was given out, to whom and what for.

    It holds the visit as it is and was believed, decisions, check-ins, the worker's own track from half an hour before
    to half an hour after, as far as it is of the days that the visit was on (GPX, WGS 84), the photos as they were
    sent, the events of the audit trail about them, and the hash of each file.

    Raises
    ------
    VisitNotFound
        When there never was one.
    PurposeMissing
        When it is said for nothing, and the visit is somebody else's.
    NotAllowed
        When the actor may not see the worker's tracks, or may not audit.
    PhotoFileMissing, PhotoFileDamaged, PhotoPlaceUnavailable
        When a photo cannot be read.
    """
    by.require(Act.SEE_AUDIT)
    history = get_visit(session, visit_id, by=by)
    visit = history[0].visit
    said = read_purpose(purpose, is_own=visit.worker_id == by.worker_id)
    days = days_of_visit(visit, get_tenant(session).zone or _UTC)
    for day in days if said is not None else ():
        look = {"service_on": day.isoformat(), "purpose": said}
        record_look(session, LookKind.DAY, visit.worker_id, by=by.member_id, now=now, **look)

    parts = {
        _VISIT: _as_json(_told(history)),
        _TRACK: _track(session, history[0], days, now=now),
        **{
            f"{_PHOTOS}{photo.id}.{_ending(content)}": content
            for photo in visit.photos
            for content in (read_original(session, files, photo.id, by=by, now=now),)
        },
    }
    parts[_TRAIL] = _as_json([as_document(one) for one in _events(session, history)])
    manifest = _as_json({"visit": str(visit_id), "files": {name: _hash(part) for name, part in sorted(parts.items())}})
    facts = {"worker": visit.worker_id, "sha256": _hash(manifest)}
    record_act(session, _EXPORTED, ("visit", visit_id), by=by.member_id, now=now, **facts)
    return _zipped({_MANIFEST: manifest, **parts})


def verify_pack(session: Session, content: bytes, vault: Vault, *, by: Access) -> PackReport:
    """Return whether a pack is as it was given out, and what it holds as it was when it was kept.

    Raises
    ------
    PackUnreadable
        When it is no pack.
    AuditKeyMissing
        When the key of the trail is not here.
    NotAllowed
        When the actor may not audit.
    """
    by.require(Act.SEE_AUDIT)
    read = _read(content)
    states = verify_links(session, read.events, vault)
    exported = _find_exported(session, read, vault)
    faults = [
        *_changed(read.parts, read.hashes),
        *(() if exported else (Fault(kind=FaultKind.NOT_EXPORTED, part=_MANIFEST),)),
        *_not_stated(session, read, states, vault),
        *(
            Fault(kind=FaultKind.NOT_IN_TRAIL, part=f"{one.event.act} {one.event.number}")
            for one, state in zip(read.events, states, strict=True)
            if state not in _KNOWN
        ),
    ]
    unsealed_count = (*states, exported).count(LinkState.UNSEALED)
    return PackReport(visit_id=str(read.visit_id), faults=tuple(faults), unsealed_count=unsealed_count)


# ---- what is in it ---------------------------------------------------------------------------------------------------


def _told(history: tuple[KeptVisit, ...]) -> dict[str, Any]:
    visit = history[0].visit
    return {
        "id": str(visit.id),
        "worker": visit.worker_id,
        "on": visit.service_on.isoformat(),
        "beliefs": [
            {
                "site": one.visit.site_id,
                "verdict": one.visit.judgement.verdict.value,
                "derived_at": one.derived_at.isoformat(),
                "superseded_at": None if one.superseded_at is None else one.superseded_at.isoformat(),
                **visit_document(one.visit),
            }
            for one in history
        ],
        "decision": None if history[0].decision is None else _decision(history[0].decision),
        "check_ins": [{"id": str(one.id), **document_of(one)} for one in _check_ins(history)],
    }


def _check_ins(history: tuple[KeptVisit, ...]) -> Collection[CheckIn]:
    """Return all that was ever believed to be stated of a visit: some of it may be of another by now."""
    return {check_in.id: check_in for one in history for check_in in one.visit.check_ins}.values()


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "kind": decision.kind.value,
        "site": decision.site_id,
        "note": decision.note,
        "decided_by": None if decision.decided_by is None else str(decision.decided_by),
        "decided_at": decision.decided_at.isoformat(),
    }


def _track(session: Session, kept: KeptVisit, days: Sequence[date], *, now: datetime) -> bytes:
    visit, seen, tenant = kept.visit, span_of_visit(kept.visit), get_tenant(session)
    first, last = (day_span(day, tenant.zone or _UTC) for day in (days[0], days[-1]))  # as the looks are of
    around = TimeSpan(
        start_at=max(seen.start_at - _AROUND, first.start_at), end_at=min(seen.end_at + _AROUND, last.end_at)
    )
    worn = worn_spans(session, visit.worker_id, around, since=kept_from(tenant.tracking, now))
    return render_gpx(
        NamedTrack(
            track=get_track(session, device_id, from_at=span.start_at, until_at=span.end_at)[0],
            device=str(device_id),
            name=visit.service_on.isoformat(),
        )
        for device_id, spans in worn.items()
        for span in spans
    )


def _events(session: Session, history: tuple[KeptVisit, ...]) -> list[LinkedEvent]:
    visit = history[0].visit
    subjects = [
        ("visit", str(visit.id)),
        *(("check_in", str(check_in.id)) for check_in in _check_ins(history)),
        *(("photo", str(photo.id)) for photo in visit.photos),
    ]
    return [event for subject in subjects for event in find_links(session, subject)]


def _ending(content: bytes) -> str:
    return next((ending for start, ending in _STARTS.items() if content.startswith(start)), "bin")


_STARTS = {b"\xff\xd8": "jpg", b"\x89PNG": "png", b"RIFF": "webp"}


# ---- whether it holds ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadPack:
    """What a pack says, as yet unproven.

    Parameters
    ----------
    statements
        The act by which the trail was told of each check-in and photo, its kind and id, and its SHA-256 by the pack.
    """

    parts: Mapping[str, bytes]
    visit_id: VisitId
    hashes: Mapping[str, str]
    events: Sequence[LinkedEvent]
    statements: Sequence[tuple[str, str, str, str]]


def _read(content: bytes) -> _ReadPack:
    parts = _unzipped(content)
    try:
        manifest = json.loads(parts[_MANIFEST])
        check_ins = json.loads(parts[_VISIT])["check_ins"]
        stated = [("check_in", "check_in", *_stated(one)) for one in check_ins]
        sent = [
            ("add_photo", "photo", PurePosixPath(name).stem, _hash(parts[name])) for name in parts if _is_photo(name)
        ]
        return _ReadPack(
            parts=parts,
            visit_id=VisitId(UUID(manifest["visit"])),
            hashes=dict(manifest["files"]),
            events=[read_document(one) for one in json.loads(parts[_TRAIL])],
            statements=(*stated, *sent),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, LinkedEventUnreadable):
        raise PackUnreadable from None


def _stated(check_in: Mapping[str, Any]) -> tuple[str, str]:
    """Return the id of a check-in and the digest of what it states."""
    return str(UUID(check_in["id"])), digest_of({name: value for name, value in check_in.items() if name != "id"})


def _is_photo(name: str) -> bool:
    return name.startswith(_PHOTOS)


def _changed(parts: Mapping[str, bytes], hashes: Mapping[str, str]) -> Iterator[Fault]:
    for name, said in sorted(hashes.items()):
        if name not in parts:
            yield Fault(kind=FaultKind.MISSING, part=name)
        elif _hash(parts[name]) != said:
            yield Fault(kind=FaultKind.CHANGED, part=name)
    for name in sorted(parts.keys() - hashes.keys() - {_MANIFEST}):
        yield Fault(kind=FaultKind.ADDED, part=name)


def _find_exported(session: Session, read: _ReadPack, vault: Vault) -> LinkState | None:
    """Return what the event is that tells that the pack was given out; None when the trail has none."""
    subject = "visit", str(read.visit_id)
    events = find_links(session, subject)
    told = {
        state
        for one, state in zip(events, verify_links(session, events, vault), strict=True)
        if state in _KNOWN and _digest_told(one.event, _EXPORTED, subject) == _hash(read.parts[_MANIFEST])
    }
    return min(told, key=_KNOWN.index, default=None)


def _not_stated(session: Session, read: _ReadPack, states: Sequence[LinkState], vault: Vault) -> Iterator[Fault]:
    """Yield what is other than the trail committed to when it first was told of it, whatever it was told later."""
    for act, kind, told_id, digest in read.statements:
        subject = kind, told_id
        events = find_links(session, subject)  # an erased one is not among them, and may be in the pack
        judged = [
            *zip(events, verify_links(session, events, vault), strict=True),
            *zip(read.events, states, strict=True),
        ]
        known = sorted((one.event for one, state in judged if state in _KNOWN), key=lambda event: event.number)
        told = (_digest_told(event, act, subject) for event in known)
        if next((one for one in told if one is not None), None) != digest:
            yield Fault(kind=FaultKind.NOT_STATED, part=told_id)


def _digest_told(event: WrittenEvent, act: str, subject: tuple[str, str]) -> str | None:
    """Return the SHA-256 that an event tells of its subject; empty where it tells none, None where it is another."""
    facts = read_facts(event, act, subject)
    return None if facts is None else str(facts.get("sha256", ""))


# ---- bytes -----------------------------------------------------------------------------------------------------------


def _as_text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)


def _as_json(document: object) -> bytes:
    return _as_text(document).encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def _unzipped(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = archive.infolist()
            # Of two files of one name each reader takes another.
            if len({one.filename for one in files}) < len(files):
                raise PackUnreadable
            if sum(one.file_size for one in files) > _LARGEST_BYTES:
                raise PackUnreadable
            return {one.filename: archive.read(one) for one in files}
    except (*_DAMAGED, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise PackUnreadable from None


_DAMAGED = zipfile.BadZipFile, zlib.error, lzma.LZMAError
