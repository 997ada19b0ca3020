"""Photos of a company: kept once, seen by whom they may be, found again, erased with their files."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.companies import NOW, Company
from support.databases import OwnDatabase
from support.photographed import TAKEN_AT, as_jpeg, developed, scene, sent_photo

from geo_engine.audit.store import list_events
from geo_engine.geometry import Position
from geo_engine.ids import PhotoId, WorkerId
from geo_engine.photos import PictureEvidence, ReuseKind, TakenCertainty
from geo_engine.photos.erasing import erase_photos
from geo_engine.photos.files import PhotoFileMissing, PhotoFiles, open_photo_files
from geo_engine.photos.model import PhotoNotFound
from geo_engine.photos.service import (
    PhotoIdTaken,
    add_photo,
    find_reuses,
    get_photo,
    read_display,
    read_original,
    read_thumbnail,
)
from geo_engine.tenancy import OPERATOR
from geo_engine.workforce.service import WorkerNotFound

WORKER, OTHER = WorkerId("W1"), WorkerId("W2")


@pytest.fixture
def files(tmp_path: Path) -> PhotoFiles:
    """Give a folder for photos."""
    return open_photo_files(None, state_dir=tmp_path)


def _file_count(tmp_path: Path) -> int:
    return sum(path.is_file() for path in (tmp_path / "photos").rglob("*"))


def test_a_photo_is_kept_as_it_was_sent_and_shown_as_it_was_made(company: Company, files: PhotoFiles) -> None:
    """All that is known of it comes back; its bytes are those of the original, what is shown is another JPEG."""
    evidence = PictureEvidence(
        clock_at=datetime(2026, 11, 24, 15, 55),  # noqa: DTZ001 - a camera's clock
        position=Position(116.4, 39.9),
        position_error_m=12.5,
        make="HUAWEI",
    )
    made = replace(developed(as_jpeg(scene(1))), evidence=evidence)
    sent = sent_photo(WORKER, made)

    with company.database.bound(company.tenant_id) as session:
        kept = add_photo(session, files, sent, by=OPERATOR, now=NOW)
    with company.database.bound(company.tenant_id) as session:
        found = get_photo(session, sent.id, by=OPERATOR)
        contents = [
            read_original(session, files, sent.id, by=OPERATOR, now=NOW),
            read_display(session, files, sent.id, by=OPERATOR),
            read_thumbnail(session, files, sent.id, by=OPERATOR),
        ]
        acts = [event.act for event in list_events(session, limit=2)]

    assert found == kept
    assert found.evidence == evidence
    assert found.taken is not None
    assert found.taken.certainty is TakenCertainty.ZONE
    assert contents == [made.original, made.display, made.thumbnail]
    assert acts == ["read_original_photo", "add_photo"]


def test_a_photo_sent_again_is_answered_and_kept_once(company: Company, files: PhotoFiles) -> None:
    """Whenever it comes again: the answer is the first one, and the trail has one entry."""
    sent = sent_photo(WORKER, developed(as_jpeg(scene(1))))
    with company.database.bound(company.tenant_id) as session:
        first = add_photo(session, files, sent, by=OPERATOR, now=NOW)

    with company.database.bound(company.tenant_id) as session:
        again = add_photo(session, files, sent, by=OPERATOR, now=NOW + timedelta(hours=1))
        added = [event for event in list_events(session) if event.subject == ("photo", str(sent.id))]

    assert again == first
    assert len(added) == 1


@pytest.mark.parametrize("seed_and_worker", [(2, WORKER), (1, OTHER)])
def test_another_photo_under_a_known_id_is_refused(
    company: Company, files: PhotoFiles, seed_and_worker: tuple[int, WorkerId]
) -> None:
    """Other content, or the same of somebody else's work."""
    sent = sent_photo(WORKER, developed(as_jpeg(scene(1))))
    seed, worker_id = seed_and_worker
    other = replace(sent, worker_id=worker_id, developed=developed(as_jpeg(scene(seed))))
    with company.database.bound(company.tenant_id) as session:
        add_photo(session, files, sent, by=OPERATOR, now=NOW)

    with company.database.bound(company.tenant_id) as session, pytest.raises(PhotoIdTaken):
        add_photo(session, files, other, by=OPERATOR, now=NOW)


def test_a_photo_of_nobody_is_refused(company: Company, files: PhotoFiles) -> None:
    """A photo shows somebody's work; what there is not cannot be read."""
    with company.database.bound(company.tenant_id) as session:
        with pytest.raises(WorkerNotFound):
            add_photo(
                session, files, sent_photo(WorkerId("nobody"), developed(as_jpeg(scene(1)))), by=OPERATOR, now=NOW
            )
        with pytest.raises(PhotoNotFound):
            get_photo(session, PhotoId(uuid.uuid4()), by=OPERATOR)


