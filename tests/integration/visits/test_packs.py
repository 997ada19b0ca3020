"""A visit's evidence as one file: what is in it, and that no change of it goes unseen."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from warnings import catch_warnings

import pytest
from support.cluster import connected
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.photographed import as_jpeg, developed, photo_files, scene, sent_photo
from support.tracked import HERE, NO_ROADS, OFF_SHIFT, ON_SHIFT, WORKER, a_morning, fix_at, give_device
from support.visited import check_in_at

from geo_engine.audit.linked_events import as_document, find_links
from geo_engine.audit.sealing import seal_trail
from geo_engine.audit.service import record_act
from geo_engine.audit.vault import Vault
from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.geofences.site_fences import refresh_site_fences
from geo_engine.geometry import Position
from geo_engine.ids import SiteId, TenantId
from geo_engine.photos.service import add_photo
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.looks import list_looks
from geo_engine.tracks.model import to_microseconds
from geo_engine.visits.check_ins import digest_of, state_check_in
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.packs import FaultKind, PackUnreadable, build_pack, verify_pack
from geo_engine.visits.visit_store import list_worker_day, replace_day
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

SITE = SiteId("a")
PICTURE = as_jpeg(scene(5))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Give a key of a trail."""
    return Vault(state_dir=tmp_path, given_key="a key of trails that live as long as a test")


@pytest.fixture
def pack(own: OwnDatabase, vault: Vault) -> tuple[TenantId, bytes]:
    """Give the evidence of a visit with a track, a check-in and a photo, sealed."""
    tenant_id = add_bare_company(own.app, "acme")
    with own.app.bound(tenant_id) as session:
        set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=NOW)
        source = RowSource(file="f")
        import_workers(session, [Worker(id=WORKER, name="n", start=HERE)], source=source, by=OPERATOR, now=NOW)
        site = Site(id=SITE, name="a", position=HERE)
        import_sites(session, [site], source=source, due_on=None, by=OPERATOR, now=NOW)
        refresh_site_fences(session, now=NOW)
        photo = add_photo(session, photo_files(), sent_photo(WORKER, developed(PICTURE)), by=OPERATOR, now=OFF_SHIFT)
        state_check_in(session, check_in_at(SITE, photo_ids=(photo.id,)), by=OPERATOR, now=OFF_SHIFT)
    phone = give_device(own.app, tenant_id, worn_from=NOW)
    Ingest(own.app).commit([phone.arrival(*a_morning(ON_SHIFT), received_at=OFF_SHIFT)], now=OFF_SHIFT)
    derive_tracks(own.app, tenant_id, now=lambda: OFF_SHIFT)
    derive_visits(own.app, tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: OFF_SHIFT)
    seal_trail(own.app, tenant_id, vault)
    with own.app.bound(tenant_id) as session:
        (kept,) = list_worker_day(session, WORKER, (ON_SHIFT + timedelta(hours=8)).date())
        content = build_pack(session, photo_files(), kept.visit.id, purpose="复核", by=OPERATOR, now=OFF_SHIFT)
    return tenant_id, content


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the files of a pack."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """Return files as a pack."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def test_a_pack_holds_all_behind_a_visit_and_leaves_a_trace(own: OwnDatabase, pack: tuple[TenantId, bytes]) -> None:
    """Beliefs, statement, track, photo as it was sent, trail; the worker can read what it was given out for."""
    tenant_id, content = pack

    parts = parts_of(content)
    told = json.loads(parts["visit.json"])

    (photo,) = [name for name in parts if name.startswith("photos/")]
    assert parts[photo] == PICTURE
    assert parts["track.gpx"].count(b"<trkpt") == 59
    assert [one["site"] for one in told["check_ins"]] == [SITE]
    assert told["beliefs"][0]["verdict"] == "confirmed"
    with own.app.bound(tenant_id) as session:
        assert list_looks(session, WORKER, by=OPERATOR)[0].purpose == "复核"


def test_a_pack_that_nobody_changed_holds(own: OwnDatabase, pack: tuple[TenantId, bytes], vault: Vault) -> None:
    """Every file, every event, every statement."""
    tenant_id, content = pack

    with own.app.bound(tenant_id) as session:
        report = verify_pack(session, content, vault, by=OPERATOR)

    assert report.faults == ()
    assert report.unsealed_count == 2  # that the photo was read for it, and that it was given out


