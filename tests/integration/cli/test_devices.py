"""`geo-engine devices`: what is printed once is printed, and what cannot be is refused before anything is made."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.program import Run, run_program
from support.tracked import HERE, WORKER, Tracked, fix_at

from geo_engine.ids import DeviceId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tracks.ingest import Ingest
from geo_engine.words import Language, Message
from geo_engine.workforce import Worker
from geo_engine.workforce.device_model import DeviceKey
from geo_engine.workforce.service import import_workers


@pytest.fixture
def code(own: OwnDatabase) -> str:
    """Give the code of a company with one worker."""
    tenant_id = add_bare_company(own.app, "alpha")
    with own.app.bound(tenant_id) as session:
        people = [Worker(id=WORKER, name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
    return "alpha"


def _devices(own: OwnDatabase, command: str, code: str, *options: object) -> Run:
    return run_program("devices", command, code, *options, environment={**os.environ, "DATABASE_URL": own.url()})


def test_a_device_is_set_up_with_what_is_printed_once(own: OwnDatabase, code: str, tmp_path: Path) -> None:
    """Its address holds its secret, its QR code is a file; the list and another key tell nothing of the first."""
    options = ("--worker", WORKER, "--protocol", "owntracks", "--address", "https://example.com/", "--name", "phone")

    added = json.loads(_devices(own, "add", code, *options, "--qr", tmp_path / "w1.svg").out)
    listed = _devices(own, "list", code)
    rotated = json.loads(_devices(own, "rotate", code, added["device"]).out)

    assert added["url"] == f"https://example.com/ingest/owntracks/{added['secret']}"
    assert (tmp_path / "w1.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert json.loads(listed.out)["name"] == "phone"
    assert added["secret"] not in listed.out
    assert (rotated["device"], rotated["secret"] == added["secret"]) == (added["device"], False)


def test_who_helps_is_told_how_a_device_reports(own: OwnDatabase, code: str) -> None:
    """One that has said nothing; then a position of off shift and something nobody understands; then without a key."""
    added = json.loads(_devices(own, "add", code, "--worker", WORKER, "--protocol", "owntracks").out)
    silent = json.loads(_devices(own, "list", code).out)
    key = DeviceKey.parse(added["secret"])
    assert key is not None
    device = Tracked(tenant_id=key.tenant_id, device_id=DeviceId(UUID(added["device"])), key=key)
    now = datetime.now(UTC)
    unclear = Message("The body is not JSON.")
    arrivals = [device.arrival(fix_at(now), received_at=now), device.arrival(received_at=now, rejected=(unclear,))]
    Ingest(own.app).commit(arrivals, now=now)
    heard = json.loads(_devices(own, "list", code).out)
    _devices(own, "revoke", code, added["device"])
    revoked = json.loads(_devices(own, "list", code).out)

    assert (silent["has_key"], silent["tracked_at"], silent["not_kept"], silent["reasons"]) == (True, None, {}, [])
    assert (heard["not_kept"], heard["reasons"]) == ({"off_shift": 1}, [unclear.render(Language.EN)])
    assert (heard["has_key"], revoked["has_key"]) == (True, False)


@pytest.mark.parametrize(
    "options",
    [("--qr", "none/w1.svg"), ("--qr", "w1.jpg"), ("--address", "javascript:alert"), ("--address", "https://")],
)
def test_what_cannot_be_told_is_refused_before_there_is_a_key(
    own: OwnDatabase, code: str, options: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret is shown once: no device is made whose secret could not be shown."""
    monkeypatch.chdir(tmp_path)

    run = _devices(own, "add", code, "--worker", WORKER, "--protocol", "owntracks", *options)

    assert (run.code, run.out) == (2, "")
    assert "Traceback" not in run.err
    assert _devices(own, "list", code).out == ""