def test_reuse_is_found_among_all_photos_of_the_company(company: Company, files: PhotoFiles) -> None:
    """The same file, a cut copy and another picture, of any worker: the first two are told, the most alike first."""
    photos = [as_jpeg(scene(1)), as_jpeg(scene(1).crop((30, 0, 640, 480)), quality=60), as_jpeg(scene(2))]
    with company.database.bound(company.tenant_id) as session:
        same, cut, _ = (
            add_photo(session, files, sent_photo(OTHER, developed(one)), by=OPERATOR, now=NOW) for one in photos
        )
        again = add_photo(session, files, sent_photo(WORKER, developed(photos[0])), by=OPERATOR, now=NOW)

        reuses = find_reuses(session, files, again)

    assert [(one.photo, one.kind) for one in reuses] == [
        (same, ReuseKind.SAME_FILE),
        (cut, ReuseKind.SAME_PICTURE),
    ]
    assert reuses[1].details > 0.9


@pytest.mark.parametrize("is_lost", [True, False], ids=["lost", "damaged"])
def test_a_file_that_cannot_be_compared_hides_no_other_reuse(
    company: Company, files: PhotoFiles, tmp_path: Path, caplog: pytest.LogCaptureFixture, *, is_lost: bool
) -> None:
    """A thumbnail that was lost or holds something else is told in the log; the rest is compared."""
    with company.database.bound(company.tenant_id) as session:
        lost, kept, asked = (
            add_photo(
                session, files, sent_photo(OTHER, developed(as_jpeg(scene(1), quality=quality))), by=OPERATOR, now=NOW
            )
            for quality in (80, 70, 60)
        )
        (path,) = tmp_path.rglob(f"*{lost.thumbnail.sha256}*")
        path.unlink() if is_lost else path.write_bytes(b"else")

        assert [one.photo for one in find_reuses(session, files, asked)] == [kept]
        assert str(lost.id) in caplog.text


def test_a_person_is_erased_with_all_files_that_nobody_else_has(
    own: OwnDatabase, company: Company, files: PhotoFiles, tmp_path: Path
) -> None:
    """A picture that a colleague sent too stays the colleague's; how many went is on record."""
    shared, alone = developed(as_jpeg(scene(1))), developed(as_jpeg(scene(2)))
    with own.app.bound(company.tenant_id) as session:
        mine = [add_photo(session, files, sent_photo(WORKER, one), by=OPERATOR, now=NOW) for one in (shared, alone)]
        theirs = add_photo(session, files, sent_photo(OTHER, shared), by=OPERATOR, now=NOW)
        before = session.scalars(text(f"select count(*) from photo where worker_id = '{WORKER}'")).one()  # noqa: S608

    count = erase_photos(own.app, files, company.tenant_id, WORKER, by=OPERATOR, now=NOW)

    with own.app.bound(company.tenant_id) as session:
        left = session.scalars(text("select worker_id from photo")).all()
        event = list_events(session, limit=1)[0]
        assert read_display(session, files, theirs.id, by=OPERATOR) == shared.display
    assert count == before >= 2
    assert WORKER not in left
    assert (event.act, event.facts) == ("erase_photos", {"photo": count})
    assert _file_count(tmp_path) == 3
    with pytest.raises(PhotoFileMissing):
        files.read(company.tenant_id, mine[1].original.sha256)


def test_nobody_is_not_erased(own: OwnDatabase, company: Company, files: PhotoFiles) -> None:
    """An id that no worker has is told."""
    with pytest.raises(WorkerNotFound):
        erase_photos(own.app, files, company.tenant_id, WorkerId("nobody"), by=OPERATOR, now=NOW)


def test_a_kept_photo_cannot_be_changed(own: OwnDatabase, company: Company) -> None:
    """The app's role may add and delete rows of photos, not change them."""
    with own.app.bound(company.tenant_id) as session, pytest.raises(Exception, match="permission denied"):
        session.execute(text("update photo set received_at = now()"))


def test_what_a_company_of_the_tests_has_is_a_photo(company: Company) -> None:
    """So that every test of all tables has one: with its moment, taken for granted from a clock that says its zone."""
    with company.database.bound(company.tenant_id) as session:
        taken_at = session.scalars(text("select taken_at from photo")).all()

    assert taken_at == [TAKEN_AT.astimezone(UTC)]