def test_a_pack_holds_when_more_was_sealed_since(own: OwnDatabase, pack: tuple[TenantId, bytes], vault: Vault) -> None:
    """What had no link yet when it was given out has one by now."""
    tenant_id, content = pack
    seal_trail(own.app, tenant_id, vault)

    with own.app.bound(tenant_id) as session:
        report = verify_pack(session, content, vault, by=OPERATOR)

    assert report.faults == ()
    assert report.unsealed_count == 0


def test_a_pack_holds_after_a_check_in_moved_to_another_visit(
    own: OwnDatabase, pack: tuple[TenantId, bytes], vault: Vault
) -> None:
    """What was once believed of the visit is told with all that was stated, and so is the trail of it."""
    tenant_id, _ = pack
    with own.app.bound(tenant_id) as session:
        service_on = (ON_SHIFT + timedelta(hours=8)).date()
        (kept,) = list_worker_day(session, WORKER, service_on)
        without = replace(kept.visit, check_ins=(), photos=())
        replace_day(session, WORKER, service_on, [without], rules="1", now=OFF_SHIFT + timedelta(minutes=1))
        content = build_pack(session, photo_files(), kept.visit.id, purpose="复核", by=OPERATOR, now=OFF_SHIFT)

    with own.app.bound(tenant_id) as session:
        report = verify_pack(session, content, vault, by=OPERATOR)

    assert len(json.loads(parts_of(content)["visit.json"])["check_ins"]) == 1
    assert [event["act"] for event in json.loads(parts_of(content)["trail.json"])].count("check_in") == 1
    assert report.faults == ()


def test_a_pack_tells_nothing_of_another_day(own: OwnDatabase, pack: tuple[TenantId, bytes]) -> None:
    """Half an hour before a visit right after midnight is of the day before: that day nobody has looked at."""
    tenant_id, _ = pack
    phone = give_device(own.app, tenant_id, worn_from=NOW, name="second")
    away = Position(HERE.lon - 0.02, HERE.lat)
    before = [fix_at(ON_SHIFT - timedelta(minutes=minutes), away, accuracy_m=8.0) for minutes in range(10, 0, -1)]
    morning = a_morning(ON_SHIFT + timedelta(minutes=1))
    with connected(own.cluster, database=own.name) as server:
        server.execute("update tenant set timezone = 'Etc/GMT+2'")  # where it is midnight then
    Ingest(own.app).commit([phone.arrival(*before, *morning, received_at=OFF_SHIFT)], now=OFF_SHIFT)
    derive_tracks(own.app, tenant_id, now=lambda: OFF_SHIFT)
    derive_visits(own.app, tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: OFF_SHIFT)

    with own.app.bound(tenant_id) as session:
        kept, *_ = list_worker_day(session, WORKER, ON_SHIFT.date())
        content = build_pack(session, photo_files(), kept.visit.id, purpose="复核", by=OPERATOR, now=OFF_SHIFT)

    assert kept.visit.began_us == to_microseconds(ON_SHIFT)
    track = parts_of(content)["track.gpx"]
    assert track.count(b"<trkpt") == 2 * 59
    assert b"T01:5" not in track


def _another_track(parts: dict[str, bytes]) -> None:
    parts["track.gpx"] = parts["track.gpx"].replace(b"116.397", b"116.398")


def _another_photo(parts: dict[str, bytes]) -> None:
    (photo,) = [name for name in parts if name.startswith("photos/")]
    parts[photo] += b"\x00"


def _another_verdict(parts: dict[str, bytes]) -> None:
    parts["visit.json"] = parts["visit.json"].replace(b'"confirmed"', b'"contradicted"')


def _another_statement(parts: dict[str, bytes]) -> None:
    parts["visit.json"] = parts["visit.json"].replace(b'"note": ""', b'"note": "x"')


def _no_track(parts: dict[str, bytes]) -> None:
    del parts["track.gpx"]


def _one_more(parts: dict[str, bytes]) -> None:
    parts["more.txt"] = b""


def _another_manifest(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] += b"\n"


