"""Every event that is committed is linked once, whoever was under way and whoever seals; nobody waits for it."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from support.cluster import connected
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase

from geo_engine.audit import sealing
from geo_engine.audit.anchors import OtherAuditKey
from geo_engine.audit.erasing import erase_matters
from geo_engine.audit.linked_events import LinkState, as_document, find_links, read_document, verify_links
from geo_engine.audit.sealing import TrailDeparted, seal_trail, seal_trails
from geo_engine.audit.service import list_newest, record_act
from geo_engine.audit.vault import AuditKeyMissing, Vault
from geo_engine.audit.verification import FaultKind
from geo_engine.audit.verifying import AnchorsMissing, TrailBroken, TrailReport, require_intact, verify_trail
from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import Database, Session
from geo_engine.ids import TenantId

LOOK = "look_at_track"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have sealers wait for nobody who is under way: in these tests they would wait in vain."""
    monkeypatch.setattr(sealing, "_WRITERS_END_WITHIN_S", 0.02)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Give where the key and the anchors are."""
    return Vault(state_dir=tmp_path / "state")


@pytest.fixture
def tenant_id(own: OwnDatabase) -> TenantId:
    """Give a company with two events in its trail."""
    return add_bare_company(own.app, "acme")


def _look(session: Session, worker: str = "W1", purpose: str = "a complaint") -> None:
    record_act(session, LOOK, ("worker", worker), by=None, now=NOW, purpose=purpose)


def _verify(own: OwnDatabase, tenant_id: TenantId, vault: Vault) -> TrailReport:
    return verify_trail(own.app, tenant_id, vault)


def test_a_trail_is_sealed_and_intact(own: OwnDatabase, tenant_id: TenantId, vault: Vault) -> None:
    """What was written is linked and anchored; what comes later waits for the next seal, which adds it."""
    first = seal_trail(own.app, tenant_id, vault)
    with own.app.bound(tenant_id) as session:
        _look(session)
    waiting = _verify(own, tenant_id, vault)
    second = seal_trail(own.app, tenant_id, vault)
    report = _verify(own, tenant_id, vault)

    assert (first.linked_count, second.linked_count, second.length) == (2, 1, 3)
    assert (waiting.is_intact, waiting.length, waiting.unsealed_count) == (True, 2, 1)
    assert waiting.unsealed_since is not None
    assert (report.is_intact, report.length, report.anchored_length, report.unsealed_count) == (True, 3, 3, 0)


def test_sealing_again_adds_nothing(own: OwnDatabase, tenant_id: TenantId, vault: Vault) -> None:
    """Neither a link nor a line, when nothing was written."""
    seal_trail(own.app, tenant_id, vault)
    (file,) = (vault.state_dir / "audit-anchors").iterdir()
    before = file.read_text()

    again = seal_trail(own.app, tenant_id, vault)

    assert again.linked_count == 0
    assert file.read_text() == before


def test_who_commits_late_is_linked_late(own: OwnDatabase, tenant_id: TenantId, vault: Vault) -> None:
    """A number below others' that were linked before is neither waited for, nor skipped, nor a fault."""
    with own.app.bound(tenant_id) as slow:
        _look(slow)
        with own.app.bound(tenant_id) as quick:
            _look(quick, "W2")
        meanwhile = seal_trail(own.app, tenant_id, vault)
    waiting = _verify(own, tenant_id, vault)
    late = seal_trail(own.app, tenant_id, vault)
    report = _verify(own, tenant_id, vault)

    assert (meanwhile.linked_count, meanwhile.settled_number) == (3, 0)
    assert (waiting.is_intact, waiting.unsealed_count) == (True, 1)
    assert (late.linked_count, late.settled_number) == (1, 4)
    assert (report.is_intact, report.length) == (True, 4)
    with own.app.bound(tenant_id) as session:
        numbers = session.scalars(text("select event_number from audit_link order by position")).all()
    assert numbers == [1, 2, 4, 3]


def test_what_is_settled_is_anchored_when_it_is_known(own: OwnDatabase, tenant_id: TenantId, vault: Vault) -> None:
    """Once nobody is under way any more it is said of the same chain in a line of its own."""
    with own.app.bound(tenant_id) as slow:
        _look(slow)
        slow.rollback()
    with ExitStack() as stack:
        slow = stack.enter_context(own.app.bound(tenant_id))
        _look(slow)
        seal_trail(own.app, tenant_id, vault)
        slow.rollback()
    seal_trail(own.app, tenant_id, vault)

    (file,) = (vault.state_dir / "audit-anchors").iterdir()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["length"], line["settled"], len(line["checks"])) for line in lines] == [
        (0, 0, 0),
        (2, 0, 32),
        (2, 2, 0),
    ]
    assert _verify(own, tenant_id, vault).is_intact


