"""A visit's evidence as one file: what is in it, and that no change of it goes unseen."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.photographed import as_jpeg, developed, photo_files, scene, sent_photo
from support.tracked import HERE, NO_ROADS, OFF_SHIFT, ON_SHIFT, WORKER, a_morning, give_device
from support.visited import check_in_at

from geo_engine.audit.sealing import seal_trail
from geo_engine.audit.vault import Vault
from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.geofences.site_fences import refresh_site_fences
from geo_engine.ids import SiteId, TenantId
from geo_engine.photos.service import add_photo
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.looks import list_looks
from geo_engine.visits.check_ins import state_check_in
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.packs import FaultKind, PackUnreadable, build_pack, verify_pack
from geo_engine.visits.visit_store import list_worker_day
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
    assert report.unsealed_count == 1  # that the photo was read for it


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


@pytest.mark.parametrize("content", [b"", b"no zip", packed({}), packed({"manifest.json": b"[]"})], ids=range(4))
def test_what_is_no_pack_is_refused(own: OwnDatabase, vault: Vault, content: bytes) -> None:
    """Clearly."""
    tenant_id = add_bare_company(own.app, "acme")

    with own.app.bound(tenant_id) as session, pytest.raises(PackUnreadable):
        verify_pack(session, content, vault, by=OPERATOR)