def _another_event(parts: dict[str, bytes]) -> None:
    parts["trail.json"] = parts["trail.json"].replace(b'"act": "check_in"', b'"act": "check_out"')


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_another_track, FaultKind.CHANGED),
        (_another_photo, FaultKind.CHANGED),
        (_another_verdict, FaultKind.CHANGED),
        (_another_statement, FaultKind.NOT_STATED),
        (_no_track, FaultKind.MISSING),
        (_one_more, FaultKind.ADDED),
        (_another_manifest, FaultKind.NOT_EXPORTED),
        (_another_event, FaultKind.NOT_IN_TRAIL),
    ],
    ids=["track", "photo", "verdict", "statement", "no track", "one more", "manifest", "event"],
)
def test_every_change_of_a_pack_is_found(
    own: OwnDatabase,
    pack: tuple[TenantId, bytes],
    vault: Vault,
    change: Callable[[dict[str, bytes]], None],
    kind: FaultKind,
) -> None:
    """Named with the part that it is about."""
    tenant_id, content = pack
    parts = parts_of(content)
    change(parts)

    with own.app.bound(tenant_id) as session:
        report = verify_pack(session, packed(parts), vault, by=OPERATOR)

    assert kind in {fault.kind for fault in report.faults}


def _forge_in_place(parts: dict[str, bytes]) -> None:
    """Have the event of the check-in tell the digest of another, with no link that could say otherwise."""
    told, trail = json.loads(parts["visit.json"]), json.loads(parts["trail.json"])
    (check_in,) = told["check_ins"]
    before = digest_of({name: value for name, value in check_in.items() if name != "id"})
    check_in["site"] = "elsewhere"
    after = digest_of({name: value for name, value in check_in.items() if name != "id"})
    for event in trail:
        event["link"] = None
        if "value" in event["matter"]:
            event["matter"]["value"] = [one.replace(before, after) for one in event["matter"]["value"]]
    parts["visit.json"], parts["trail.json"] = json.dumps(told).encode(), json.dumps(trail).encode()


def _forge_twice(parts: dict[str, bytes]) -> None:
    """Tell another check-in of the same id before the real one."""
    told = json.loads(parts["visit.json"])
    (check_in,) = told["check_ins"]
    told["check_ins"] = [check_in | {"site": "elsewhere"}, check_in]
    parts["visit.json"] = json.dumps(told).encode()


def _forge_photo(parts: dict[str, bytes]) -> None:
    (photo,) = [name for name in parts if name.startswith("photos/")]
    parts[photo] = as_jpeg(scene(6))


def _forge_number(parts: dict[str, bytes]) -> None:
    """Have an event be one that there never was."""
    trail = json.loads(parts["trail.json"])
    trail[0] |= {"link": None, "number": 1_000_000}
    parts["trail.json"] = json.dumps(trail).encode()


@pytest.mark.parametrize("is_sealed", [False, True], ids=["unsealed", "sealed"])
@pytest.mark.parametrize(
    ("forge", "kinds"),
    [
        (_forge_in_place, {FaultKind.NOT_IN_TRAIL, FaultKind.NOT_STATED}),
        (_forge_twice, {FaultKind.NOT_STATED}),
        (_forge_photo, {FaultKind.NOT_STATED}),
        (_forge_number, {FaultKind.NOT_IN_TRAIL}),
    ],
    ids=["in place", "twice", "photo", "number"],
)
def test_a_pack_that_somebody_forged_and_told_the_trail_of_is_found(
    own: OwnDatabase,
    pack: tuple[TenantId, bytes],
    vault: Vault,
    forge: Callable[[dict[str, bytes]], None],
    kinds: set[FaultKind],
    *,
    is_sealed: bool,
) -> None:
    """Whoever may write into the database says that it was given out; what was sealed says what was stated."""
    tenant_id, content = pack
    forged = _forged(own, tenant_id, content, forge)
    if is_sealed:
        seal_trail(own.app, tenant_id, vault)

    with own.app.bound(tenant_id) as session:
        report = verify_pack(session, forged, vault, by=OPERATOR)

    assert {fault.kind for fault in report.faults} == kinds


def test_a_statement_that_is_told_to_the_trail_again_is_as_it_was_first(
    own: OwnDatabase, pack: tuple[TenantId, bytes], vault: Vault
) -> None:
    """Another event of the same check-in, with the digest of what was forged, changes nothing."""
    tenant_id, content = pack

    check_in = json.loads(parts_of(content)["visit.json"])["check_ins"][0] | {"note": "forged"}
    stated = {name: value for name, value in check_in.items() if name != "id"}
    with own.app.bound(tenant_id) as session:
        facts = {"sha256": digest_of(stated)}
        record_act(session, "check_in", ("check_in", check_in["id"]), by=None, now=OFF_SHIFT, **facts)
    seal_trail(own.app, tenant_id, vault)
    with own.app.bound(tenant_id) as session:
        *_, again = find_links(session, ("check_in", check_in["id"]))

    def forge(parts: dict[str, bytes]) -> None:
        told = json.loads(parts["visit.json"]) | {"check_ins": [check_in]}
        parts["visit.json"], parts["trail.json"] = json.dumps(told).encode(), json.dumps([as_document(again)]).encode()

    forged = _forged(own, tenant_id, content, forge)

    with own.app.bound(tenant_id) as session:
        report = verify_pack(session, forged, vault, by=OPERATOR)

    assert {fault.kind for fault in report.faults} == {FaultKind.NOT_STATED}


