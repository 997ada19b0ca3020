"""`geo-engine audit`: a trail listed, sealed and verified, and what is told when somebody was at it."""

import json
import os
from pathlib import Path

import pytest
from support.cluster import connected
from support.companies import add_bare_company
from support.databases import OwnDatabase
from support.program import Run, run_program

from geo_engine.audit.vault import Vault
from geo_engine.jobs import regular_chores

_DELETE_ALL = """
delete from audit_link where {0}; delete from audit_event where {0}; delete from tenant where {0};
delete from tenant_directory where {0}
"""


class Program:
    """`geo-engine audit` on a database, with a state folder of its own."""

    def __init__(self, own: OwnDatabase, state_dir: Path) -> None:
        self._environment = {**os.environ, "DATABASE_URL": own.url(), "GEO_ENGINE_STATE_DIR": str(state_dir)}

    def __call__(self, *words: str, **environment: str) -> Run:
        """Run one of its commands."""
        return run_program("audit", *words, environment=self._environment | environment)


@pytest.fixture
def audit(own: OwnDatabase, tmp_path: Path) -> Program:
    """Give the program and two companies with two events each."""
    for code in ("alpha", "beta"):
        add_bare_company(own.app, code)
    return Program(own, tmp_path)


def _lines(run: Run) -> list[dict[str, object]]:
    return [json.loads(line) for line in run.out.splitlines()]


def test_all_trails_are_sealed_and_verified(audit: Program, tmp_path: Path) -> None:
    """Of every company or of one; before the first seal all waits, and neither key nor anchor is asked for."""
    before = audit("verify")
    sealed, again = audit("seal"), audit("seal", "--tenant", "alpha")
    after = audit("verify", "--tenant", "beta")

    assert (before.code, [(line["intact"], line["unsealed"]) for line in _lines(before)]) == (0, [(True, 2)] * 2)
    by_code = {line["tenant"]: line for line in _lines(sealed)}
    assert (sealed.code, by_code["alpha"]) == (0, {"tenant": "alpha", "linked": 2, "links": 2})
    assert _lines(again) == [{"tenant": "alpha", "linked": 0, "links": 2}]
    (told,) = _lines(after)
    assert (after.code, after.err) == (0, "")
    assert {name: told[name] for name in ("tenant", "intact", "links", "anchored", "unsealed", "erased", "faults")} == {
        "tenant": "beta",
        "intact": True,
        "links": 2,
        "anchored": 2,
        "unsealed": 0,
        "erased": 0,
        "faults": [],
    }
    assert {path.name for path in tmp_path.iterdir()} == {"audit-key", "audit-anchors"}


def test_a_row_that_was_changed_is_told(audit: Program, own: OwnDatabase) -> None:
    """With its position and its number, as a result; the exit code says that something is wrong."""
    audit("seal")
    with connected(own.cluster, database=own.name) as server:
        server.execute("set session_replication_role = replica")
        server.execute("update audit_event set act = 'other' where number = 2")

    run = audit("verify", "--tenant", "alpha")

    (told,) = _lines(run)
    assert (run.code, run.err) == (2, "1 faults: the trail is not as it was sealed.\n")
    assert (told["intact"], told["fault_count"]) == (False, 1)
    assert told["faults"] == [{"kind": "event_edited", "position": 2, "event": 2, "rows": 1}]


def test_a_link_of_somebody_else_is_told_when_sealing(audit: Program, own: OwnDatabase) -> None:
    """With its position, and an exit code; the next seal finds nothing new, and the trail is told to be broken."""
    audit("seal", "--tenant", "alpha")
    with connected(own.cluster, database=own.name) as server:
        server.execute(
            "insert into audit_link (tenant_id, position, event_number, settled_number, linked_at, form, commitment,"
            " previous, digest) select tenant_id, 3, 100, 100, now(), 1, '', '', '' from audit_link limit 1"
        )

    sealed, verified = audit("seal", "--tenant", "alpha"), audit("verify", "--tenant", "alpha")
    again = [audit("seal", "--tenant", "alpha").code for _ in range(2)]

    assert (sealed.code, _lines(sealed)[0]["strays"]) == (2, [3])
    assert "at position 3" in sealed.err
    assert verified.code == 2
    assert again[1] == 0


