"""`geo-engine tenant tracking` and `tracks erase`: the rule of a company, shown and changed, and a person erased."""

import json
import os

from support.companies import Company, add_bare_company
from support.databases import OwnDatabase
from support.program import Run, run_program

from geo_engine.audit.store import list_events


def _track(own: OwnDatabase, *options: str) -> Run:
    return run_program("tenant", "tracking", "alpha", *options, environment={**os.environ, "DATABASE_URL": own.url()})


def test_what_is_not_named_stays_as_it_is(own: OwnDatabase) -> None:
    """Each change prints the whole rule as one line; asking alone changes nothing and writes no trail."""
    tenant_id = add_bare_company(own.app, "alpha")

    runs = [
        _track(own),
        _track(own, "--attendance", "phone", "--retention", "180"),
        _track(own, "--gate", "always"),
        _track(own, "--gate", "always"),
    ]
    refused = _track(own, "--retention", "60")

    assert [json.loads(run.out) for run in runs] == [
        {"gate": "shift", "attendance": "none", "retention_days": 90},
        {"gate": "shift", "attendance": "phone", "retention_days": 180},
        {"gate": "always", "attendance": "phone", "retention_days": 180},
        {"gate": "always", "attendance": "phone", "retention_days": 180},
    ]
    assert refused.code == 2
    with own.app.bound(tenant_id) as session:
        assert [one.act for one in list_events(session)].count("set_tracking") == 2


def test_erasing_prints_the_proof(own: OwnDatabase, company: Company) -> None:
    """How many rows went of what, and that none is left, as one line; who is nobody is named."""
    environment = {**os.environ, "DATABASE_URL": own.url()}

    run = run_program("tracks", "erase", "alpha", "--worker", "W1", "--yes", environment=environment)
    nobody = run_program("tracks", "erase", "alpha", "--worker", "NOPE", "--yes", environment=environment)

    assert (nobody.code, nobody.out, nobody.err) == (2, "", "There is no worker NOPE.\n")
    told = json.loads(run.out)
    assert (run.code, told["worker"], told["deleted"]["fix"], told["deleted"]["device"]) == (0, "W1", 60, 1)
    assert set(told["left"].values()) == {0}
