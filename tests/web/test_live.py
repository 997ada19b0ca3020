"""Where people are, as the map asks for it: all, who moved, or nothing; of whoever one may see."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from support.companies import PASSWORD, SERVICE_ON, SOUTH
from support.pages import Pages, Person
from support.tracked import HERE, ON_SHIFT, Tracked, fix_at, give_device

from geo_engine.geometry import Position
from geo_engine.ids import WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tenancy.sign_in import set_password_of
from geo_engine.tracks.ingest import Ingest

A_MINUTE = timedelta(minutes=1)
NOW = ON_SHIFT + 5 * A_MINUTE
COLLEAGUE = WorkerId("W2")
FIGURES = {"accuracy_m": 12.5, "speed_mps": 8.25, "heading_deg": 90.0, "battery_percent": 17.0}


@pytest.fixture
def now_pages(own_pages: Pages) -> Pages:
    """Give the pages as they are while a worker of the northern team reports."""
    return own_pages.with_other(now=NOW)


def _report(pages: Pages, tracked: Tracked, at: datetime, position: Position = HERE, **figures: float) -> None:
    arrival = tracked.arrival(fix_at(at, position, **figures), received_at=at + timedelta(seconds=2))
    Ingest(pages.mine.database).commit([arrival], now=at)


def _colleague(pages: Pages) -> Tracked:
    """Give the worker of the southern team a device that is listened to at all times."""
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=NOW)
    return give_device(pages.mine.database, pages.mine.tenant_id, COLLEAGUE, worn_from=ON_SHIFT - A_MINUTE)


def _workers(person: Person, query: str = "") -> list[str]:
    return [one["worker"] for one in person.get(f"/live{query}").json["positions"]]


def test_a_position_is_told_with_all_that_is_known_of_it(now_pages: Pages) -> None:
    """Whose and where it is, when it held and came, how good it is, and whether the worker is on shift now."""
    tracked = _colleague(now_pages)
    _report(now_pages, tracked, ON_SHIFT, Position(116.3512345678, 39.95), **FIGURES)

    answer = now_pages.person("dispatcher").get("/live")

    told = [one for one in answer.json["positions"] if one["worker"] == COLLEAGUE]
    assert told == [
        {
            "device": str(tracked.device_id),
            "worker": COLLEAGUE,
            "name": "Li alpha",
            "tracked_at": ON_SHIFT.isoformat(),
            "received_at": (ON_SHIFT + timedelta(seconds=2)).isoformat(),
            "lon": 116.351235,
            "lat": 39.95,
            "on_shift": True,
            **FIGURES,
        }
    ]
    assert answer.json["now"] == NOW.isoformat()
    assert answer.headers["Cache-Control"] == "no-store"


def test_when_nothing_moved_the_answer_is_empty(now_pages: Pages) -> None:
    """304 and no byte; after the next report only who reported is told."""
    tracked = _colleague(now_pages)
    dispatcher = now_pages.person("dispatcher")
    first = dispatcher.get("/live").json

    nothing = dispatcher.get(f"/live?since={first['cursor']}")
    _report(now_pages, tracked, ON_SHIFT + A_MINUTE)
    second = dispatcher.get(f"/live?since={first['cursor']}").json

    assert [one["worker"] for one in first["positions"]] == ["W1"]
    assert (nothing.status_code, nothing.data) == (304, b"")
    assert [one["worker"] for one in second["positions"]] == [COLLEAGUE]


def test_what_commits_late_is_told_though_number_and_newest_are_the_same(now_pages: Pages) -> None:
    """A transaction that began before all others writes one of two positions again: only which one it was differs."""
    tracked, dispatcher = _colleague(now_pages), now_pages.person("dispatcher")
    other = give_device(now_pages.mine.database, now_pages.mine.tenant_id, COLLEAGUE, worn_from=ON_SHIFT - A_MINUTE)
    first = dispatcher.get("/live").json["cursor"]
    with now_pages.mine.database.bound(now_pages.mine.tenant_id) as session:
        session.execute(text("select pg_current_xact_id()"))
        for device in (tracked, other):
            _report(now_pages, device, ON_SHIFT + A_MINUTE)
        second = dispatcher.get(f"/live?since={first}").json["cursor"]
        write = "update device_live set changed_in = pg_current_xact_id()::text::bigint where device_id = :device"
        session.execute(text(write), {"device": tracked.device_id})

    answer = dispatcher.get(f"/live?since={second}")

    assert answer.status_code == 200
    assert str(tracked.device_id) in {one["device"] for one in answer.json["positions"]}


def test_a_cursor_of_nobody_is_refused(now_pages: Pages) -> None:
    """In words, also to a script."""
    answer = now_pages.person("dispatcher").get("/live?since=yesterday", Accept="application/json")

    assert answer.status_code == 422
    assert answer.json["title"] == "This is no cursor of an earlier answer."


def test_what_is_half_a_day_old_is_told_no_more(now_pages: Pages) -> None:
    """Where a device was then is where nobody is."""
    hours = (timedelta(hours=12, minutes=57), timedelta(hours=13, minutes=3))  # since the last fix, an hour later

    near, far = (now_pages.with_other(now=ON_SHIFT + age).person("dispatcher") for age in hours)

    assert _workers(near) == ["W1"]
    assert _workers(far) == []


def test_whoever_is_in_a_team_sees_the_teams_people(now_pages: Pages) -> None:
    """A southern dispatcher sees nobody of the north, asked for or not; who sees all can ask for one team."""
    _report(now_pages, _colleague(now_pages), ON_SHIFT)
    everybody, southern = now_pages.person("dispatcher"), now_pages.signed_in("shared@example.com")

    assert _workers(everybody) == ["W1", "W2"]
    assert _workers(everybody, "?team=north") == ["W1"]
    assert _workers(southern) == _workers(southern, f"?team={SOUTH}") == ["W2"]
    assert southern.get("/live?team=north").status_code == 403
    assert everybody.get("/live?team=nobody").status_code == 404


def test_workers_do_not_see_each_other(now_pages: Pages) -> None:
    """A worker's own positions are not on this map, nor a colleague's."""
    assert now_pages.person("worker").get("/live").status_code == 403


def test_a_shift_that_is_begun_or_ended_is_told_at_once(now_pages: Pages) -> None:
    """Nobody moved, and the next answer says that the worker is off shift."""
    cursor = now_pages.person("dispatcher").get("/live").json["cursor"]
    dispatcher = now_pages.with_other(now=NOW + timedelta(seconds=5)).person("dispatcher")

    _worker(now_pages).post("/field/shift/end")

    told = dispatcher.get(f"/live?since={cursor}").json["positions"]
    assert [(one["worker"], one["on_shift"]) for one in told] == [("W1", False)]


def _worker(pages: Pages) -> Person:
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        set_password_of(session, "w1@alpha", PASSWORD, by=OPERATOR, now=NOW)
    return pages.signed_in("w1@alpha")


def test_the_map_asks_only_on_the_very_day(now_pages: Pages) -> None:
    """The page of today says where to ask, for the team that is shown; another day's page does not."""
    dispatcher = now_pages.person("dispatcher")

    today = dispatcher.get(f"/dispatch?date={SERVICE_ON}&team={SOUTH}").text
    tomorrow = dispatcher.get(f"/dispatch?date={SERVICE_ON + timedelta(days=1)}").text

    assert '"live":{"url":"/live?team=south","company":"alpha"}' in today.replace(" ", "")
    assert '"live":null' in tomorrow.replace(" ", "")