def test_anchors_that_are_gone_are_told_when_sealing_and_for_ever(audit: Program, tmp_path: Path) -> None:
    """By an exit code once, and by each verification since: so also of whoever restored an old backup."""
    audit("seal", "--tenant", "alpha")
    (anchors,) = (tmp_path / "audit-anchors").iterdir()
    anchors.rename(tmp_path / "evidence.jsonl")

    sealed, again = (audit("seal", "--tenant", "alpha") for _ in range(2))
    verified = audit("verify", "--tenant", "alpha")

    assert (sealed.code, _lines(sealed)) == (2, [{"tenant": "alpha", "linked": 1, "links": 3, "lost": 2}])
    assert "The anchors of the trail's first 2 links are not here" in sealed.err
    assert (again.code, verified.code) == (0, 0)
    (told,) = _lines(verified)
    assert (told["intact"], told["anchored"], told["anchored_anew_at"]) == (True, 3, [3])


def test_a_trail_that_nobody_seals_is_told(audit: Program, own: OwnDatabase) -> None:
    """Whatever the reason: the exit code says that what waits is not protected yet."""
    with connected(own.cluster, database=own.name) as server:
        server.execute("set session_replication_role = replica")
        server.execute("update audit_event set written_at = now() - interval '16 minutes'")

    before = audit("verify")
    audit("seal")
    after = audit("verify")

    assert (before.code, [line["overdue"] for line in _lines(before)]) == (3, [True, True])
    assert "4 events wait since" in before.err
    assert (after.code, [line["overdue"] for line in _lines(after)]) == (0, [False, False])


def test_what_cannot_be_said_is_told(audit: Program, tmp_path: Path) -> None:
    """Without its anchors a trail is called intact neither by the exit code nor in its line; keyless it is not read."""
    audit("seal", "--tenant", "alpha")

    unanchored = audit("verify", "--tenant", "alpha", GEO_ENGINE_AUDIT_ANCHORS_DIR=str(tmp_path / "none"))
    keyless = audit("verify", "--tenant", "alpha", GEO_ENGINE_STATE_DIR=str(tmp_path / "none"))
    other = audit("verify", "--tenant", "alpha", GEO_ENGINE_AUDIT_KEY="another key that is long enough for anybody")
    short = audit("verify", "--tenant", "alpha", GEO_ENGINE_AUDIT_KEY="short")

    assert (unanchored.code, _lines(unanchored)[0]["intact"]) == (3, None)
    assert [run.code for run in (keyless, other, short)] == [3, 2, 2]
    assert "is missing" in keyless.err
    assert "not sealed with this key" in other.err
    assert "at least 32 characters" in short.err


@pytest.mark.parametrize(
    ("deletion", "kinds"),
    [
        ("delete from tenant_directory where code = 'beta'", ["company_missing"]),
        (_DELETE_ALL, ["tail_cut", "company_missing"]),
    ],
    ids=["directory", "company"],
)
def test_a_company_that_was_deleted_is_missed(
    audit: Program, own: OwnDatabase, deletion: str, kinds: list[str]
) -> None:
    """Its anchors tell that there was one; the trails of others are as they were."""
    audit("seal")
    with connected(own.cluster, database=own.name) as server:
        server.execute("set session_replication_role = replica")
        (tenant_id,) = server.execute("select tenant_id from tenant_directory where code = 'beta'").fetchone()
        for statement in deletion.format(f"tenant_id = '{tenant_id}'").split(";"):
            server.execute(statement.encode())

    run = audit("verify")

    alpha, missing = _lines(run)
    assert (run.code, alpha["tenant"], alpha["intact"]) == (2, "alpha", True)
    assert (missing["tenant"], missing["intact"]) == (str(tenant_id), False)
    assert [fault["kind"] for fault in missing["faults"]] == kinds
    assert audit("seal").code == 0


def test_the_newest_events_are_listed(audit: Program) -> None:
    """The newest first, as many as are asked for; nobody's trail is told by its code."""
    run, nobody = audit("list", "alpha", "--limit", "1"), audit("list", "nope")

    (told,) = _lines(run)
    assert (told["act"], told["member"], told["subject"]) == ("use_roads", None, "road_graph")
    assert nobody.code == 2


def test_a_worker_seals_all_trails_every_minute(audit: Program, own: OwnDatabase, tmp_path: Path) -> None:
    """It is the first of what a worker does whether or not anybody asks for it."""
    chore = regular_chores(own.app, Vault(state_dir=tmp_path))[0]

    chore.do()

    assert chore.every_s == 60.0
    assert [line["anchored"] for line in _lines(audit("verify"))] == [2, 2]
