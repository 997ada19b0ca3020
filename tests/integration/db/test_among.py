"""Questions about more ids than a statement has parameters."""

from collections.abc import Callable, Collection
from uuid import UUID

import pytest
from support.companies import NOW, SOUTH, Company
from support.databases import OwnDatabase
from support.tracked import WORKER, give_device

from geo_engine.customers import store as customers
from geo_engine.db.session import Session
from geo_engine.ids import DeviceId, SiteId, TeamId, WorkerId
from geo_engine.tenancy import store as tenancy
from geo_engine.tenancy.model import TeamNotFound
from geo_engine.workforce import device_store as devices
from geo_engine.workforce import store as workforce

MANY = [f"M{number}" for number in range(70_000)]

QUESTIONS: dict[str, tuple[Callable[[Session, list[str]], Collection[object]], str]] = {
    "sites": (lambda s, ids: customers.get_sites(s, map(SiteId, ids)), "S001"),
    "sites of teams": (lambda s, ids: customers.list_sites(s, team_ids=map(TeamId, ids))[:1], SOUTH),
    "teams of sites": (lambda s, ids: customers.find_teams(s, map(SiteId, ids)), "S001"),
    "workers": (lambda s, ids: workforce.get_workers(s, map(WorkerId, ids)), "W1"),
    "workers of teams": (lambda s, ids: workforce.list_workers(s, team_ids=map(TeamId, ids)), SOUTH),
    "teams of workers": (lambda s, ids: workforce.find_teams(s, map(WorkerId, ids)), "W1"),
}

DEVICES = [DeviceId(UUID(int=number)) for number in range(70_000)]
SECRETS = [number.to_bytes(32) for number in range(70_000)]


def test_any_number_of_ids_can_be_asked_for(own: OwnDatabase, company: Company) -> None:
    """Among 70,000 ids the one that is known is found, whatever is asked for."""
    with own.app.bound(company.tenant_id) as session:
        counts = {name: len(ask(session, [*MANY, known])) for name, (ask, known) in QUESTIONS.items()}
        with pytest.raises(TeamNotFound):
            tenancy.require_teams(session, map(TeamId, [*MANY, SOUTH]))

    assert counts == dict.fromkeys(QUESTIONS, 1)


def test_any_number_of_devices_and_keys_can_be_asked_for(own: OwnDatabase, company: Company) -> None:
    """The one that is known is found by its id, its name, its key and who wears it."""
    known = give_device(own.app, company.tenant_id, worn_from=NOW, name="mine")
    ids, secrets = [*DEVICES, known.device_id], [*SECRETS, known.key.secret_hash]
    workers, names = [*map(WorkerId, MANY), WORKER], [*MANY, "mine"]

    with own.app.bound(company.tenant_id) as session:
        holding = devices.find_holding(session, ids, now=NOW)
        keys = devices.find_keys(session, secrets, now=NOW)
        called = devices.find_names(session, ids)
        named = devices.find_named(session, "owntracks", names, now=NOW)
        worn = devices.list_wearings(session, earliest_at=NOW, latest_at=NOW, device_ids=ids, worker_ids=workers)
        deleted = devices.delete_unworn_devices(session, ids)

    assert holding == set(called) == {key.device_id for key in keys.values()} == {known.device_id}
    assert [one.device_id for one in (*named.values(), *worn)] == [known.device_id] * 2
    assert deleted == 0
