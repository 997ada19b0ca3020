"""VROOM's interface by HTTP: whose key may solve, and how errors are told."""

import json
from datetime import timedelta
from typing import Any

import pytest
from support.companies import NOW
from support.pages import Pages, login_of
from support.tracked import WORKER, give_device
from werkzeug.test import TestResponse

from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.store import find_member_id
from geo_engine.workforce.service import link_member
from web.api import solving
from web.limits import LARGEST_PROBLEM_BYTES, limit_bytes

PROBLEM: dict[str, Any] = {
    "vehicles": [{"id": 7, "start": [116.39, 39.9], "steps": [{"type": "job", "id": 1}]}],
    "jobs": [{"id": 1, "location": [116.4, 39.91]}],
    "options": {"c": True},
}


@pytest.fixture
def key(own_pages: Pages) -> str:
    """Give the key of a device that a dispatcher wears."""
    database, tenant_id = own_pages.mine.database, own_pages.mine.tenant_id
    with database.bound(tenant_id) as session:
        member_id = find_member_id(session, login_of("dispatcher"))
        assert member_id is not None
        link_member(session, WORKER, member_id, by=OPERATOR, now=NOW)
    return str(give_device(database, tenant_id, worn_from=NOW - timedelta(days=1), name="system").key)


def send(pages: Pages, told: object, key: str | None) -> TestResponse:
    """Send a problem."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return pages.nobody().client.post("/api/v1/solve", data=json.dumps(told), headers=headers)


def test_a_problem_is_answered_on_the_companys_roads(own_pages: Pages, key: str) -> None:
    """By the key of whoever may plan: VROOM's answer."""
    answer = send(own_pages, PROBLEM, key)

    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["code"], answer.json["summary"]["routes"]) == (0, 1)


def test_whoever_shows_no_key_or_may_not_plan_is_refused_in_vrooms_words(own_pages: Pages) -> None:
    """A worker's phone reports its position, and solves nothing."""
    database, tenant_id = own_pages.mine.database, own_pages.mine.tenant_id
    phone = give_device(database, tenant_id, worn_from=NOW - timedelta(days=1), name="second")

    nobody, worker = send(own_pages, PROBLEM, None), send(own_pages, PROBLEM, str(phone.key))

    assert (nobody.status_code, worker.status_code) == (401, 403)
    assert nobody.headers["WWW-Authenticate"] == "Bearer"
    assert nobody.json is not None
    assert worker.json is not None
    assert nobody.json["code"] == worker.json["code"] == 2


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"jobs": []}, 422, 2),
        ({"jobs": [{"id": 1, "location": [116.4, 39.91], "time_windows": [[1]]}]}, 422, 2),
        ({"vehicles": [{**PROBLEM["vehicles"][0], "profile": "bike"}]}, 503, 3),
    ],
    ids=["nothing", "shape", "roads"],
)
def test_what_is_wrong_is_told_by_vrooms_codes(
    own_pages: Pages, key: str, changed: dict[str, Any], status: int, code: int
) -> None:
    """The family of the error by HTTP's status, VROOM's code in the body."""
    answer = send(own_pages, PROBLEM | changed, key)

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"], set(answer.json)) == (status, code, {"code", "error"})


def test_too_much_is_refused_before_it_is_worked_out(own_pages: Pages, key: str) -> None:
    """Bytes by the body's limit, places before their matrix."""
    jobs = [{"id": number, "location": [116.0 + number / 10_000, 39.9]} for number in range(solving.MOST_PLACES + 1)]

    many, large = send(own_pages, PROBLEM | {"jobs": jobs}, key), send(own_pages, "x" * LARGEST_PROBLEM_BYTES, key)

    assert (many.status_code, large.status_code) == (422, 413)
    assert large.json == {"code": 2, "error": "问题太大：最多接受 8 MB。"}
    assert limit_bytes(own_pages.app, "POST", "/api/v1/solve") == LARGEST_PROBLEM_BYTES


def test_one_company_solves_one_problem_at_a_time(own_pages: Pages, key: str) -> None:
    """Whoever asks beside it is told to come again; afterwards the seat is free."""
    with solving._SEATS.taken_by(own_pages.mine.tenant_id):  # noqa: SLF001 - as another request would
        busy = send(own_pages, PROBLEM, key)
    free = send(own_pages, PROBLEM, key)

    assert (busy.status_code, busy.headers["Retry-After"], free.status_code) == (503, "5", 200)
    assert busy.json is not None
    assert busy.json["code"] == 1
