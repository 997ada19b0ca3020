"""The field worker's page: one's own stops as published, what changed, and that it was read."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select
from support.companies import NOW, PASSWORD, SERVICE_ON, plan_company
from support.field_days import day_of, describe_site, publish_moves, stop_names, withdraw
from support.pages import Pages, Person, login_of

from geo_engine.db.session import Session
from geo_engine.planning.versions.rows import PublicationSeenRow
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.sign_in import set_password_of
from geo_engine.tenancy.store import find_member_id

DAY = f"/field?date={SERVICE_ON}"
HOSTILE = "<img src=x onerror=alert(1)>\nRing twice & wait"
LATER = NOW + timedelta(hours=1)


def _worker(pages: Pages) -> Person:
    return pages.person("worker")


def _names(page: str) -> list[str]:
    """Return the names of the stops on a page, in order."""
    return [unescape(name) for name in re.findall(r"<h2>(.*?)</h2>", page)]


def _changes(page: str) -> list[tuple[str, str]]:
    """Return each change on a page: what it is, and its words without markup."""
    found = re.findall(r'<li class="(added|removed|reordered|retimed)">(.*?)</li>', page, re.DOTALL)
    return [(kind, " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())) for kind, text in found]


def _notice(page: str) -> dict[str, str]:
    """Return what the button “Got it” sends."""
    (form,) = re.findall(r'<form method="post" action="/field/acknowledge">(.*?)</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    del fields["csrf_token"]
    return fields


def _open(pages: Pages) -> Person:
    """Open the list as a browser does, which tells that it was seen."""
    person = _worker(pages)
    (form,) = re.findall(r'<form id="opened"[^>]*>(.*?)</form>', person.get(DAY).text, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    del fields["csrf_token"]
    assert person.post("/field/acknowledge", **fields).status_code == 303
    return person


def test_the_order_and_times_are_those_published(pages: Pages) -> None:
    """Every stop stands once, numbered, with its time, and nothing of another worker or company."""
    day = day_of(pages.mine, "W2")

    page = _worker(pages).get(DAY).text

    times = re.findall(r'class="stop-time"><b>(.*?)</b>', page)
    clock = [
        [at.astimezone(day.zone).strftime("%H:%M") for at in (one.visit.start_at, one.visit.end_at)]
        for one in day.ordered_visits
    ]
    assert _names(page) == [stop.site.name for stop in day.ordered_visits]
    assert times == ["–".join(pair) for pair in clock]
    assert re.findall(r'class="stop-number">(\d+)<', page) == [str(stop.number) for stop in day.ordered_visits]
    assert "beta" not in page


def test_another_workers_stops_are_never_shown(own_pages: Pages) -> None:
    """A stop that went to a colleague is gone, and each sees one's own only; nobody can ask for another's."""
    moved = stop_names(own_pages.mine, "W2")[2]
    job_id = day_of(own_pages.mine, "W2").ordered_visits[2].visit.job_id
    publish_moves(own_pages.mine, [(job_id, "W1", None)])

    page = _worker(own_pages).get(f"{DAY}&worker=W1&worker_id=W1").text
    colleagues = _colleague(own_pages).get(f"{DAY}&worker=W2&worker_id=W2").text

    assert _names(page) == stop_names(own_pages.mine, "W2")
    assert moved not in _names(page)
    assert _names(colleagues) == stop_names(own_pages.mine, "W1") == [moved]


def _colleague(pages: Pages) -> Person:
    """Return the member who is W1 and reads Chinese, signed in."""
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        set_password_of(session, "w1@alpha", PASSWORD, by=OPERATOR, now=NOW)
    someone = pages.nobody()
    someone.post("/sign-in", company="alpha", login="w1@alpha", password=PASSWORD)
    return someone


def test_notes_and_names_are_shown_and_never_run(own_pages: Pages) -> None:
    """Markup in names, addresses, notes and phones is text, lines of notes are kept, and only numbers are dialled."""
    describe_site(
        own_pages.mine, "S001", name=HOSTILE, notes=HOSTILE, address=HOSTILE, phone='"><script>1</script> 139 0000 1111'
    )

    page = _worker(own_pages).get(DAY).text

    assert "<img" not in page
    assert "<script>1" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;\nRing twice &amp; wait</p>") == 2
    assert re.findall(r'href="(tel:[^"]*)"', page) == ["tel:13900001111"]


def test_without_a_phone_there_is_no_call(pages: Pages) -> None:
    """Where nobody can be called there is no button that does nothing; each stop can be navigated to."""
    page = _worker(pages).get(DAY).text

    assert "tel:" not in page
    assert page.count("https://uri.amap.com/") == len(_names(page)) + 1  # the route's end as well


def test_the_first_list_of_a_day_is_no_change(pages: Pages) -> None:
    """What was never otherwise is not told as changed."""
    assert "Got it" not in _worker(pages).get(DAY).text


def test_a_second_publication_is_told_as_a_difference(own_pages: Pages) -> None:
    """A stop given away is named as removed, one moved to the front as moved, and those at other times with both."""
    before = day_of(own_pages.mine, "W2").ordered_visits
    lost, last = before[1].visit.job_id, before[-1].visit.job_id
    person = _open(own_pages)
    publish_moves(own_pages.mine, [(lost, "W1", None), (last, "W2", 1)], now=LATER)
    now_first = day_of(own_pages.mine, "W2").ordered_visits[0]

    page = person.get(DAY).text

    assert "Changed at 17:00" in page
    changes = _changes(page)
    assert [text for kind, text in changes if kind == "removed"] == [
        f"Removed {_clock(own_pages, before[1])} {before[1].site.name}"
    ]
    (moved,) = [text for kind, text in changes if kind == "reordered"]
    assert moved == (
        f"Other order before: {_clock(own_pages, before[-1])} → now: {_clock(own_pages, now_first)} "
        f"{before[-1].site.name} no. {len(before)} → no. 1"
    )
    assert f"<s>{_clock(own_pages, before[-1])}</s>" in page


def _clock(pages: Pages, stop) -> str:  # noqa: ANN001
    return stop.visit.start_at.astimezone(day_of(pages.mine, "W2").zone).strftime("%H:%M")


def test_got_it_is_kept_for_the_member_and_the_change_is_told_no_more(own_pages: Pages) -> None:
    """After the button the list stands without changes; a further change is told against what was read."""
    first, second = (stop.visit.job_id for stop in day_of(own_pages.mine, "W2").ordered_visits[:2])
    person = _open(own_pages)
    publish_moves(own_pages.mine, [(first, "W1", None)], now=LATER)
    notice = _notice(person.get(DAY).text)

    answer, again = (person.post("/field/acknowledge", **notice) for _ in range(2))
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        kept = [str(row.plan_id) for row in _seen(own_pages, session)]
    after = person.get(DAY).text
    publish_moves(own_pages.mine, [(second, "W1", None)], now=LATER + timedelta(hours=1))
    later = person.get(DAY).text

    assert (answer.status_code, answer.location) == (303, DAY)
    assert again.status_code == 303
    assert sorted(kept) == sorted([str(own_pages.mine.plan_id), notice["plan_id"]])
    assert "Got it" not in after
    assert [kind for kind, _ in _changes(later) if kind in {"added", "removed"}] == ["removed"]


def _seen(pages: Pages, session: Session) -> list[PublicationSeenRow]:
    member_id = find_member_id(session, login_of("worker"))
    query = select(PublicationSeenRow).where(PublicationSeenRow.member_id == member_id)
    return list(session.scalars(query))


def test_two_changes_in_a_row_are_told_as_one(own_pages: Pages) -> None:
    """Whoever did not read the first sees all that is different from the list before it."""
    person = _open(own_pages)
    jobs = [stop.visit.job_id for stop in day_of(own_pages.mine, "W2").ordered_visits[:2]]
    for job_id in jobs:
        publish_moves(own_pages.mine, [(job_id, "W1", None)])

    page = person.get(DAY).text

    assert [kind for kind, _ in _changes(page) if kind in {"added", "removed"}] == ["removed", "removed"]


def test_a_withdrawn_plan_is_told_and_can_be_acknowledged(own_pages: Pages) -> None:
    """The worker reads that there are no stops any more; once read, the day is as one without a route."""
    withdraw(own_pages.mine, now=LATER)
    person = _worker(own_pages)

    page = person.get(DAY).text
    person.post("/field/acknowledge", **_notice(page))
    after = person.get(DAY).text

    assert "The plan was withdrawn" in page
    assert "At 17:00 your dispatcher took it back" in page
    assert _changes(page) == []
    assert "The plan was withdrawn" not in after
    assert "No route is published for this day" in after


def test_a_day_that_went_to_others_is_told(own_pages: Pages) -> None:
    """Whoever has no stop left reads which were taken, not that the plan is gone."""
    names = stop_names(own_pages.mine, "W2")
    moves = [(stop.visit.job_id, "W1", None) for stop in day_of(own_pages.mine, "W2").ordered_visits]
    publish_moves(own_pages.mine, moves)

    page = _worker(own_pages).get(DAY).text

    assert "You have no stops on this day any more." in page
    assert [kind for kind, _ in _changes(page)] == ["removed"] * len(names)
    assert "withdrawn" not in page


@pytest.mark.parametrize(
    "wrong",
    [{"plan_id": "x"}, {"number": "7"}, {"is_end": "yes"}, {"date": "2026-11-26"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_was_never_told_cannot_be_acknowledged(own_pages: Pages, wrong: dict[str, str]) -> None:
    """No receipt is kept for another plan, another publication, an end that did not come or another day."""
    notice = {"date": SERVICE_ON.isoformat(), "plan_id": str(own_pages.mine.plan_id), "number": "1", "is_end": "no"}

    answer = _worker(own_pages).post("/field/acknowledge", **{**notice, **wrong})

    assert answer.status_code == 404
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        assert _seen(own_pages, session) == []


def test_a_day_without_a_route_says_what_comes_next(pages: Pages) -> None:
    """The page is not bare: a worker is told to wait, and somebody who is none is told why there is nothing."""
    worker, administrator = _worker(pages), pages.person("administrator")

    assert "As soon as your dispatcher publishes it" in worker.get("/field?date=2030-01-01").text
    assert f'href="/field?date={SERVICE_ON}"' in worker.get("/field?date=2026-11-01").text
    assert "You are linked to no worker" in administrator.get(DAY).text


def test_a_date_that_is_none_is_told_in_words(pages: Pages) -> None:
    """The page of an error says what was wrong, in the reader's language."""
    answer = _worker(pages).get("/field?date=tomorrow")

    assert answer.status_code == 422
    assert "“tomorrow” is not a date such as 2026-11-24." in answer.text