def test_any_number_of_sealers_do_no_harm(own: OwnDatabase, tenant_id: TenantId, vault: Vault) -> None:
    """Each event is linked once, whatever is written meanwhile, and the anchors fit."""

    def write(number: int) -> None:
        with own.app.bound(tenant_id) as session:
            _look(session, f"W{number}")

    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(write, number) for number in range(40)]
        sealing = [pool.submit(seal_trail, own.app, tenant_id, vault) for _ in range(6)]
        for one in (*writing, *sealing):
            one.result()
    seal_trail(own.app, tenant_id, vault)

    report = _verify(own, tenant_id, vault)
    assert (report.is_intact, report.length, report.anchored_length, report.unsealed_count) == (True, 42, 42, 0)


def test_who_writes_does_not_wait_for_the_sealer(own: OwnDatabase, tenant_id: TenantId) -> None:
    """An event is appended and committed while another transaction links."""
    with own.app.bound(tenant_id) as linking:
        linking.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"link {tenant_id}"})
        with own.app.bound(tenant_id) as session:
            session.execute(text("set local lock_timeout = '1ms'"))
            _look(session)

    with own.app.bound(tenant_id) as session:
        assert list_newest(session, limit=1)[0].act == LOOK


def test_each_company_has_a_chain_of_its_own(own: OwnDatabase, tenant_id: TenantId, vault: Vault) -> None:
    """Positions begin at 1, and one that is broken keeps no other from being sealed."""
    other = add_bare_company(own.app, "other")
    seal_trail(own.app, tenant_id, Vault(state_dir=vault.state_dir, given_key="another key, of another machine" * 2))

    seal_trails(own.app, [tenant_id, other], vault)

    assert _verify(own, other, vault).length == 2


_STRAY = """
insert into audit_link (position, event_number, settled_number, linked_at, form, commitment, previous, digest)
values (:position, :number, :number, 'infinity', 1, '', '', '')
"""


@pytest.mark.parametrize("number", [5, 2**62], ids=["of the next event", "of none"])
@pytest.mark.parametrize("position", [3, 2**63 - 1], ids=["next", "last"])
def test_a_link_of_somebody_without_the_key_stops_nobody(
    own: OwnDatabase,
    tenant_id: TenantId,
    vault: Vault,
    caplog: pytest.LogCaptureFixture,
    *,
    position: int,
    number: int,
) -> None:
    """It is told at its row, in the log and in the trail itself, and all that follows is linked and anchored."""
    seal_trail(own.app, tenant_id, vault)
    with own.app.bound(tenant_id) as session:
        session.execute(text(_STRAY), {"position": position, "number": number})
        session.execute(
            text(
                "insert into audit_event (happened_at, act, subject_kind, subject_id, facts)"
                "select now(), 'act', 'number', n::text, '{}' from generate_series(3, 5) as n"
            )
        )

    seal_trails(own.app, [tenant_id], vault)
    seal_trails(own.app, [tenant_id], vault)
    with own.app.bound(tenant_id) as session:
        _look(session)
    seal_trail(own.app, tenant_id, vault)
    report = _verify(own, tenant_id, vault)

    told = [(one.kind, one.position, one.event_number) for one in report.faults]
    assert told == [(FaultKind.LINK_EDITED, position, number)]
    assert (report.unsealed_count, report.anchored_length) == (0, report.length)
    with own.app.bound(tenant_id) as session:
        events = list_newest(session, limit=100)
    (record,) = [one for one in events if one.act == "pass_over_links"]
    assert (record.subject, record.facts) == (("audit_link", str(position)), {"count": 1, "last": position})
    assert report.length == len(events) + (position == 3) - (number == 5)
    assert f"at position {position}" in caplog.text


@pytest.mark.parametrize("is_emptied", [False, True], ids=["taken away", "emptied"])
def test_a_chain_whose_anchors_are_gone_is_not_anchored_anew_unseen(
    own: OwnDatabase,
    tenant_id: TenantId,
    vault: Vault,
    caplog: pytest.LogCaptureFixture,
    *,
    is_emptied: bool,
) -> None:
    """The trail itself tells of it for ever, each time, and the log; what follows is sealed as ever."""
    seal_trail(own.app, tenant_id, vault)
    (file,) = (vault.state_dir / "audit-anchors").iterdir()
    for _ in range(2):
        file.write_text("") if is_emptied else file.unlink()
        seal_trails(own.app, [tenant_id], vault)
    again = seal_trail(own.app, tenant_id, vault)
    report = _verify(own, tenant_id, vault)

    assert (again.lost_length, again.linked_count) == (0, 0)
    assert (report.is_intact, report.length, report.anchored_length, report.unsealed_count) == (True, 4, 4, 0)
    assert report.anchored_anew_at == [3, 4]
    with own.app.bound(tenant_id) as session:
        second, first = list_newest(session, limit=2)
    assert [(one.act, one.facts) for one in (first, second)] == [
        ("anchor_anew", {"length": 2}),
        ("anchor_anew", {"length": 3}),
    ]
    assert caplog.text.count("anchored anew") == 2