def test_an_export_whose_event_was_changed_is_none(
    own: OwnDatabase, pack: tuple[TenantId, bytes], vault: Vault
) -> None:
    """An event that was sealed with another hash does not tell that a pack was given out."""
    tenant_id, content = pack
    seal_trail(own.app, tenant_id, vault)
    parts = parts_of(content)
    parts["manifest.json"] += b"\n"
    said = {"sha256": hashlib.sha256(parts["manifest.json"]).hexdigest()}
    with connected(own.cluster, database=own.name) as server:
        server.execute("set session_replication_role = replica")
        server.execute("update audit_event set facts = %s where act = 'export_visit'", [json.dumps(said)])

    with own.app.bound(tenant_id) as session:
        report = verify_pack(session, packed(parts), vault, by=OPERATOR)

    assert {fault.kind for fault in report.faults} == {FaultKind.NOT_EXPORTED}


def _forged(own: OwnDatabase, tenant_id: TenantId, content: bytes, forge: Callable[[dict[str, bytes]], None]) -> bytes:
    """Return a pack that was changed, its hashes made anew, and the trail told that it was given out."""
    parts = parts_of(content)
    forge(parts)
    manifest = json.loads(parts["manifest.json"])
    manifest["files"] = {name: hashlib.sha256(parts[name]).hexdigest() for name in manifest["files"]}
    parts["manifest.json"] = json.dumps(manifest).encode()
    with own.app.bound(tenant_id) as session:
        facts = {"sha256": hashlib.sha256(parts["manifest.json"]).hexdigest()}
        record_act(session, "export_visit", ("visit", manifest["visit"]), by=None, now=OFF_SHIFT, **facts)
    return packed(parts)


def _damaged(method: int) -> bytes:
    """Return a pack one byte of which is another."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.writestr("manifest.json", b"{}" * 1_000)
    content = bytearray(written.getvalue())
    for at in range(50, 60):
        content[at] ^= 0xFF
    return bytes(content)


def _said(**parts: bytes) -> bytes:
    """Return a pack that is whole but for what some parts say."""
    whole = {
        "manifest": b'{"visit": "00000000-0000-0000-0000-000000000000", "files": {}}',
        "visit": b'{"check_ins": []}',
        "trail": b"[]",
    }
    return packed({f"{name}.json": part for name, part in (whole | parts).items()})


def _packed_twice(name: str) -> bytes:
    """Return a pack that is whole, with two files of a name."""
    written = io.BytesIO(_said())
    with zipfile.ZipFile(written, "a") as archive, catch_warnings(action="ignore"):
        archive.writestr(name, b'{"check_ins": []}')
    return written.getvalue()


NO_PACKS = {
    "nothing": b"",
    "no zip": b"no zip",
    "nothing in it": packed({}),
    "no object": packed({"manifest.json": b"[]"}),
    "two of a name": _packed_twice("visit.json"),
    "damaged deflate": _damaged(zipfile.ZIP_DEFLATED),
    "damaged bzip2": _damaged(zipfile.ZIP_BZIP2),
    "damaged lzma": _damaged(zipfile.ZIP_LZMA),
    "deep": _said(visit=b"[" * 1_000_000),
    "half a letter": _said(visit=rb'{"check_ins": [{"id": "00000000-0000-0000-0000-000000000000", "note": "\ud800"}]}'),
    "no visit": _said(manifest=rb'{"visit": "a\u0000", "files": {}}'),
    "no number": _said(trail=b'[{"number": 1e400}]'),
}


@pytest.mark.parametrize("content", NO_PACKS.values(), ids=NO_PACKS)
def test_what_is_no_pack_is_refused(own: OwnDatabase, vault: Vault, content: bytes) -> None:
    """Clearly."""
    tenant_id = add_bare_company(own.app, "acme")

    with own.app.bound(tenant_id) as session, pytest.raises(PackUnreadable):
        verify_pack(session, content, vault, by=OPERATOR)