def test_breaks_and_the_way_back_stand_in_their_places(own_pages: Pages) -> None:
    """W1 has lunch: it stands between leaving and being back, with its times, after the stops that begin before it."""
    jobs = [stop.visit.job_id for stop in day_of(own_pages.mine, "W2").ordered_visits if not stop.site.skills]
    for job_id in jobs:
        describe_site(own_pages.mine, job_id, service_s=3600)
    plan_company(own_pages.mine.database, own_pages.mine.tenant_id)
    publish_moves(own_pages.mine, [(job_id, "W1", None) for job_id in jobs])
    day = day_of(own_pages.mine, "W1")
    (rest,) = day.route.breaks

    page = _colleague(own_pages).get(DAY).text

    order = re.findall(r'<li class="(waypoint(?: break| end)?|panel-card stop[^"]*)"', page)
    earlier = sum(stop.visit.start_at < rest.start_at for stop in day.ordered_visits)
    assert order[0] == "waypoint"
    assert order.index("waypoint break") == 1 + earlier
    assert order[-1] == "waypoint end"
    assert f"{rest.start_at.astimezone(day.zone):%H:%M}–{rest.end_at.astimezone(day.zone):%H:%M}" in page
    assert "返回路线起点" in page


def test_a_shared_password_is_no_way_to_anothers_day(pages: Pages) -> None:
    """Signed in at the other company, the same name sees that company's stops."""
    someone = pages.nobody()
    someone.post("/sign-in", company="beta", login=login_of("worker"), password=PASSWORD)

    names = _names(someone.get(DAY).text)

    assert names == stop_names(pages.other, "W2")
    assert not set(names) & set(stop_names(pages.mine, "W2"))