def test_a_first_seal_that_was_interrupted_is_no_loss(
    own: OwnDatabase, tenant_id: TenantId, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was linked and not anchored yet is anchored by the next one; nothing was there to be taken away."""
    with monkeypatch.context() as broken:
        broken.setattr(sealing, "_anchor", _fail)
        with pytest.raises(OSError, match="full"):
            seal_trail(own.app, tenant_id, vault)

    seal = seal_trail(own.app, tenant_id, vault)

    assert (seal.lost_length, seal.length) == (0, 2)
    assert _verify(own, tenant_id, vault).anchored_length == 2


def _fail(*_: object) -> None:
    message = "the disk is full"
    raise OSError(message)


def test_another_machine_with_another_key_links_nothing(
    own: OwnDatabase, tenant_id: TenantId, vault: Vault, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so, and its worker into its log; a key that was lost is not made again; the chain stays whole."""
    seal_trail(own.app, tenant_id, vault)
    with own.app.bound(tenant_id) as session:
        _look(session)
    stranger = Vault(state_dir=tmp_path / "elsewhere", given_key="another key, of another machine, long")

    with pytest.raises(OtherAuditKey):
        seal_trail(own.app, tenant_id, stranger)
    with pytest.raises(AuditKeyMissing):
        seal_trail(own.app, tenant_id, replace(stranger, given_key=""))
    with caplog.at_level(logging.ERROR):
        seal_trails(own.app, [tenant_id], stranger)

    assert "is not sealed" in caplog.text
    assert _verify(own, tenant_id, vault).unsealed_count == 1


def test_a_trail_is_not_verified_without_its_key_or_anchors(
    own: OwnDatabase, tenant_id: TenantId, vault: Vault
) -> None:
    """What cannot be said is not said: a lost key is told, lost anchors too, after all else was looked at."""
    untouched = _verify(own, tenant_id, vault)
    seal_trail(own.app, tenant_id, vault)
    keyless = replace(vault, state_dir=vault.state_dir / "nowhere")

    with pytest.raises(AuditKeyMissing):
        _verify(own, tenant_id, keyless)
    unanchored = _verify(own, tenant_id, replace(vault, anchors_dir=vault.state_dir / "nowhere"))

    require_intact([untouched])
    assert unanchored.is_intact
    with pytest.raises(AnchorsMissing):
        require_intact([unanchored])


def test_a_chain_that_left_its_anchors_is_told_by_the_sealer(
    own: OwnDatabase, tenant_id: TenantId, vault: Vault
) -> None:
    """With the next seal, before anybody verifies; what is new is linked all the same, and nothing anchored."""
    seal_trail(own.app, tenant_id, vault)
    _as_owner(own, "delete from audit_link where position = 2")
    with own.app.bound(tenant_id) as session:
        _look(session)

    for _ in range(2):
        with pytest.raises(TrailDeparted):
            seal_trail(own.app, tenant_id, vault)

    report = _verify(own, tenant_id, vault)
    assert [(one.kind, one.position) for one in report.faults] == [(FaultKind.RECOMPUTED, 2)]
    with pytest.raises(TrailBroken):
        require_intact([report])


@pytest.mark.parametrize("table", ["audit_event", "audit_link"])
@pytest.mark.parametrize("statement", ["update {} set tenant_id = tenant_id", "delete from {}", "truncate {}"])
def test_nobody_changes_what_is_written(
    own: OwnDatabase, tenant_id: TenantId, vault: Vault, table: str, statement: str
) -> None:
    """The app has no right to, and the owner is kept from doing it by mistake."""
    seal_trail(own.app, tenant_id, vault)
    owner = Database(own.url(DatabaseRole.OWNER))

    with pytest.raises(ProgrammingError, match="permission denied"), own.app.bound(tenant_id) as session:
        session.execute(text(statement.format(table)))
    with pytest.raises(DBAPIError, match="never changed"), owner.bound(tenant_id) as session:
        session.execute(text(statement.format(table)))

    owner.close()
    assert _verify(own, tenant_id, vault).is_intact


@pytest.mark.parametrize("column", ["who_salt", "matter_salt"])
def test_the_app_cannot_choose_a_salt(own: OwnDatabase, tenant_id: TenantId, column: str) -> None:
    """Or it could make two events of which it shows whichever it likes."""
    insert = f"insert into audit_event (happened_at, act, subject_kind, subject_id, facts, {column}) "

    with pytest.raises(ProgrammingError, match="permission denied"), own.app.bound(tenant_id) as session:
        session.execute(text(insert + "values (now(), 'a', 'b', 'c', '{}', '')"))


def _forget(session: Session) -> int:
    return erase_matters(session, ("worker", "W1"), by=None)


@pytest.mark.parametrize("is_sealed", [True, False])
def test_what_is_erased_leaves_the_chain_whole(
    own: OwnDatabase,
    tenant_id: TenantId,
    vault: Vault,
    is_sealed: bool,  # noqa: FBT001
) -> None:
    """Sealed or not: who looked when stays, at whom and what for is gone, and the erasure is on record."""
    with own.app.bound(tenant_id) as session:
        for worker in ("W1", "W2", "W1"):
            _look(session, worker)
    if is_sealed:
        seal_trail(own.app, tenant_id, vault)

    with own.app.bound(tenant_id) as session:
        count, again = _forget(session), _forget(session)
    unsealed = _verify(own, tenant_id, vault)
    seal_trail(own.app, tenant_id, vault)
    report = _verify(own, tenant_id, vault)

    assert (count, again) == (2, 0)
    assert (unsealed.is_intact, unsealed.erased_count) == (True, 2)
    assert (report.is_intact, report.length, report.erased_count) == (True, 7, 2)
    with own.app.bound(tenant_id) as session:
        told = [(one.act, one.subject, one.is_erased) for one in list_newest(session, limit=5)]
        kept = session.scalars(text("select e::text from audit_event as e where act = 'look_at_track'")).all()
    assert told == [
        ("erase_event", ("audit_event", "5"), False),
        ("erase_event", ("audit_event", "3"), False),
        (LOOK, ("worker", ""), True),
        (LOOK, ("worker", "W2"), False),
        (LOOK, ("worker", ""), True),
    ]
    assert sum("W1" in row or "complaint" in row for row in kept) == 1


def test_only_what_is_named_is_erased(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Other subjects and other facts stay; that something was erased cannot be erased."""
    with own.app.bound(tenant_id) as session:
        _look(session)
        record_act(session, "check_in", ("check_in", "1"), by=None, now=NOW, worker="W1", site="a")
        record_act(session, "check_in", ("check_in", "2"), by=None, now=NOW, worker="W2", site="W1")
        record_act(session, "look", ("site", "W1"), by=None, now=NOW)
        record_act(session, "erase_tracks", ("worker", "W1"), by=None, now=NOW)
        count = erase_matters(session, ("worker", "W1"), ["worker"], by=None)
        record = erase_matters(session, ("audit_event", "4"), by=None)
        left = [one.is_erased for one in list_newest(session, limit=7)]

    assert (count, record) == (2, 0)
    assert left == [False, False, False, False, False, True, True]


def test_events_that_left_the_database_are_verified_against_the_chain(
    own: OwnDatabase, tenant_id: TenantId, vault: Vault
) -> None:
    """As they were given out they hold; changed, made up, of a chain that is no more or not yet, each is told."""
    with own.app.bound(tenant_id) as session:
        _look(session)
    seal_trail(own.app, tenant_id, vault)
    with own.app.bound(tenant_id) as session:
        _look(session)
    with own.app.bound(tenant_id) as session:
        given = [json.loads(json.dumps(as_document(one))) for one in find_links(session, ("worker", "W1"))]
    sealed, unsealed = given
    blackened = {**sealed, "matter": {"commitment": read_document(sealed).event.matter.commitment.hex()}}
    edited = {**sealed, "act": "sign_in"}
    forged = {**edited, "link": {**sealed["link"], "linked_at": "2020-01-01T00:00:00+00:00"}}
    pack = [read_document(one) for one in (sealed, blackened, edited, forged, unsealed)]

    with own.app.bound(tenant_id) as session:
        states = verify_links(session, pack, vault)
    _as_owner(own, "delete from audit_link where position = 3")
    with own.app.bound(tenant_id) as session:
        (later,) = verify_links(session, pack[:1], vault)

    assert states == (
        LinkState.HOLDS,
        LinkState.HOLDS,
        LinkState.EDITED,
        LinkState.FORGED,
        LinkState.UNSEALED,
    )
    assert later is LinkState.NOT_IN_CHAIN


def _as_owner(own: OwnDatabase, statement: str) -> None:
    with connected(own.cluster, database=own.name) as server:
        server.execute("set session_replication_role = replica")
        server.execute(statement.encode())
