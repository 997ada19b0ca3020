"""How a terminal hears of a request that ended without a plan."""

import pytest
from support.companies import NOW, add_company, ask_for_plan, now
from support.databases import OwnDatabase

from geo_engine.cli.following import follow
from geo_engine.cli.tenants import OpenTenant
from geo_engine.db.session import RowConflict
from geo_engine.errors import Conflict, Forbidden, GeoEngineError, InvalidInput, NotFound, Unavailable
from geo_engine.ids import GraphKey
from geo_engine.planning.requests.attempts import fail_attempt
from geo_engine.planning.requests.solving import take_up
from geo_engine.planning.versions.model import NothingToPlan, PlanChanged, PlanScope
from geo_engine.roads import RoadChoice
from geo_engine.roads.opening import GraphMissing
from geo_engine.settings import read_settings
from geo_engine.tenancy.model import TeamNotFound
from geo_engine.words import Language, Message

FAILURES = [
    (GraphMissing(RoadChoice(key=GraphKey("0" * 16), extract_name="far.osm.pbf")), Unavailable),
    (PlanChanged(PlanScope(service_on=NOW.date())), Conflict),
    (RowConflict("uq_plan"), Conflict),
    (NothingToPlan(Message("Nobody works on {date}.", {"date": "2026-11-25"})), InvalidInput),
    (TeamNotFound("north"), NotFound),  # type: ignore[arg-type]
    (Forbidden(Message("Route")), Forbidden),
]


def test_a_failure_is_told_in_the_family_it_was_of(own: OwnDatabase) -> None:
    """Whoever waits is told by the exit code whether to change the input, look again or provide what is missing."""
    company = add_company(own.app, "acme", site_count=2)
    tenant = OpenTenant(database=own.app, tenant_id=company.tenant_id, settings=read_settings())

    for failure, family in FAILURES:
        request_id = ask_for_plan(own.app, company.tenant_id)
        attempt = take_up(own.app, company.tenant_id, request_id, now=now)
        assert attempt is not None
        fail_attempt(attempt, failure)

        with pytest.raises(GeoEngineError) as told:
            follow(tenant, request_id, Language.EN)

        assert type(told.value) is family
        assert told.value.render(Language.ZH_CN) == failure.render(Language.ZH_CN)
